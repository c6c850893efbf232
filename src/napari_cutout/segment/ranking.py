"""Frames by how unsure a model is of them: those first that are worth a person's look most.

How unsure it is of one object is in uncertainty.py. Where frames come from is for others to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.automatic.everything import find_everything, gather
from napari_cutout.segment.automatic.instances.options import InstanceOptions
from napari_cutout.segment.uncertainty import Doubt, doubts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from napari_cutout.segment.automatic.objects import Objects
    from napari_cutout.segment.segmenter import Segmenter


@dataclass(frozen=True)
class FrameDoubt:
    """How unsure a model is of a frame.

    Parameters
    ----------
    name
        The frame's.
    objects
        What was found in it.
    doubts
        Of each of them.
    """

    name: str
    objects: Objects
    doubts: tuple[Doubt, ...]

    @property
    def value(self) -> float:
        """0 of what is sure, 1 of what is not at all; see :func:`frame_doubt`."""
        return frame_doubt([one.value for one in self.doubts])


def frame_doubt(values: Sequence[float]) -> float:
    """The mean over its objects of how unsure a model is of them; 0 where nothing was found.

    The mean, not the sum: many objects take many clicks, too. A frame in which nothing was found
    says nothing of how sure that is, and comes last.
    """
    return float(np.mean(values)) if len(values) else 0.0


def frame_doubts(
    segmenter: Segmenter, frames: Iterable[tuple[str, object]], options: object = None
) -> Iterator[FrameDoubt]:
    """How unsure a model is of each of many frames, in their order, one at a time.

    Stop asking between two frames, and no more are read.

    Parameters
    ----------
    segmenter
        The model.
    frames
        Pairs of a name and a frame, as :meth:`.Segmenter.encode` takes it.
    options
        How objects are found, see :meth:`.Segmenter.everything`. None: in one pass where the
        model can, else by a grid of points.

    Raises
    ------
    FrameError
        If an array isn't one frame.
    OptionError
        If the options aren't of a kind that is known.
    """
    if options is None and segmenter.can_find_instances:
        options = InstanceOptions()
    for name, frame in frames:
        embedding = segmenter.encode(frame)
        found = gather(find_everything(segmenter, embedding, options), embedding.shape)
        yield FrameDoubt(name, found, tuple(doubts(segmenter, embedding, found.found)))


def least_sure_frames(
    segmenter: Segmenter, frames: Iterable[tuple[str, object]], options: object = None
) -> list[FrameDoubt]:
    """Frames by falling doubt: annotate those first that stand first.

    Parameters
    ----------
    segmenter, frames, options
        As for :func:`frame_doubts`, which does the same frame by frame.

    Examples
    --------
    >>> from napari_cutout import Segmenter
    >>> from napari_cutout.sample_data import fluorescence, phase_contrast
    >>> frames = [("fluorescence", fluorescence()), ("phase contrast", phase_contrast())]
    >>> ranked = least_sure_frames(Segmenter("compact"), frames)
    >>> sorted(one.name for one in ranked)
    ['fluorescence', 'phase contrast']
    """
    return ranked(frame_doubts(segmenter, frames, options))


def ranked(found: Iterable[FrameDoubt]) -> list[FrameDoubt]:
    """By falling doubt; those of the same doubt stay as they were."""
    return sorted(found, key=lambda one: -one.value)
