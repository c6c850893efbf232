"""The steps of finding everything: the frame is made ready, and what is found is added up.

Arrays only: this runs in any thread. Who asks for it is in everything.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from traceback import clear_frames
from typing import TYPE_CHECKING, Any

from napari_cutout.layers.everything.found_set import FoundSet
from napari_cutout.segment.automatic.grid.options import GridOptions
from napari_cutout.segment.automatic.progress import Gathered
from napari_cutout.segment.automatic.windowed.options import InWindows
from napari_cutout.segment.windows import sides

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import Event

    from numpy.typing import NDArray

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.layers.gathering import FoundBy
    from napari_cutout.layers.model.encoder import Made
    from napari_cutout.segment import Embedding, Window

_GROWTH = 1.3
"""How many times as many objects there must be until they are measured and shown again: all of it
costs a few times what the last one does."""


@dataclass(frozen=True, eq=False)
class Task:
    """What is to be found.

    Parameters
    ----------
    prepare
        Makes the frame ready.
    frame
        Which one, in the image.
    options
        Of the mode.
    by
        What the log says of it; the model's fingerprint is added.
    within
        Where: see :func:`.find_everything`.
    known
        Reads the labels that are there; None for none.
    """

    prepare: Callable[[], Made]
    frame: FrameIndex
    options: Any
    by: FoundBy
    within: Window | NDArray[Any] | None = None
    known: Callable[[], NDArray[Any]] | None = None


@dataclass(frozen=True, eq=False)
class Step:
    """How far it is.

    Parameters
    ----------
    done, total
        Steps done and in all; both 0 while the frame is being made ready.
    count
        Objects found so far.
    found
        All of them, where they are to be shown now.
    made
        The frame that was made ready, in the step that did it.
    """

    done: int = 0
    total: int = 0
    count: int = 0
    found: FoundSet | None = None
    made: Made | None = None


def steps(task: Task, cancelled: Event) -> Iterator[Step]:
    """Find, until all is done, cancelled or failed; the last step has all that was found."""
    # In the thread that works: it imports torch, which takes seconds.
    from napari_cutout.segment.automatic.everything import find_everything

    if cancelled.is_set():
        return
    made = task.prepare()
    segmenter, _, encoded = made
    yield Step(made=made)
    options = for_size(task.options, encoded.embedding)
    by = replace(task.by, options=options, fingerprint=segmenter.fingerprint)
    known = None if task.known is None else task.known()
    gathered, shown, last = Gathered(encoded.embedding.shape), 0, Step()
    failure = None
    try:
        for progress in find_everything(
            segmenter, encoded.embedding, options, within=task.within, known=known
        ):
            gathered.add(progress)
            if cancelled.is_set():
                break
            objects = gathered.objects
            found = None
            if len(objects) > _GROWTH * shown:
                found, shown = FoundSet(objects, by, task.frame), len(objects)
            last = Step(progress.done, progress.total, len(objects), found)
            yield last
    except Exception as error:
        # A file that can't be read on, no memory left: what was found until then stays.
        failure = _without_what_it_held(error)
    objects = gathered.objects
    yield replace(last, count=len(objects), found=FoundSet(objects, by, task.frame))
    if failure is None:
        return
    try:
        raise failure
    finally:
        # Its traceback has this frame, which would have it.
        del failure


def _without_what_it_held(error: Exception) -> Exception:
    """An error whose traceback tells the lines, but no longer holds pixels and feature maps."""
    seen: BaseException | None = error
    while seen is not None:
        clear_frames(seen.__traceback__)
        seen = seen.__cause__ or seen.__context__
    return error


def for_size(options: Any, embedding: Embedding) -> Any:
    """A grid in each window where the frame as a whole would be shrunk until objects vanish.

    An embedding of the whole frame, which was asked for, is taken as it is.
    """
    is_whole = embedding.window is not None or not sides(embedding.shape, embedding.input_size)
    return options if is_whole or not isinstance(options, GridOptions) else InWindows(options)
