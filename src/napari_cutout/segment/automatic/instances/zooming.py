"""At which scale a frame is looked at by the dense head: found by looking.

Objects of a few pixels in a large field are looked at enlarged, windows of a part of the input's
size; large ones, which fall into parts when they are seen too closely, from further away. What is
seen at a scale is in looking.py, what becomes of maps at that scale in find.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.segment.automatic.instances.looking import Look, Scale, Sight, some

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cutout.segment.automatic.objects import FoundObject
    from napari_cutout.segment.dense import FrameMaps
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.segmenter import Segmenter

SMALL = 23.0
"""Objects whose median diameter is less, in pixels of the model's input, are looked at enlarged."""

MEDIUM = 45.0
"""Beside objects that are smaller than this there may be some that are too small to be seen."""

_FALLING_APART = 1.3
"""So many times as many objects there are where those of the coarser scale fall into parts."""

_SEEN, _UNSEEN = 0.7, 0.6
"""Shares of objects that a coarser scale sees too: it is good enough from the first on, and not
below the second."""

_LARGEST_ZOOM = 4.0
_FEW = 3


def choose_scale(
    segmenter: Segmenter,
    embedding: Embedding,
    zoom: float | None,
    find: Callable[[FrameMaps], list[FoundObject]],
) -> Scale:
    """The scale that suits the objects of a frame.

    Parameters
    ----------
    segmenter, embedding
        What is looked at.
    zoom
        Pixels of the input for one of the frame, where it is given.
    find
        Finds the objects of dense maps.

    Raises
    ------
    TypeError
        If the model has no dense head.

    Notes
    -----
    A few windows are looked at where a large frame is not enlarged and a small one fills the
    input. A frame is looked at more closely while its objects are small. Where they aren't sure,
    more closely, too, while there are others at the next scale which this one doesn't see; and
    from further away while its objects are parts of larger ones there, few of which would be lost.
    """
    sight = Sight(segmenter, embedding, find)
    if zoom is not None:
        return sight.scale(zoom)
    fitting = min(sight.fitting, _LARGEST_ZOOM)
    first = sight.look(max(fitting, 1.0))
    now = _closer(sight, first)
    return sight.scale((_further(sight, first, fitting) if now is first else now).zoom)


def _closer(sight: Sight, now: Look) -> Look:
    """The look that is close enough for small objects, and for those that aren't seen yet."""
    while 2 * now.zoom <= _LARGEST_ZOOM and now.diameter < MEDIUM:
        if now.diameter >= SMALL and (now.is_sure or _sees_all(sight, now)):
            break
        now = sight.look(2 * now.zoom)
    return now


def _sees_all(sight: Sight, now: Look) -> bool:
    """Whether there are few objects at the next scale which this one doesn't see."""
    finer, pieces = sight.scale(2 * now.zoom), some(list(now.found), _FEW)
    places = {
        window: piece
        for piece in pieces
        for window in some(finer.windows(piece), _FEW // len(pieces))
    }
    here = {window: now.of(window, piece) for window, piece in places.items()}
    seen, _ = Look(now.zoom, here).compare(sight.look(2 * now.zoom, list(places)))
    return seen >= _UNSEEN


def _further(sight: Sight, now: Look, fitting: float) -> Look:
    """The look from which objects are whole that fall apart from closer by."""
    while now.zoom > fitting and now.diameter >= SMALL and not now.is_sure:
        coarser = sight.look(max(now.zoom / 2, fitting), list(now.found))
        seen, ratio = coarser.compare(now)
        if seen < _SEEN or ratio < _FALLING_APART or not coarser.diameter >= SMALL:
            break
        now = coarser
    return now
