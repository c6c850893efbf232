"""Carrying objects through the frames of a stack: the front door.

One direction is in sweep.py; what is carried from where in plan.py; how two directions meet in
meeting.py.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from napari_cutout.stacks.propagating.meeting import Meeting
from napari_cutout.stacks.propagating.options import PropagateOptions
from napari_cutout.stacks.propagating.plan import courses
from napari_cutout.stacks.propagating.reading import Frames
from napari_cutout.stacks.propagating.sweep import Sweep
from napari_cutout.stacks.propagating.values import Carried

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence

    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.intensity import IntensityMapping
    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.stacks.frames.stack import Stack
    from napari_cutout.stacks.propagating.plan import Direction
    from napari_cutout.stacks.propagating.values import Division, Index, Start


def propagate(
    segmenter: Segmenter,
    stack: Stack,
    starts: Mapping[Index, Sequence[Start]],
    frames: Sequence[Index],
    options: PropagateOptions | None = None,
    *,
    direction: Direction = "both",
    stops: Collection[tuple[int, Index]] = (),
    divisions: Mapping[int, Division] | None = None,
    intensity: str | tuple[float, float] | IntensityMapping = "percentile",
    embedding_of: Callable[[Index], Embedding] | None = None,
) -> Generator[Carried, None, None]:
    """Carry objects from the frames in which they are known to those before and after.

    Parameters
    ----------
    segmenter
        The model.
    stack
        Where frames are read.
    starts
        By frame, objects as a person has them. One object may be given in several frames: each
        is kept as it is, and between two of them the object is carried from both ends.
    frames
        That are gone through, in the order of time or depth; every frame of ``starts``, ``stops``
        and ``divisions`` is among them.
    options
        How, and when an object is stopped.
    direction
        Where to from an object's outermost masks.
    stops
        ``(id, frame)``: in this frame, and on from there, the object isn't carried.
    divisions
        By the id of the mother: from when on it is two others. It isn't carried into that frame,
        nor they before it.
    intensity
        How intensities become what the model sees, see :meth:`.Segmenter.encode`.
    embedding_of
        Gives the embedding of a frame, for one who has them; it is called in another thread for
        the frame that comes next. None: frames are read and encoded.

    Yields
    ------
    Carried
        After each step what its frame has. First forward, then backward; a frame that is gone
        through in both directions comes again with what both make of it, and so does one between
        two given masks where the two ends meet elsewhere than was first thought. Close the
        generator to cancel: what was yielded stays right.

    Raises
    ------
    StackError
        If the masks, frames, stops and divisions don't go together. Raised at once.

    Notes
    -----
    A mask is moved as the image moves, by optical flow at the scale of the objects after a
    common shift was taken out by phase correlation. The moved mask, its box and innermost point
    are the prompt; the model's logits and the moved mask's distance to its edge are averaged. The
    model's part is what it differs from the moved mask by more than it does from the given mask in
    its own frame, which is how a Wiener filter parts signal from noise. Of objects that meet, the
    higher of these logits, times the product of the scores on the way, has the pixel.

    A frame that can't be read ends no object: they are carried over it, see
    :attr:`.PropagateOptions.largest_gap`.

    References
    ----------
    Le Besnerais and Champagnat, "Dense optical flow by iterative local window registration", ICIP
    2005.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_cutout import Segmenter
    >>> from napari_cutout.sample_data import fluorescence
    >>> from napari_cutout.segment.rle import Rle
    >>> from napari_cutout.stacks.frames.arrays import ArrayStack
    >>> from napari_cutout.stacks.propagating.values import Start
    >>> frame = fluorescence()[120:320, 330:530]
    >>> stack = ArrayStack(np.stack([frame, np.roll(frame, 3, axis=1)]), axes="tyx")
    >>> start = Start(1, Rle.encode(np.ones((24, 24), bool)), (62, 70))
    >>> steps = list(propagate(Segmenter("compact"), stack, {(0,): [start]}, [(0,), (1,)]))
    >>> [step.objects[0].state for step in steps]
    ['corrected', 'carried']
    """
    indices = [tuple(index) for index in frames]
    found = courses(stack, indices, starts, stops, divisions or {}, direction)
    read = Frames(segmenter, stack, intensity, embedding_of)
    how = PropagateOptions() if options is None else options
    sweeps = [Sweep(read, indices, found, how, step) for step in (1, -1)]
    return _steps(read, indices, sweeps, Meeting(found, sweeps[0].places, sweeps[1].places))


def _steps(
    read: Frames, indices: Sequence[Index], sweeps: Sequence[Sweep], meeting: Meeting
) -> Generator[Carried, None, None]:
    with closing(read):
        yield from _reports(indices, sweeps, meeting)


def _reports(
    indices: Sequence[Index], sweeps: Sequence[Sweep], meeting: Meeting
) -> Iterator[Carried]:
    total = sum(len(sweep.places) for sweep in sweeps)
    before = 0
    for sweep in sweeps:
        steps = {place: number for number, place in enumerate(sweep.places, before + 1)}
        before += len(sweep.places)
        for swept in sweep.run():
            objects = meeting.after(swept, sweep.step)
            done = steps[swept.place]
            yield Carried(indices[swept.place], done, total, objects, swept.problem)
    for place, objects in meeting.settled():
        yield Carried(indices[place], total, total, objects)
