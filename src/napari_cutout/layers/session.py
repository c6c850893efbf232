"""A session: one person cutting objects out of one image of one viewer.

It has no event loop and no Qt. Events of layers mark it dirty; encoding and predicting are asked
of a runner that is handed in. Here is what is done to objects that were committed; how they come
about is in committing.py, prompting.py, previewing.py and watching.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.layers.committing import Committing

if TYPE_CHECKING:
    from napari_cutout.annotate import ObjectTable


class Session(Committing):
    """One image of one viewer being cut.

    Parameters
    ----------
    viewer
        ``napari.Viewer``, the viewer that a plugin is handed, or ``ViewerModel``.
    image
        An Image layer of it.
    model
        A :class:`~napari_cutout.Segmenter`, or the name or path of a model, which is loaded when
        it is first needed.
    labels
        The Labels layer to commit to. Without one, the first commit makes a new one.
    run
        Takes each :class:`~napari_cutout.layers.Job`. Default: at once, in the caller's thread.
    intensity
        How intensities are mapped: ``"percentile"``, ``"stack"``, ``"contrast_limits"`` or
        ``"dtype"``.
    policy
        What happens where a new object meets old ones: ``"new_on_top"`` or ``"keep_existing"``.
    report
        Takes what an action that a key called raises on bad input. Default: it is raised.

    Attributes
    ----------
    events
        ``dirty`` (prompts or the frame changed: call :meth:`update`), ``answer`` (candidates or
        the choice changed), ``status``, ``polarity``, ``labels`` (the target changed),
        ``objects`` and ``closed``.
    policy
        See the parameter; may be changed at any time.

    Examples
    --------
    >>> from napari.components import ViewerModel
    >>> from napari_cutout import Session
    >>> from napari_cutout.sample_data import fluorescence
    >>> viewer = ViewerModel()
    >>> session = Session(viewer, viewer.add_image(fluorescence()))
    >>> session.add_point((200, 200))
    >>> session.commit()
    1
    """

    @property
    def objects(self) -> ObjectTable:
        """The objects that this session committed, those that were undone left out."""
        self._undo.reconcile()
        return self._objects
