"""What ``GridOptions(adaptive=True)`` saves, and what it costs: masks that are no longer found.

``python benchmarks/adaptive_grid.py`` asks ``compact`` the grid of points on the samples in the
package, with every point and without those on ground that is covered already, in one run.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from napari_cutout import Segmenter, sample_data
from napari_cutout.segment.automatic import GridOptions

if TYPE_CHECKING:
    from napari_cutout.segment.automatic import FoundObject, Objects

SAMPLES = ("fluorescence", "phase_contrast", "histology")
SAME = 0.9
"""IoU from which on two masks are the same object."""


def iou(one: FoundObject, other: FoundObject) -> float:
    """Of two masks, in the box that holds both."""
    (top, left), (bottom, right) = (
        np.minimum(one.box[:2], other.box[:2]),
        np.maximum(one.box[2:], other.box[2:]),
    )
    both = np.zeros((2, bottom - top + 1, right - left + 1), bool)
    for plane, found in zip(both, (one, other), strict=True):
        (row, col), (height, width) = found.origin, found.mask.size
        plane[row - top : row - top + height, col - left : col - left + width] = found.decode()
    return float((both[0] & both[1]).sum() / (both[0] | both[1]).sum())


def recall(wanted: Objects, found: Objects) -> float:
    """The share of objects that are found again."""
    again = [any(iou(one, other) > SAME for other in found) for one in wanted]
    return float(np.mean(again)) if again else 1.0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=32)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    segmenter = Segmenter("compact")
    options = GridOptions(
        points_per_side=asked.points, pred_iou_thresh=0.7, stability_score_thresh=0.8
    )
    table = Table(title=f"{asked.points}² points, compact, {asked.threads} threads")
    for name in ("image", "all points, s", "masks", "adaptive, s", "masks", "ratio", "recall"):
        table.add_column(name, justify="left" if name == "image" else "right")
    for name in SAMPLES:
        embedding = segmenter.encode(getattr(sample_data, name)(), window="whole")
        answers, seconds = [], []
        for adaptive in (False, True):
            start = time.perf_counter()
            answers.append(segmenter.everything(embedding, replace(options, adaptive=adaptive)))
            seconds.append(time.perf_counter() - start)
        table.add_row(
            name,
            f"{seconds[0]:.2f}",
            str(len(answers[0])),
            f"{seconds[1]:.2f}",
            str(len(answers[1])),
            f"{seconds[0] / seconds[1]:.2f} x",
            f"{recall(*answers):.3f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
