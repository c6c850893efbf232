"""Finding every object of a frame of 20,000 x 20,000 pixels: time, memory, labels as they come.

    python benchmarks/large_automatic.py [--side 20000] [--mode instances] [--threads 1]

The frame is made of the packaged fluorescence sample, tile by tile as it is read. Labels are
written to a zarr array as objects come out, and counted there at the end. Memory is the peak of
this process, which does nothing else; what it took before the first window is told apart.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import zarr
from pages import add_out, report
from peak_memory import high_water
from rich.console import Console
from tabulated import table

CHUNK = 1024


class Tiled:
    """A sample, repeated and mirrored so that it goes on smoothly; made when it is read."""

    def __init__(self, sample: np.ndarray, side: int) -> None:
        self.shape, self.dtype, self.chunks = (side, side), sample.dtype, (512, 512)
        wide = np.concatenate([sample, sample[:, ::-1]], axis=1)
        self._period = np.concatenate([wide, wide[::-1]], axis=0)

    def __getitem__(self, box: tuple[slice, slice]) -> np.ndarray:
        """The pixels of a box."""
        rows, cols = (
            np.arange(*part.indices(length)) for part, length in zip(box, self.shape, strict=True)
        )
        height, width = self._period.shape
        return self._period.take(rows % height, axis=0).take(cols % width, axis=1)


def options_of(mode: str) -> object:
    """How everything is looked for."""
    from napari_cutout.segment.automatic.instances.options import InstanceOptions
    from napari_cutout.segment.automatic.seeds.options import SeedOptions
    from napari_cutout.segment.automatic.windowed.options import InWindows

    return {"instances": InstanceOptions, "seeds": SeedOptions, "grid": InWindows}[mode]()


def write(labels: zarr.Array, objects: tuple, first: int) -> int:
    """Write objects into the array, each in its box; the next label."""
    for label, one in enumerate(objects, first):
        row0, col0, row1, col1 = one.box
        place = (slice(row0, row1 + 1), slice(col0, col1 + 1))
        there = labels[place]
        there[one.decode() & (there == 0)] = label
        labels[place] = there
    return first + len(objects)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=20_000)
    parser.add_argument("--mode", choices=("instances", "seeds", "grid"), default="instances")
    parser.add_argument("--threads", type=int, default=1)
    add_out(parser)
    arguments = parser.parse_args()

    import torch

    from napari_cutout.sample_data import fluorescence
    from napari_cutout.segment import LazyFrame, Segmenter
    from napari_cutout.segment.automatic.everything import find_everything

    torch.set_num_threads(arguments.threads)
    segmenter = Segmenter("compact")
    side = arguments.side
    frame = LazyFrame([Tiled(fluorescence(), side)])
    segmenter.everything(fluorescence(), options_of("instances"))
    before = high_water()
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "labels.zarr"
        labels = zarr.create_array(store, shape=(side, side), chunks=(CHUNK, CHUNK), dtype="u4")
        begun, next_label, most_open, first_out = time.perf_counter(), 1, 0, None
        embedding = segmenter.encode(frame)
        for step in find_everything(segmenter, embedding, options_of(arguments.mode)):
            next_label = write(labels, step.objects, next_label)
            most_open = max(most_open, len(step.tentative))
            if step.objects and first_out is None:
                first_out = time.perf_counter() - begun
            most = f"{high_water() / 1e6:.0f} MB"
            told = f"{step.done}/{step.total}: {next_label - 1} objects, peak {most}"
            console.print(told, style="dim")
        taken, used = time.perf_counter() - begun, high_water()
        written = sum(
            len(np.setdiff1d(np.unique(labels[row : row + CHUNK]), seen))
            for row, seen in _rows_with_seen(labels, side)
        )
    title = f"compact, {arguments.mode}, {side:,} x {side:,} pixels, {arguments.threads} threads"
    figures = {
        "threads": str(arguments.threads),
        "objects": f"{next_label - 1:,}",
        "labels written": f"{written:,}",
        "time (s)": f"{taken:.0f}",
        "s per 1,024²": f"{taken / (side / 1024) ** 2:.2f}",
        "first objects (s)": "-" if first_out is None else f"{first_out:.1f}",
        "most open": f"{most_open:,}",
        "peak (MB)": f"{used / 1e6:.0f}",
        "before (MB)": f"{before / 1e6:.0f}",
    }
    told = table(title, list(figures), [list(figures.values())])
    report(__file__, __doc__, [told], arguments.out)


def _rows_with_seen(labels: zarr.Array, side: int):
    """The first row of each band, and the labels that were counted in the band above."""
    seen = np.zeros(1, labels.dtype)
    for row in range(0, side, CHUNK):
        yield row, seen
        seen = np.append(np.unique(labels[row : row + CHUNK]), 0)


if __name__ == "__main__":
    main()
