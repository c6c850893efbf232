"""The sliders of "Everything" that say which objects are kept.

They show and give :class:`.Filters`; what is kept is for others to find out. How a slider looks is
in filter_sliders.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QCheckBox, QWidget

from napari_cutout.segment.automatic.filters import Filters
from napari_cutout.widgets.everything.filter_sliders import AreaRange, Least
from napari_cutout.widgets.layouts import column

if TYPE_CHECKING:
    from napari_cutout.layers.everything.found_set import FoundSet


class FilterPanel(QWidget):
    """All of them.

    Signals
    -------
    changed
        The person moved one: :attr:`filters` are others.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.score = Least("S&core", "The IoU that the model expects of an object, at least")
        self.stability = Least(
            "Stabilit&y", "How little an object changes with the threshold of its mask, at least"
        )
        self.area = AreaRange()
        self.roundness = Least("Ro&undness", "1 for a disc, less for other forms; at least")
        self.overlap = Least(
            "Overla&p", "The share of an object that better ones cover, at most", most=True
        )
        self.border = QCheckBox("Drop what touches the &border")
        self.border.setToolTip("Drop objects that have a pixel on the border of the frame")
        self.border.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.sliders = (self.score, self.stability, self.area, self.roundness, self.overlap)
        column(self, *self.sliders, self.border, spacing=6)
        for one in self.sliders:
            one.changed.connect(self.changed)
        self.border.clicked.connect(self.changed)

    @property
    def filters(self) -> Filters:
        """What they say."""
        low, high = self.area.value
        return Filters(
            self.score.value,
            min(self.stability.value, 1.0),
            low,
            high,
            min(self.roundness.value, 1.0),
            self.border.isChecked(),
            min(self.overlap.value, 1.0),
        )

    def show_filters(self, filters: Filters) -> None:
        """Show filters that are set."""
        self.score.value, self.stability.value = filters.min_score, filters.min_stability
        self.area.value = filters.min_area, filters.max_area
        self.roundness.value, self.overlap.value = filters.min_roundness, filters.max_overlap
        self.border.setChecked(filters.drop_touching_border)

    def show_found(self, found: FoundSet | None) -> None:
        """Show the measurements of what was found."""
        for one, quantity in (
            (self.score, "score"),
            (self.stability, "stability"),
            (self.area, "area"),
            (self.roundness, "roundness"),
        ):
            one.show_values(() if found is None else found.values(quantity))
        self.overlap.show_values(() if found is None else found.covered)
