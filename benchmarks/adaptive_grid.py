"""What ``GridOptions(adaptive=True)`` saves, and what it costs: masks that are no longer found.

``python benchmarks/adaptive_grid.py`` asks ``compact`` the grid of points on the samples in the
package, with every point and without those on ground that is covered already, in turns.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch
from agreement import iou
from pages import add_out, report
from tabulated import table
from turns import in_turns, ratio, spread

from napari_cutout import Segmenter, sample_data
from napari_cutout.segment.automatic import GridOptions

if TYPE_CHECKING:
    from agreement import Crop

    from napari_cutout.segment.automatic import FoundObject, Objects

SAMPLES = ("fluorescence", "phase_contrast", "histology")
SAME = 0.9
"""IoU from which on two masks are the same object."""


def recall(wanted: Objects, found: Objects) -> float:
    """The share of objects that are found again."""
    there = [crop(other) for other in found]
    again = [any(iou(crop(one), other) > SAME for other in there) for one in wanted]
    return float(np.mean(again)) if again else 1.0


def crop(found: FoundObject) -> Crop:
    """An object's mask, and where it lies."""
    return found.decode(), found.origin


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=32)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    add_out(parser)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    segmenter = Segmenter("compact")
    options = GridOptions(
        points_per_side=asked.points, pred_iou_thresh=0.7, stability_score_thresh=0.8
    )
    rows = []
    for name in SAMPLES:
        embedding = segmenter.encode(getattr(sample_data, name)(), window="whole")
        ways = {
            adaptive: partial(segmenter.everything, embedding, replace(options, adaptive=adaptive))
            for adaptive in (False, True)
        }
        every, some = (way() for way in ways.values())
        spent = in_turns(ways, asked.rounds)
        rows.append(
            (
                name,
                spread(spent[False]),
                str(len(every)),
                spread(spent[True]),
                str(len(some)),
                ratio(spent[False], spent[True]),
                f"{recall(every, some):.3f}",
            )
        )
    heads = ("image", "all points, s", "masks", "adaptive, s", "its masks", "ratio", "recall")
    title = f"{asked.points}² points, compact, {asked.threads} threads"
    report(__file__, __doc__, [table(title, heads, rows)], asked.out)


if __name__ == "__main__":
    main()
