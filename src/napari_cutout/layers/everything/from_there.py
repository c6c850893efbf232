"""What starts from what is there: boxes and masks of any layer, objects that are committed; edges.

Finding everything without any of it is in everything.py.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from napari_cutout.layers.everything.edge_maps import edge_steps
from napari_cutout.layers.everything.given import from_labels, from_shapes
from napari_cutout.layers.everything.more_like import more_like, similar_steps
from napari_cutout.layers.everything.refining import RefiningTask, refining_steps
from napari_cutout.layers.everything.running import EverythingRunning
from napari_cutout.layers.gathering import FoundBy
from napari_cutout.layers.image.frames import frame_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from napari.layers import Labels, Shapes

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.layers.everything.more_like import Frames
    from napari_cutout.layers.model.encoder import Made


class EverythingFromThere(EverythingRunning):
    """As far as it starts from what is there. See :class:`.Everything`."""

    def refine(self, layer: Shapes | Labels) -> None:
        """Have the model cut out anew what a layer gives: its shapes, or its objects as masks.

        Each is asked twice, the second time with the best mask of the first. What was found before
        goes; what comes is chosen among and committed in the same way.

        Parameters
        ----------
        layer
            A Shapes layer, of which the selected shapes are taken, or all where none is; or a
            Labels layer of any tool.

        Raises
        ------
        SessionError
            If nothing of it lies in the shown frame.
        """
        self._check_open()
        session = self.session
        read: Any = from_labels if hasattr(layer, "selected_label") else from_shapes
        given = read(layer, session.image, session.viewer.dims)
        prepare, keep = self._preparing(given.frame)
        by = FoundBy("refine", {"layer": layer.name}, session._predictor.model_name)
        task = RefiningTask(prepare, given, by)
        self._begin(
            f"Refining {len(given.prompts)} of {layer.name!r} …",
            partial(refining_steps, task),
            keep,
        )

    def find_like(self, ids: int | Iterable[int], frames: Frames = "shown") -> None:
        """Look for more objects like some that are in the labels of the session.

        Parameters
        ----------
        ids
            Of one or a few objects of the shown frame. What was found before goes.
        frames
            Where: ``"shown"`` or ``"all"``. What is found in another frame is shown, chosen among
            and committed when that frame is shown.

        Raises
        ------
        TargetError
            If there are no labels, or one of the objects isn't in the frame.
        """
        self._check_open()
        task = more_like(self.session, ids, frames)
        self._begin(
            "Looking for more like that …", partial(similar_steps, task), task.frames[0].keep
        )

    def map_edges(self, **options: Any) -> None:
        """Make an Image layer of the edges of the shown frame. What was found stays.

        Parameters
        ----------
        options
            See :func:`.edge_map`.
        """
        self._check_open()
        frame = self.session.frame
        prepare, keep = self._preparing(frame)
        self._begin(
            "Looking for edges …", partial(edge_steps, prepare, frame, options), keep, clear=False
        )

    def _preparing(self, frame: FrameIndex) -> tuple[Callable[[], Made], Callable[[Made], None]]:
        session = self.session
        whole: Any = "whole" if session.window == "whole" else None
        source = frame_source(session.image, frame, session.channels, whole)
        return session._predictor.preparing(source)
