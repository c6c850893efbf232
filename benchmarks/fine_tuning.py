"""Fine-tuning the compact model's decoder on a kind it never saw: what it takes and what it gives.

The kind is made here, see ``unseen_kind``: banded rods, which the model knows nothing of. It learns
from some fields, chosen as ``napari-cutout train`` chooses, and is judged on others, after one
click on each object, and on nuclei, which it knew before and isn't to forget. "seconds" are of the
whole call, the judging on the validation field included; "CPU" is what all its threads took. ::

    python benchmarks/fine_tuning.py --threads 2 --fields 3 10 --nuclei FOLDER

``--nuclei`` is a folder of labelled images, of which the validation split is judged on; dsb2018's
are what the compact model was trained on. Without it there is no such column.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from pages import add_out, report
from tabulated import Table, table
from unseen_kind import field

from napari_cutout import Segmenter
from napari_cutout.evaluate.annotator import deepest_point
from napari_cutout.evaluate.metrics import iou
from napari_cutout.formats.labelled import LabelledFrame, find_files, read
from napari_cutout.segment import Prompts
from napari_cutout.train.data import from_arrays
from napari_cutout.train.tuning import TuningOptions, fine_tune

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OBJECTS_OF_A_FRAME = 10
LEAST_AREA = 30
FIRST_OTHER = 1000
COLUMNS = (
    "fields", "objects", "steps", "seconds", "CPU seconds", "other fields before", "after",
    "nuclei before", "nuclei after",
)  # fmt: skip


def clicked(segmenter: Segmenter, frames: Iterable[LabelledFrame]) -> float:
    """Mean IoU after one click on objects of frames."""
    reached = []
    for number, frame in enumerate(frames):
        areas = np.bincount(frame.labels.ravel().astype(np.int64))
        areas[0] = 0
        large = np.flatnonzero(areas >= LEAST_AREA)
        chosen = np.random.default_rng(number).permutation(large)[:OBJECTS_OF_A_FRAME]
        truths = [frame.labels == value for value in chosen]
        prompts = [Prompts(points=np.array([deepest_point(truth)])) for truth in truths]
        answers = segmenter.predict(segmenter.encode(frame.frame), prompts)
        reached += [iou(a.masks[0], truth) for a, truth in zip(answers, truths, strict=True)]
    return float(np.mean(reached))


def fields(first: int, count: int) -> list[LabelledFrame]:
    """Fields of the kind."""
    return [LabelledFrame(f"rods/{k}", *field(k)) for k in range(first, first + count)]


def nuclei(folder: Path | None, count: int) -> list[LabelledFrame]:
    """Images of nuclei that the model wasn't trained on."""
    if folder is None:
        return []
    return [frame for file in find_files(folder, "validation")[:count] for frame in read(file)]


def row(
    count: int, judged: dict[str, list[LabelledFrame]], before: dict[str, float], steps: int | None
) -> Sequence[str]:
    """Learn from some fields, and judge."""
    learned = fields(0, count)
    data = from_arrays([(one.name, one.frame, one.labels) for one in learned])
    options = TuningOptions(what="decoder", steps=steps)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "rods.safetensors"
        wall, cpu = time.perf_counter(), time.process_time()
        (last,) = deque(fine_tune("compact", data, out, options, device="cpu"), maxlen=1)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        segmenter = Segmenter(out, device="cpu")
        after = {name: clicked(segmenter, frames) for name, frames in judged.items() if frames}
    figures = [f"{when[name]:.3f}" if name in when else "" for name in judged
               for when in (before, after)]  # fmt: skip
    objects = sum(len(np.unique(one.labels)) - 1 for one in learned)
    return [str(count), str(objects), str(last.step), f"{wall:.0f}", f"{cpu:.0f}", *figures]


def measured(given: argparse.Namespace) -> Table:
    """The table."""
    judged = {
        "rods": fields(FIRST_OTHER, given.others),
        "nuclei": nuclei(given.nuclei, given.others * 3),
    }
    segmenter = Segmenter("compact", device="cpu")
    before = {name: clicked(segmenter, frames) for name, frames in judged.items() if frames}
    rows = [row(count, judged, before, given.steps) for count in given.fields]
    note = f"Mean IoU after one click, on {given.others} other fields of rods"
    note += f" and {len(judged['nuclei'])} images of nuclei." if judged["nuclei"] else "."
    title = f"The compact model's decoder on banded rods, {given.threads} threads"
    return table(title, COLUMNS, rows, [note])


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fields", type=int, nargs="+", default=[3, 10], help="learned from")
    parser.add_argument("--others", type=int, default=12, help="fields judged on")
    parser.add_argument("--nuclei", type=Path, metavar="FOLDER", help="labelled images of nuclei")
    parser.add_argument("--steps", type=int, help="steps; as many as suit by default")
    parser.add_argument("--threads", type=int, default=2)
    add_out(parser)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    report(__file__, __doc__, [measured(given)], given.out)


if __name__ == "__main__":
    main()
