"""How fast this machine can be: matrix products in each precision, and memory, by threads.

    python benchmarks/limits.py [--rounds 5] [--size 2048]

A product of two square matrices, the fastest of torch's and oneDNN's with packed weights, and a
copy that is too large for the caches. The best round counts, as a limit is what can be had. Other
benchmarks ask the same in their own run.
"""

from __future__ import annotations

import argparse
from functools import partial

import torch
from pages import add_out, report
from tabulated import Table, table
from torch.nn import functional as F
from turns import timed

from napari_cutout.sam.cores import cores
from napari_cutout.sam.onednn import PackedLinear

SIZE = 2048
COPIED = 2**28
"""Bytes."""


def product_speed(dtype: torch.dtype, size: int = SIZE, rounds: int = 3) -> float:
    """Multiplications and additions a second, of ``(size, size)`` by ``(size, size)``."""
    left, right = (torch.randn(size, size).to(dtype) for _ in range(2))
    ways = [partial(F.linear, left, right), partial(PackedLinear(right), left)]
    for way in ways:
        way()
    return 2 * size**3 / min(timed(way) for way in ways for _ in range(rounds))


def memory_speed(size: int = COPIED, rounds: int = 3) -> float:
    """Bytes a second that are read and written when memory is copied."""
    source = torch.ones(size, dtype=torch.uint8)
    target = torch.zeros_like(source)
    return 2 * size / min(timed(partial(target.copy_, source)) for _ in range(rounds))


@torch.no_grad()
def limit(size: int = SIZE // 2, rounds: int = 3) -> str:
    """One sentence for the notes of a table that was measured in the same run."""
    speeds = [product_speed(dtype, size, rounds) for dtype in (torch.float32, torch.bfloat16)]
    return (
        f"The limit in the same run, {torch.get_num_threads()} threads: matrix products with "
        f"{speeds[0] / 1e9:.0f} GFLOP/s in float32 and {speeds[1] / 1e9:.0f} in bfloat16, memory "
        f"copied with {memory_speed(rounds=rounds) / 1e9:.1f} GB/s."
    )


@torch.no_grad()
def measure(size: int, rounds: int) -> Table:
    """One row for each number of threads."""
    before, rows = torch.get_num_threads(), []
    for threads in sorted({1, *(2**n for n in range(10) if 2**n < cores()), cores()}):
        torch.set_num_threads(threads)
        exact, rounded = (
            product_speed(dtype, size, rounds) for dtype in (torch.float32, torch.bfloat16)
        )
        copied = memory_speed(rounds=rounds)
        rows.append(
            (
                str(threads),
                f"{exact / 1e9:.0f}",
                f"{rounded / 1e9:.0f}",
                f"{rounded / exact:.1f}",
                f"{copied / 1e9:.1f}",
            )
        )
    torch.set_num_threads(before)
    heads = ("threads", "float32, GFLOP/s", "bfloat16, GFLOP/s", "ratio", "memory, GB/s")
    return table(f"Products of {size} x {size}, the best of {rounds}", heads, rows)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", type=int, default=SIZE)
    add_out(parser)
    given = parser.parse_args()
    report(__file__, __doc__, [measure(given.size, given.rounds)], given.out)


if __name__ == "__main__":
    main()
