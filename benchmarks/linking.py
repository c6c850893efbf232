"""How long linking takes, and how often it is wrong, beside plain overlap.

    python benchmarks/linking.py [--rounds 3] [--frames 500] [--objects 1000] [--labels FOLDER]

Blobs wander about and divide. Frames are drawn before they are linked, some fifty of them, which
are then gone through forth and back until there are enough; drawing isn't counted. Linking and
plain overlap take turns frame by frame. Printed are medians of the rounds; the bar for 500 frames
of 1,000 objects is 60 seconds on two cores. Then errors: links that are there and were not found,
and the other way round, with what goes wrong in labels put in by chance. With ``--labels`` those
of a folder of label images, too, whose ids are the same for the same object in all of them.
"""

from __future__ import annotations

import argparse
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING

import numpy as np
from pages import add_out, report
from tabulated import Table, table
from turns import spread

from napari_cutout.evaluate.sequences.linking import linking_report
from napari_cutout.evaluate.sequences.moving_blobs import moving_blobs
from napari_cutout.formats.images import open_image
from napari_cutout.stacks.linking.linker import Linker
from napari_cutout.stacks.linking.overlaps import shared
from napari_cutout.stacks.linking.regions import Regions
from napari_cutout.stacks.linking.volumes import SliceJoiner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

DRAWN = 50
WAYS = ("link", "join slices", "plain overlap")


class PlainOverlap:
    """What plain overlap does: regions, and the pixels that those of two frames share."""

    def __init__(self) -> None:
        self._last: Regions | None = None

    def add(self, labels: NDArray[np.integer]) -> None:
        """Add the next frame."""
        regions = Regions.of_labels(labels)
        if self._last is not None:
            shared(self._last, regions)
        self._last = regions

    def finish(self) -> None:
        """Nothing is left to do."""


def played(drawn: Sequence[NDArray[np.integer]], count: int) -> Iterator[NDArray[np.integer]]:
    """So many frames, forth and back."""
    return islice(cycle([*drawn, *drawn[-2:0:-1]]), count)


def one_round(drawn: Sequence[NDArray[np.integer]], count: int) -> dict[str, tuple[float, float]]:
    """Seconds by the clock and of the processor that each way takes for all frames."""
    ways = dict(zip(WAYS, (Linker(), SliceJoiner(), PlainOverlap()), strict=True))
    spent = dict.fromkeys(WAYS, (0.0, 0.0))
    for labels in played(drawn, count):
        for name, way in ways.items():
            spent[name] = plus(spent[name], lambda way=way, labels=labels: way.add(labels))
    for name, way in ways.items():
        spent[name] = plus(spent[name], way.finish)
    return spent


def plus(spent: tuple[float, float], work: Callable[[], object]) -> tuple[float, float]:
    """What was spent, and what work takes."""
    begun = perf_counter(), process_time()
    work()
    return spent[0] + perf_counter() - begun[0], spent[1] + process_time() - begun[1]


def speed(frames: int, objects: int, rounds: int) -> Table:
    """How long each way takes."""
    truth = moving_blobs(min(frames, DRAWN), objects, speed=0.2, spread=1.62, divisions=0.001)
    drawn = [labels.astype(np.uint16) for labels in truth.frames]
    found = [one_round(drawn, frames) for _ in range(rounds)]
    rows = [
        (
            name,
            spread([one[name][0] for one in found], 1),
            spread([one[name][1] for one in found], 1),
            spread([one[name][1] / frames for one in found], 1, 1e3),
        )
        for name in WAYS
    ]
    rows_by_cols = " x ".join(map(str, drawn[0].shape))
    title = f"{frames} frames of {rows_by_cols} with {objects:,} objects"
    heads = ("", "seconds", "seconds of processor", "of it a frame, ms")
    return table(title, heads, rows)


def errors(title: str, frames: Sequence[NDArray[np.integer]], every: int) -> Table:
    """How often links are wrong."""
    rows = [
        (
            row.kind,
            str(row.every),
            f"{row.links:,}",
            *(str(row.missed), str(row.wrong), str(row.errors)),
            *(str(row.plain_errors), f"{row.errors / max(row.plain_errors, 1):.2f}"),
        )
        for row in linking_report(frames, every).rows
    ]
    heads = (
        *("labels", "every", "links", "missed", "wrong"),
        *("errors", "of plain overlap", "ratio"),
    )
    return table(title, heads, rows)


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--frames", type=int, default=500)
    parser.add_argument("--objects", type=int, default=1000)
    parser.add_argument("--labels", type=Path, metavar="FOLDER", help="label images to link, too")
    add_out(parser)
    given = parser.parse_args()
    tables = [speed(given.frames, given.objects, given.rounds)]
    blobs = moving_blobs(20, 100, speed=0.2, spread=1.7)
    tables.append(errors("Errors in links of blobs", blobs.frames, 2))
    if given.labels is not None:
        files = sorted(path for path in given.labels.iterdir() if path.is_file())
        frames = [np.asarray(open_image(path).data) for path in files]
        tables.append(errors(f"Errors in links of {given.labels.parent.name}", frames, 5))
    report(__file__, __doc__, tables, given.out)


if __name__ == "__main__":
    main()
