"""Adding the layers of a session one at a time: napari takes long to add one.

What is done with them is in watching.py; who adds them when, if not at once, is for the widget.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cutout.layers.jobs import Job
from napari_cutout.layers.showing import Showing
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from napari_cutout.layers.keys import KeyBindings
    from napari_cutout.layers.target.target import Target


class Laying(Showing):
    """A session as far as its layers are added one after the other. See :class:`.Session`."""

    _keys: KeyBindings
    _target: Target

    def lay_next(self) -> bool:
        """Add one of the prompt layers that the session was made without.

        Whatever is asked of the session that needs one adds those that are left.

        Returns
        -------
        bool
            Whether another one is left.
        """
        if self.is_closed or self._layers.are_laid:
            return False
        is_left = self._layers.lay_next()
        self._bind_keys()
        return is_left

    def make_ready(self) -> None:
        """Make ahead the layer that the first commit adds, when there is time for it."""
        if self._makes_labels and not self._target.ahead.is_made:
            make, deliver = self._target.ahead.pixels(), weak_call(self._make_labels)
            self._run(Job("ready", "", make, deliver, lambda _error: None, lambda: None))

    @property
    def _makes_labels(self) -> bool:
        """Whether a commit would add labels, and there may be one soon."""
        return not self.is_closed and bool(self._shown) and self._target.layer is None

    def _make_labels(self, pixels: Any) -> None:
        if not self._makes_labels:
            return
        ahead = self._target.ahead
        before, layer = ahead.layer, ahead.make(pixels)
        if before is not None and before is not layer:
            self._keys.release(before)
        self._keys.bind([layer], everywhere_only=True)

    def _bind_keys(self) -> None:
        ours = [*self._layers.layers, self._preview.layer, self.image]
        self._keys.bind([self.viewer, *(layer for layer in ours if layer is not None)])
        if self._target.layer is not None:
            self._keys.bind([self._target.layer], everywhere_only=True)
