"""Combo boxes of layers that keep their choice while layers come, go and change names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QWidget

if TYPE_CHECKING:
    from collections.abc import Iterable


class LayerChoice(QComboBox):
    """A combo box of layers.

    Parameters
    ----------
    nothing
        What stands for no layer.
    parent
        Its parent.

    Signals
    -------
    layer_changed
        The person chose another layer, or None.
    """

    layer_changed = Signal(object)

    def __init__(self, nothing: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._nothing = nothing
        self._layers: list[Any] = [None]
        self.addItem(nothing)
        self.setMinimumContentsLength(12)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.activated.connect(self._on_activated)

    @property
    def layer(self) -> Any:
        """What is chosen; None for no layer."""
        return self._layers[self.currentIndex()]

    def _on_activated(self, index: int) -> None:
        self.layer_changed.emit(self._layers[index])

    def offer(self, layers: Iterable[Any], chosen: Any = None) -> None:
        """Offer these layers, one of them chosen. Nobody is told."""
        self._layers = [None, *layers]
        self.blockSignals(True)
        self.clear()
        self.addItems([self._nothing, *(layer.name for layer in self._layers[1:])])
        places = [
            place
            for place, layer in enumerate(self._layers)
            if layer is not None and chosen is not None and layer == chosen
        ]
        self.setCurrentIndex(places[0] if places else 0)
        self.blockSignals(False)
