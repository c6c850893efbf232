"""More objects like some that are committed, in the shown frame and others: read, then found.

Reading touches layers, and is done where the viewer lives; the steps touch arrays only. How they
are found is in segment/similar.py.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from napari_cutout.annotate.frame_index import FrameIndex, sliced_axes
from napari_cutout.layers.errors import TargetError
from napari_cutout.layers.everything.found_set import FoundSet
from napari_cutout.layers.everything.run import Step
from napari_cutout.layers.everything.where import known_labels
from napari_cutout.layers.gathering import FoundBy
from napari_cutout.layers.image.coordinates import layer_shape
from napari_cutout.layers.image.frames import frame_source
from napari_cutout.layers.picking import object_in_frame
from napari_cutout.segment.automatic.progress import Gathered
from napari_cutout.segment.similar.options import SimilarOptions
from napari_cutout.segment.similar.ranking import best_ranked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from threading import Event

    from napari.layers import Image
    from numpy.typing import NDArray

    from napari_cutout.layers.image.channels import Channels
    from napari_cutout.layers.model.encoder import Made
    from napari_cutout.layers.session import Session
    from napari_cutout.segment.refining import Placed
    from napari_cutout.segment.similar.kind import Kind

Frames = Literal["shown", "all"]
"""Where more objects are looked for: in the shown frame, or in all, the nearest first."""

_PARTS = 100
"""Steps of progress that a frame counts for."""


@dataclass(frozen=True, eq=False)
class FrameToSearch:
    """A frame in which more objects are looked for.

    Parameters
    ----------
    index
        Which one, in the image.
    prepare, keep
        What makes it ready in any thread, and what keeps it where the viewer lives; see
        :meth:`.Encoder.preparing`.
    known
        Reads the labels that are there, in any thread.
    """

    index: FrameIndex
    prepare: Callable[[], Made]
    keep: Callable[[Made], None]
    known: Callable[[], NDArray[Any]]


@dataclass(frozen=True, eq=False)
class SimilarTask:
    """What is to be found.

    Parameters
    ----------
    examples
        The objects whose like is looked for, each a mask in its box, and the box's (row, col).
    frames
        Where; the examples lie in the first.
    options
        What counts as one of the kind.
    by
        What the log says of it; the model's fingerprint is added.
    """

    examples: tuple[Placed, ...]
    frames: tuple[FrameToSearch, ...]
    options: SimilarOptions
    by: FoundBy


@dataclass(frozen=True, eq=False)
class SimilarStep(Step):
    """How far it is; see :class:`.Step`. What was found in a frame comes when it is done.

    Parameters
    ----------
    where
        The frame that is searched.
    """

    where: FrameToSearch | None = None


def more_like(
    session: Session,
    ids: int | Iterable[int],
    frames: Frames = "shown",
    options: SimilarOptions | None = None,
) -> SimilarTask:
    """What finds the rest of a kind, of which some objects are in the labels of a session.

    Parameters
    ----------
    session
        Whose image, model and labels. Labels of another tool will do.
    ids
        Of one or a few objects of the shown frame.
    frames
        See :data:`Frames`. Each position of a slider is a frame of its own, that of chosen
        channels left out.
    options
        What counts as one of the kind.

    Raises
    ------
    TargetError
        If there are no labels, or one of the objects isn't in the shown frame.
    ViewError
        If no frame is shown.
    """
    if frames not in get_args(Frames):
        raise ValueError(f"objects are looked for in one of {get_args(Frames)}, not {frames!r}")
    labels, image, dims = session.labels, session.image, session.viewer.dims
    numbers = (ids,) if isinstance(ids, int | np.integer) else tuple(ids)
    if labels is None or not numbers:
        raise TargetError("no object was chosen whose like is to be found; commit and choose one")
    options = SimilarOptions() if options is None else options
    shown = session.frame
    examples = tuple(object_in_frame(labels, image, shown, dims, int(one)) for one in numbers)
    indices = [shown] if frames == "shown" else frames_of(image, shown, session.channels)
    chosen = []
    for index in indices:
        whole: Any = "whole" if session.window == "whole" else None
        source = frame_source(image, index, session.channels, whole)
        prepare, keep = session._predictor.preparing(source)
        known = known_labels(labels, image, index, dims)
        chosen.append(FrameToSearch(index, prepare, keep, known))
    by = FoundBy("similar", options, session._predictor.model_name)
    return SimilarTask(examples, tuple(chosen), options, by)


def frames_of(image: Image, index: FrameIndex, channels: Channels | None) -> list[FrameIndex]:
    """All frames of an image along the same axes, the nearest to one first, and that one itself.

    Parameters
    ----------
    image
        With any number of axes.
    index
        The frame to begin with.
    channels
        The axis of chosen channels is left where it is.
    """
    shape = layer_shape(image)
    axes = [axis for axis in sliced_axes(index) if channels is None or axis != channels.axis]
    here = np.array([index[axis] for axis in axes])
    positions = list(itertools.product(*(range(shape[axis]) for axis in axes)))
    positions.sort(key=lambda at: (int(np.abs(np.array(at) - here).sum()), at))
    found = []
    for position in positions:
        frame = list(index)
        for axis, at in zip(axes, position, strict=True):
            frame[axis] = at
        found.append(tuple(frame))
    return found


def similar_steps(task: SimilarTask, cancelled: Event) -> Iterator[SimilarStep]:
    """Find, frame by frame, until all is done or it is cancelled.

    What was found in a frame stays when it is cancelled. Arrays only: this runs in any thread, as
    the steps of a :class:`.LongJob`.
    """
    # In that thread: they need torch.
    from napari_cutout.segment.similar.find import find_similar
    from napari_cutout.segment.similar.kind import learn_kind

    kind: Kind | None = None
    count = 0
    for number, frame in enumerate(task.frames):
        if cancelled.is_set():
            return
        made = frame.prepare()
        yield SimilarStep(number * _PARTS, len(task.frames) * _PARTS, count, None, made, frame)
        segmenter, embedding = made[0], made[2].embedding
        if kind is None:
            kind = learn_kind(segmenter, embedding, task.examples)
        gathered, done = Gathered(embedding.shape), 0
        for progress in find_similar(segmenter, embedding, kind, task.options, known=frame.known()):
            gathered.add(progress)
            done = progress.done * _PARTS // progress.total
            if cancelled.is_set() or done == _PARTS:
                break
            so_far = count + len(gathered.objects)
            total = len(task.frames) * _PARTS
            yield SimilarStep(number * _PARTS + done, total, so_far, None, None, frame)
        objects = best_ranked(gathered.objects)
        count += len(objects)
        by = replace(task.by, fingerprint=segmenter.fingerprint)
        found = FoundSet(objects, by, frame.index)
        total = len(task.frames) * _PARTS
        yield SimilarStep(number * _PARTS + done, total, count, found, None, frame)
