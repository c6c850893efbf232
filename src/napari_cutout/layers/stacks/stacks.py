"""Stacks, volumes and videos in a session: frames encoded, found, linked, carried. No Qt.

Each of these files is a class on top of the one before: choosing.py, running.py, embedding.py,
finding.py, linking.py, marks.py, propagating.py, tracking.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.annotate.frame_index import frame_axes
from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.image.coordinates import apply, in_data, world_matrix
from napari_cutout.layers.stacks.tracking import StacksTracking

if TYPE_CHECKING:
    from napari_cutout.layers.long_jobs import LongRunner
    from napari_cutout.layers.session import Session


class Stacks(StacksTracking):
    """Works on all frames of a session's image.

    One thing is done at a time. What is written into labels is one undo step of the session, also
    when it was cancelled; undoing it while it runs ends it.

    Parameters
    ----------
    session
        Whose image, model, viewer and labels.
    run
        Takes each :class:`.LongJob`. Default: through at once, in the caller's thread.

    Attributes
    ----------
    events
        ``progress`` (how far it is; it began, waits or ended), ``frames`` (:attr:`frame_states`
        changed), ``status``, ``options`` (anything that is chosen), ``tracks`` (the Tracks layer
        came or went), ``closed``.
    stack_of_run
        The stack that :attr:`frame_states` are about.

    Examples
    --------
    >>> import numpy as np
    >>> from napari.components import ViewerModel
    >>> from napari_cutout import Session
    >>> from napari_cutout.layers.stacks.stacks import Stacks
    >>> from napari_cutout.sample_data import fluorescence
    >>> frame = fluorescence()[:256, :256]
    >>> frames = np.stack([np.roll(frame, 3 * k, axis=1) for k in range(3)])
    >>> viewer = ViewerModel()
    >>> session = Session(viewer, viewer.add_image(frames, axis_labels=["t", "y", "x"]))
    >>> stacks = Stacks(session)
    >>> stacks.frames = "t=0:2"
    >>> stacks.find_everywhere(link=True)
    >>> [state.state for state in stacks.frame_states]
    ['linked', 'linked']
    >>> stacks.tracks_layer.name
    'tracks of objects of frames'
    >>> session.undo()
    True
    >>> int(session.labels.data.max())
    0
    """

    def __init__(self, session: Session, run: LongRunner | None = None) -> None:
        super().__init__(session, run)
        session.events.closed.connect(self.close)

    def go_to(self, index: tuple[int, ...] | int) -> None:
        """Show a frame; what is shown of it stays where it is.

        Parameters
        ----------
        index
            A number for each looped axis of :attr:`stack`; or one number, the place in
            :attr:`frame_states`, whatever the axes were in that run.

        Raises
        ------
        SessionError
            If there is no such frame.
        """
        self._check_open()
        stack = self.stack
        if isinstance(index, int):
            frames = self._states.frames
            if not 0 <= index < len(frames):
                raise SessionError(f"there are {len(frames)} frames, and none at {index}")
            index, stack = frames[index], self.stack_of_run or stack
        if len(index) != len(stack.shape) or not all(
            0 <= at < length for at, length in zip(index, stack.shape, strict=True)
        ):
            raise SessionError(f"{stack.name} has no frame {index}; its axes are {stack.shape}")
        image, dims = self.session.image, self.session.viewer.dims
        frame = stack.frame_of(index)
        matrix = world_matrix(image, dims)
        point = np.array(dims.point, float)
        # Along rows and columns the sliders stay.
        here = apply(np.asarray(np.linalg.inv(matrix), float), [point[-image.ndim :]])[0]
        place = in_data([here[list(frame_axes(frame))]], frame)
        point[-image.ndim :] = apply(matrix, place)[0]
        dims.point = tuple(point)

    def close(self) -> None:
        """End what runs. What was done stays, and the layers too."""
        if not self.is_closed:
            self.session.events.closed.disconnect(self.close)
            super().close()
