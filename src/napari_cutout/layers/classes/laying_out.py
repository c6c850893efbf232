"""Which objects are looked at for their classes, and in which frames: laid out, not yet read.

Touches layers, and is done where the viewer lives; the steps in steps.py touch arrays only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from napari_cutout.layers.errors import TargetError, ViewError
from napari_cutout.layers.everything.more_like import frames_of
from napari_cutout.layers.frame_of_objects import FrameOfObjects, frame_of_objects
from napari_cutout.layers.image.coordinates import between
from napari_cutout.layers.target.targets import TargetFrame, find_frame, frame_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari.layers import Labels

    from napari_cutout.annotate.extents import Extent
    from napari_cutout.annotate.frame_index import FrameIndex
    from napari_cutout.layers.session import Session

Frames = Literal["shown", "all"]
"""For which objects classes are proposed: those of the shown frame, or all."""


@dataclass(frozen=True, eq=False)
class ClassTask:
    """What is to be learned and proposed.

    Parameters
    ----------
    frames
        With the objects that are looked at, each in one frame.
    classes
        Of those that have one.
    """

    frames: tuple[FrameOfObjects, ...]
    classes: Mapping[int, str]

    def __len__(self) -> int:
        """The number of objects."""
        return sum(len(frame.extents) for frame in self.frames)


def lay_out(session: Session, frames: Frames = "all") -> ClassTask:
    """What proposes classes for the objects of a session that have none.

    An object of many frames is looked at where it is largest.

    Parameters
    ----------
    session
        Whose image, model and labels.
    frames
        See :data:`Frames`. Examples are taken from all frames along the axes that are shown.

    Raises
    ------
    TargetError
        If there are no labels, they are still being read, or their pixels aren't the image's.
    ViewError
        If no frame is shown, or one along other axes than the last two of the labels.
    """
    if frames not in get_args(Frames):
        raise ValueError(f"classes are proposed in one of {get_args(Frames)}, not {frames!r}")
    labels, table = session.labels, session.objects
    if labels is None:
        raise TargetError("there are no objects yet; commit some, and give classes to a few")
    if table.places.known == "soon":
        raise TargetError(
            f"the objects of {labels.name!r} are still being read; try again in a moment"
        )
    places = _frames_of_labels(session, labels)
    shown = find_frame(labels, session.image, session.frame, session.viewer.dims).index
    chosen: dict[FrameIndex, dict[int, Extent]] = {index: {} for index in places}
    for number in table.ids:
        known = {
            index: extent for index, extent in table.places.of(number).items() if index in places
        }
        if frames == "shown" and not table.class_of(number):
            known = {index: extent for index, extent in known.items() if index == shown}
        if known:
            largest = max(known, key=lambda index: known[index].area)
            chosen[largest][number] = known[largest]
    found = [
        frame_of_objects(session, labels, *places[index], extents)
        for index, extents in chosen.items()
        if extents
    ]
    return ClassTask(tuple(found), dict(table.classes))


def _frames_of_labels(
    session: Session, labels: Labels
) -> dict[FrameIndex, tuple[FrameIndex, TargetFrame]]:
    """The image's frames and where they lie in the labels, by their index there."""
    image, dims, shown = session.image, session.viewer.dims, session.frame
    here = find_frame(labels, image, shown, dims)
    if here.index[-2:] != (None, None):
        raise ViewError(
            "classes are proposed in frames along the last two axes of the labels; show those"
        )
    matrix = between(image, labels, dims)
    found = {here.index: (shown, here)}
    for index in frames_of(image, shown, session.channels):
        try:
            target = frame_at(labels, image, index, matrix)
        except TargetError:
            # The labels have fewer frames than the image.
            continue
        found.setdefault(target.index, (index, target))
    return found
