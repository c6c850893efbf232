"""The Labels layers that a session has written to, or may yet: what is known of each is kept once.

Which of them is the target is decided in target.py.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from napari_cutout.layers.target.target_layer import TargetLayer
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from napari import Viewer
    from napari.layers import Labels

    from napari_cutout.annotate import ObjectTable
    from napari_cutout.layers.jobs import Runner
    from napari_cutout.layers.target.target_layer import Painted


class KnownLayers:
    """The target of a session, and earlier ones, whose edits can still be undone.

    Parameters
    ----------
    viewer
        In which they are.
    run, stroke, replaced, found, drawn
        As for :class:`.TargetLayer`, for each of them.
    """

    def __init__(
        self,
        viewer: Viewer,
        run: Runner,
        stroke: Callable[[Labels, Painted], None],
        replaced: Callable[[Labels], None],
        found: Callable[[], None],
        drawn: Callable[[Labels], None],
    ) -> None:
        self._viewer, self._run = viewer, run
        self._stroke, self._replaced = weak_call(stroke), weak_call(replaced)
        self._found, self._drawn = weak_call(found), weak_call(drawn)
        self._known: list[TargetLayer] = []

    def of(self, layer: Labels, table: ObjectTable | None = None) -> TargetLayer:
        """What is known of a layer.

        Parameters
        ----------
        layer
            One of the viewer.
        table
            Of a layer that is new here, and known to have no objects yet; empty.
        """
        for known in self._known:
            if known.labels == layer:
                return known
        new = TargetLayer(
            layer,
            self._viewer.dims,
            self._run,
            self._stroke,
            self._replaced,
            self._found,
            self._drawn,
            table,
        )
        self._known.append(new)
        return new

    def forget_removed(self, current: TargetLayer | None) -> None:
        """Let go of those that aren't in the viewer any more, but the one that is the target."""
        for known in list(self._known):
            if known is not current and known.labels not in self._viewer.layers:
                known.close()
                self._known.remove(known)

    @property
    def is_being_painted(self) -> bool:
        """Whether napari tells of a stroke in any of them just now."""
        return any(known.is_being_painted for known in self._known)

    @contextmanager
    def writing(self) -> Generator[None, None, None]:
        """While it is open, strokes are ours and not the person's."""
        before = [(known, known.is_ours) for known in self._known]
        for known, _ in before:
            known.begin_writing()
        try:
            yield
        finally:
            for known, was_ours in before:
                known.is_ours = was_ours

    def close(self) -> None:
        """Let go of all."""
        for known in self._known:
            known.close()
        self._known.clear()
