"""What a click costs in a frame of 100,000 x 100,000 pixels, beside one of 1,024 x 1,024.

    python benchmarks/large_frame.py [--model compact] [--clicks 12] [--threads 1]

The large frame is computed tile by tile as it is read, once with the levels of a pyramid and once
at full resolution only. Times are medians of one run in which the frames take turns: the first
click at a place (a window is read and encoded) and another one in the same window. Memory is the
peak of a process that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time

import numpy as np
from pages import add_out, report
from peak_memory import high_water, in_own_process
from tabulated import table
from turns import ratio, spread

SIDE, SMALL = 100_000, 1024
PERIOD, SPACING, RADIUS = 2560, 160, 30.0
LARGE_OBJECT = (37_000.0, 61_000.0, 6_000.0)
LARGE_AREA = np.pi * LARGE_OBJECT[2] ** 2
FRAMES = ("small", "pyramid", "single")
NAMES = {
    "small": f"{SMALL:,}², numpy",
    "pyramid": f"{SIDE:,}², pyramid",
    "single": f"{SIDE:,}², one resolution",
}
HEADINGS = (
    "frame",
    "ready (s)",
    "first click (s)",
    "times the small one's",
    "next click (s)",
    "times the small one's next",
    "mask (px)",
    "peak (MB)",
    "of which frame (MB)",
    "box of 12,000² (s)",
    "found",
    "peak then (MB)",
)


class Cells:
    """Bright discs on a lattice, and one far larger, on a noisy ground: uint16, made when read."""

    def __init__(self, side: int, factor: int = 1) -> None:
        self.shape, self.chunks, self.dtype = (side // factor,) * 2, (512, 512), np.dtype(np.uint16)
        self._factor = factor
        at = (np.arange(PERIOD) % SPACING - (SPACING - 1) / 2) ** 2
        away = np.sqrt(at[:, None] + at) - RADIUS
        noise = np.random.default_rng(0).normal(0, 60, away.shape)
        pattern = 500 + 3000 / (1 + np.exp(np.clip(away, -30, 30))) + noise
        blocks = pattern.reshape(PERIOD // factor, factor, PERIOD // factor, factor)
        self._pattern = blocks.mean(axis=(1, 3)).astype(np.uint16)
        self._large = np.array(LARGE_OBJECT) / factor if side == SIDE else None

    def __getitem__(self, box: tuple[slice, slice]) -> np.ndarray:
        """The pixels of a box."""
        rows, cols = (
            np.arange(*part.indices(length)) for part, length in zip(box, self.shape, strict=True)
        )
        period = len(self._pattern)
        pixels = self._pattern.take(rows % period, axis=0).take(cols % period, axis=1)
        if self._large is not None:
            row, col, radius = self._large
            if abs(rows - row).min() < radius and abs(cols - col).min() < radius:
                pixels[np.hypot(rows[:, None] - row, cols - col) < radius] = 6000
        return pixels


def frame_of(name: str) -> object:
    """The frame of a name, as a segmenter takes it."""
    from napari_cutout.segment import LazyFrame

    if name == "small":
        return Cells(SMALL)[:, :]
    factors = [2**level for level in range(8)] if name == "pyramid" else [1]
    return LazyFrame([Cells(SIDE, factor) for factor in factors])


def places(name: str, count: int) -> list[tuple[float, float]]:
    """Middles of discs, spread over the frame."""
    side = SMALL if name == "small" else SIDE
    last = side // SPACING - 1
    rng = np.random.default_rng(1)
    cells = rng.integers(1, last, (count, 2))
    return [(row, col) for row, col in (cells * SPACING + (SPACING - 1) / 2).tolist()]


def ask(segmenter, embedding, **prompt) -> tuple[float, int]:
    """Seconds from the prompt to the mask in its box, and its pixels."""
    from napari_cutout.segment import Prompts

    begun = time.perf_counter()
    mask, _ = segmenter.predict(embedding, Prompts(**prompt)).crop()
    return time.perf_counter() - begun, int(mask.sum())


def prepare(model: str, threads: int):
    """The segmenter, warmed up."""
    import torch

    from napari_cutout.segment import Prompts, Segmenter

    torch.set_num_threads(threads)
    segmenter = Segmenter(model)
    warm = segmenter.encode(np.random.default_rng(0).integers(0, 99, (700, 700), dtype=np.uint8))
    segmenter.predict(warm, Prompts(points=[[300, 300]]))
    return segmenter


def times(model: str, clicks: int, threads: int) -> dict[str, dict[str, list[float]]]:
    """Seconds of each click, the frames taking turns."""
    segmenter = prepare(model, threads)
    embeddings, ready = {}, {}
    for name in FRAMES:
        frame = frame_of(name)
        begun = time.perf_counter()
        embeddings[name] = segmenter.encode(frame)
        ready[name] = time.perf_counter() - begun
    found: dict[str, dict[str, list[float]]] = {name: {"first": [], "next": []} for name in FRAMES}
    for turn in range(clicks):
        for name in FRAMES:
            segmenter.cache.clear()
            row, col = places(name, clicks)[turn]
            found[name]["first"].append(ask(segmenter, embeddings[name], points=[(row, col)])[0])
            found[name]["next"].append(
                ask(segmenter, embeddings[name], points=[(row + 3, col - 2)])[0]
            )
    return {name: {"ready": [ready[name]], **kinds} for name, kinds in found.items()}


def memory(name: str, model: str, clicks: int, threads: int) -> dict[str, float]:
    """Peak memory in MB of this process after clicks all over the frame, and a very large box."""
    segmenter = prepare(model, threads)
    before = peak()
    embedding = segmenter.encode(frame_of(name))
    pixels = [ask(segmenter, embedding, points=[place])[1] for place in places(name, clicks)]
    result = {"before": before, "clicks": peak(), "pixels": statistics.median(pixels)}
    if name != "small":
        row, col, radius = LARGE_OBJECT
        box = (row - radius, col - radius, row + radius, col + radius)
        seconds, area = ask(segmenter, embedding, box=box)
        result |= {"large": peak(), "large_seconds": seconds, "large_pixels": area}
    return result


def peak() -> float:
    """Peak resident memory of this process in MB."""
    return high_water() / 1e6


def in_process_of_its_own(name: str, arguments: argparse.Namespace) -> dict[str, float]:
    """Run :func:`memory` where nothing else has taken any."""
    command = ["--memory-of", name, "--model", arguments.model]
    command += ["--clicks", str(arguments.clicks), "--threads", str(arguments.threads)]
    return in_own_process(__file__, *command)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="compact")
    parser.add_argument("--clicks", type=int, default=12)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--memory-of", choices=FRAMES, help=argparse.SUPPRESS)
    add_out(parser)
    arguments = parser.parse_args()
    if arguments.memory_of:
        found = memory(arguments.memory_of, arguments.model, arguments.clicks, arguments.threads)
        sys.stdout.write(json.dumps(found) + "\n")
        return
    taken = times(arguments.model, arguments.clicks, arguments.threads)
    title = f"{arguments.model}, {arguments.clicks} places, {arguments.threads} threads"
    rows = [
        (NAMES[name], *clicks_of(taken[name], taken["small"]), *memory_of(name, arguments))
        for name in FRAMES
    ]
    report(__file__, __doc__, [table(title, HEADINGS, rows)], arguments.out)


def clicks_of(row: dict[str, list[float]], base: dict[str, list[float]]) -> list[str]:
    """The cells of the first click at a place and of the next, beside those in the small frame."""
    cells = [f"{row['ready'][0]:.2f}"]
    for kind in ("first", "next"):
        cells += [spread(row[kind], 3), ratio(row[kind], base[kind])]
    return cells


def memory_of(name: str, arguments: argparse.Namespace) -> list[str]:
    """The cells of memory and of the very large box."""
    used = in_process_of_its_own(name, arguments)
    cells = [f"{used[kind]:.0f}" for kind in ("pixels", "clicks")]
    cells.append(f"{used['clicks'] - used['before']:.0f}")
    if "large" not in used:
        return [*cells, "", "", ""]
    found = used["large_pixels"] / LARGE_AREA
    return [*cells, f"{used['large_seconds']:.1f}", f"{found:.0%}", f"{used['large']:.0f}"]


if __name__ == "__main__":
    main()
