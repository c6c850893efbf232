"""How well objects are carried: their IoU after some frames, and how many are lost.

Beside it stands the simple baseline, the known mask copied unchanged into every frame.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy import ndimage

from napari_cutout.segment.rle import Rle
from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.propagating.pieces import Piece
from napari_cutout.stacks.propagating.propagate import propagate
from napari_cutout.stacks.propagating.values import Start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from napari_cutout.evaluate.sequences.labelled import LabelledSequence
    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.stacks.propagating.options import PropagateOptions
    from napari_cutout.stacks.propagating.values import Carried, CarriedObject, Index

HORIZONS = (1, 5, 10, 20)
"""After so many frames objects are judged."""

SMALLEST = 30
"""Objects of fewer pixels where they start are left out."""

LOST = 0.1
"""An object whose mask has a lower IoU with it, or none, is lost."""

Begin = Literal["first", "middle"]

Known = tuple[int, Piece]
"""Where an object starts: the frame, and its mask there."""


@dataclass(frozen=True)
class PropagationRow:
    """Objects after some frames.

    Parameters
    ----------
    begin
        ``"first"``: carried on from the first frame with objects; ``"middle"``: from each
        object's middle frame, both ways.
    after
        Frames from there.
    objects
        How many are judged: those that are still there. One carried both ways counts twice.
    iou, lost
        Mean IoU, 0 for an object that was stopped, and the share that is lost.
    copied_iou, copied_lost
        Those of the mask copied unchanged.
    """

    begin: Begin
    after: int
    objects: int
    iou: float
    lost: float
    copied_iou: float
    copied_lost: float


@dataclass(frozen=True)
class PropagationReport:
    """What :func:`propagation_report` found.

    Parameters
    ----------
    rows
        One for each beginning and number of frames.
    ghosts
        Of the masks where an object isn't there any more, the share of frames that have one.
    """

    rows: tuple[PropagationRow, ...]
    ghosts: float

    def to_json(self) -> dict[str, Any]:
        """The figures as plain values."""
        return {"rows": [asdict(row) for row in self.rows], "ghosts": self.ghosts}


def propagation_report(
    segmenter: Segmenter,
    sequences: list[LabelledSequence],
    options: PropagateOptions | None = None,
    horizons: tuple[int, ...] = HORIZONS,
    progress: Callable[[Carried], None] | None = None,
) -> PropagationReport:
    """Carry labelled objects, and compare with their labels.

    Parameters
    ----------
    segmenter
        The model.
    sequences
        Whose objects. Those of one folder are judged together.
    options
        Of carrying.
    horizons
        After how many frames objects are judged.
    progress
        Called after each step.
    """
    found: dict[tuple[Begin, int], list[tuple[float, float]]] = defaultdict(list)
    ghosts: list[bool] = []
    for sequence in sequences:
        beginnings: tuple[Begin, ...] = ("first", "middle") if sequence.is_volume else ("first",)
        for begin in beginnings:
            known = _known(sequence.labels, begin)
            carried = _carried(segmenter, sequence, known, max(horizons), options, progress)
            judged = _judged(sequence.labels, known, carried, max(horizons), ghosts)
            for after, pair in judged:
                if after in horizons:
                    found[begin, after].append(pair)
    rows = [_row(begin, after, pairs) for (begin, after), pairs in sorted(found.items())]
    return PropagationReport(tuple(rows), float(np.mean(ghosts)) if ghosts else 0.0)


def _row(begin: Begin, after: int, pairs: list[tuple[float, float]]) -> PropagationRow:
    ours, copied = np.array(pairs).T
    means = [float(f(v)) for v in (ours, copied) for f in (np.mean, lambda v: np.mean(v < LOST))]
    return PropagationRow(begin, after, len(pairs), *means)


def _known(labels: NDArray[np.integer[Any]], begin: Begin) -> dict[int, Known]:
    """Where each object starts."""
    frames = [_pieces(frame) for frame in labels]
    if begin == "first":
        place = next((i for i, found in enumerate(frames) if found), 0)
        known = {number: (place, piece) for number, piece in frames[place].items()}
    else:
        seen: dict[int, list[int]] = defaultdict(list)
        for place, found in enumerate(frames):
            for number in found:
                seen[number].append(place)
        known = {
            number: (places[len(places) // 2], frames[places[len(places) // 2]][number])
            for number, places in seen.items()
        }
    return {number: known[number] for number in sorted(known) if known[number][1].area >= SMALLEST}


def _carried(
    segmenter: Segmenter,
    sequence: LabelledSequence,
    known: Mapping[int, Known],
    farthest: int,
    options: PropagateOptions | None,
    progress: Callable[[Carried], None] | None,
) -> dict[tuple[int, int], CarriedObject]:
    """Objects by id and frame, up to as far as they are judged."""
    axes = "tyx" if sequence.frames.ndim == 3 else "tyxc"
    stack = ArrayStack(sequence.frames, axes=axes, name=sequence.name)
    frames = [(place,) for place in range(len(sequence.frames))]
    starts: dict[Index, list[Start]] = defaultdict(list)
    stops = set()
    for number, (place, piece) in known.items():
        starts[(place,)].append(Start(number, Rle.encode(piece.mask), piece.origin))
        for end in (place - farthest - 1, place + farthest + 1):
            if 0 <= end < len(frames):
                stops.add((number, (end,)))
    found = {}
    for step in propagate(segmenter, stack, starts, frames, options, stops=stops):
        found.update({(one.id, step.index[0]): one for one in step.objects})
        if progress is not None:
            progress(step)
    return found


def _judged(
    labels: NDArray[np.integer[Any]],
    known: Mapping[int, Known],
    carried: Mapping[tuple[int, int], CarriedObject],
    farthest: int,
    ghosts: list[bool],
) -> list[tuple[int, tuple[float, float]]]:
    """For each object and frame how far that is, and the IoU of ours and of the copied mask."""
    found = []
    for place, frame in enumerate(labels):
        there = _pieces(frame)
        for number, (begin, piece) in known.items():
            after = abs(place - begin)
            if not 0 < after <= farthest:
                continue
            one = carried.get((number, place))
            mask = None if one is None else Piece.of(one.mask.decode(), one.origin)
            if number not in there:
                ghosts.append(mask is not None)
                continue
            truth = there[number]
            iou = 0.0 if mask is None else mask.iou(truth)
            found.append((after, (iou, piece.iou(truth))))
    return found


def _pieces(labels: NDArray[np.integer[Any]]) -> dict[int, Piece]:
    """The objects of a frame by id."""
    numbers, small = np.unique(labels, return_inverse=True)
    small = small.reshape(labels.shape)
    found = {}
    for place, box in enumerate(ndimage.find_objects(small + 1)):
        if numbers[place] and box is not None:
            mask = small[box] == place
            found[int(numbers[place])] = Piece(mask, (box[0].start, box[1].start))
    return found
