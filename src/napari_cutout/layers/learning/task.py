"""What is to be learned, as it was chosen, taken out of a session: what steps.py needs of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.layers.learning.examples import Example, Folder
from napari_cutout.layers.learning.layer_pair import LayerPair

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari.layers import Image, Labels

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.layers.session import Session
    from napari_cutout.train.tuning import TuningOptions


@dataclass(frozen=True, eq=False)
class Task:
    """What is to be learned, as it was chosen: other things may be chosen meanwhile.

    Parameters
    ----------
    readers
        What reads the examples.
    parent
        The model that it begins with.
    options
        How.
    device
        Where it is computed.
    out
        Where the model goes; None for a plan only.
    is_planned
        Whether it is known what is going to be done.
    """

    readers: tuple[LayerPair | Folder, ...]
    parent: str | Path
    options: TuningOptions
    device: str = "auto"
    out: Path | None = None
    is_planned: bool = False


def task_of(
    session: Session,
    examples: Sequence[Example],
    parent: str | Path,
    options: TuningOptions,
    out: Path | None = None,
) -> Task:
    """What is to be learned, beside a session. Nothing is read.

    Raises
    ------
    TargetError
        If labels can't lie on their image.
    """
    readers = tuple(
        one if isinstance(one, Folder) else _pair(session, one.image, one.labels)
        for one in examples
    )
    return Task(readers, parent, options, session._predictor._loading.device, out)


def _pair(session: Session, image: Image, labels: Labels) -> LayerPair:
    """Layers as the session looks at them, where it is its own image."""
    is_own = image == session.image
    return LayerPair.of(
        image,
        labels,
        session.viewer.dims,
        channels=session.channels if is_own else None,
        intensity=session.intensity if is_own else "percentile",
        known=_known_frames(session, labels),
    )


def _known_frames(session: Session, labels: Labels) -> frozenset[FrameIndex] | None:
    """The frames of labels that hold objects, where the session knows. O(objects)."""
    if labels != session.labels:
        return None
    places = session._target.table_of(labels).places
    if places.known != "all":
        return None
    return frozenset(frame for number in places for frame in places.of(number))
