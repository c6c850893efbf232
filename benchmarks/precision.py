"""What bfloat16 costs of compact's masks: their IoU with its own in float32, by kind of image.

Each image is clicked on inside objects that are labelled, at random, and what a person would be
shown first after one click is compared: the candidate with the highest score, whole. Computed in
bfloat16 are either the mask decoder alone, which is what ``precision="auto"`` does where the
processor has it, or the image encoder as well, which is ``precision="bfloat16"``; processors
without it compute the same, slower. "Same candidate" is the mean where both put the same one
first, "another" counts where they don't: that tells rounding from a change of mind between scores
that are nearly equal. ::

    python benchmarks/precision.py --data FOLDER [--images 40] [--objects 10]

``FOLDER`` holds ``images/`` and ``labels/`` with files of the same name, or such folders, each a
kind. Without it the samples in the package are taken, and clicked on in objects that compact finds.
"""

from __future__ import annotations

import argparse
import zlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from agreement import iou
from pages import add_out, report
from tabulated import Table, table

from napari_cutout import Prompts, Segmenter, sample_data
from napari_cutout.formats.labelled import LabelledFrame, find_files, read
from napari_cutout.sam.compact.loading import load_network
from napari_cutout.sam.compact.model import Compact
from napari_cutout.sam.download import fetch
from napari_cutout.sam.weight_files import read_weights
from napari_cutout.segment.automatic import InstanceOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_cutout.segment import Prediction

T = TypeVar("T")

SAMPLES = ("fluorescence", "phase_contrast", "histology")
FEWEST_PIXELS = 30
"""Objects of fewer are left out."""

WAYS = {"decoder": ("float32", "bfloat16"), "encoder, decoder": ("bfloat16", "bfloat16")}
"""What the image encoder and the mask decoder compute in."""


@dataclass(frozen=True)
class Agreement:
    """How one click's first candidate agrees with that of float32.

    Parameters
    ----------
    iou
        Of the two masks.
    same
        Whether both are the same one of the three candidates, as far as that can be told: no
        other candidate of bfloat16 is nearer to the mask of float32.
    """

    iou: float
    same: bool


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="labelled images")
    parser.add_argument("--images", type=int, default=40, help="about so many of a kind")
    parser.add_argument("--objects", type=int, default=10, help="at most so many of a frame")
    add_out(parser)
    given = parser.parse_args()
    report(__file__, __doc__, [measure(given)], given.out)


def measure(given: argparse.Namespace) -> Table:
    """Every kind, and all clicks together."""
    exact = Segmenter("compact", device="cpu", precision="float32", cache_bytes=0)
    others = {way: in_precisions(*precisions) for way, precisions in WAYS.items()}
    found: dict[str, dict[str, list[Agreement]]] = defaultdict(lambda: defaultdict(list))
    images: dict[str, int] = defaultdict(int)
    for frame in frames(given.data, given.images, exact):
        prompts = clicks(frame, given.objects)
        if not prompts:
            continue
        kind = frame.name.split("/")[0]
        images[kind] += 1
        expected = exact.predict(exact.encode(frame.frame), prompts)
        for way, other in others.items():
            answers = other.predict(other.encode(frame.frame), prompts)
            found[kind][way] += agreements(expected, answers)
    if len(found) > 1:
        every = {way: [one for kind in found.values() for one in kind[way]] for way in WAYS}
        found["all"], images["all"] = defaultdict(list, every), sum(images.values())
    rows = [row(kind, images[kind], way, found[kind][way]) for kind in found for way in WAYS]
    heads = ("kind", "images", "clicks", "in bfloat16", "mean IoU", "same candidate", "another")
    return table("bfloat16 beside float32, one click, the first candidate", heads, rows)


def in_precisions(encoding: str, decoding: str) -> Segmenter:
    """The packaged compact in these precisions, whatever this processor is best at."""
    raw = read_weights(fetch("compact"))
    family = Compact(load_network(raw.content, raw.metadata), encoding, decoding)
    return Segmenter.from_family(family, "compact", precision=encoding, cache_bytes=0)


def frames(data: Path | None, most: int, exact: Segmenter) -> Iterator[LabelledFrame]:
    """Labelled ones, of each kind about so many, spread evenly."""
    if data is None:
        yield from samples(exact)
        return
    kinds = defaultdict(list)
    for file in find_files(data):
        kinds[file.folder].append(file)
    for files in kinds.values():
        chosen = spread_evenly(files, most)
        for file in chosen:
            # A volume has many.
            yield from spread_evenly(list(read(file)), -(-most // len(chosen)))


def samples(exact: Segmenter) -> Iterator[LabelledFrame]:
    """Those in the package, with what compact finds in them."""
    for name in SAMPLES:
        frame = getattr(sample_data, name)()
        labels = np.zeros(frame.shape[:2], np.int32)
        for number, found in enumerate(exact.everything(frame, InstanceOptions()), 1):
            mask, (row, col) = found.decode(), found.origin
            labels[row : row + mask.shape[0], col : col + mask.shape[1]][mask] = number
        yield LabelledFrame(f"samples/{name}", frame, labels)


def spread_evenly(things: Sequence[T], most: int) -> list[T]:
    """At most so many of them, from the first to the last."""
    places = np.linspace(0, len(things) - 1, min(most, len(things)))
    return [things[int(place)] for place in places]


def clicks(frame: LabelledFrame, most: int) -> list[Prompts]:
    """One inside each of some objects, by chance, but the same in each run."""
    areas = np.bincount(frame.labels.ravel())[1:]
    chance = np.random.default_rng(zlib.crc32(frame.name.encode()))
    prompts = []
    for number in chance.permutation(np.flatnonzero(areas >= FEWEST_PIXELS) + 1)[:most]:
        pixels = np.argwhere(frame.labels == number)
        prompts.append(Prompts(points=[pixels[chance.integers(len(pixels))]]))
    return prompts


def agreements(expected: Sequence[Prediction], actual: Sequence[Prediction]) -> list[Agreement]:
    """Of the answers to the same prompts."""
    found = []
    for one, other in zip(expected, actual, strict=True):
        ious = [iou(one.crop(0), other.crop(k)) for k in range(len(other.scores))]
        found.append(Agreement(ious[0], int(np.argmax(ious)) == 0))
    return found


def row(kind: str, images: int, way: str, found: Sequence[Agreement]) -> list[str]:
    """The cells of a kind, computed in a way."""
    same = [one.iou for one in found if one.same]
    means = mean([one.iou for one in found]), mean(same)
    return [kind, str(images), str(len(found)), way, *means, str(len(found) - len(same))]


def mean(ious: Sequence[float]) -> str:
    """Of any, as a figure."""
    return f"{np.mean(ious):.4f}" if ious else ""


if __name__ == "__main__":
    main()
