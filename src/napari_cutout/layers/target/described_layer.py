"""A Labels layer and what it says of its objects: their features, and the colours of their classes.

How these are written is in features.py and class_colors.py; what happens to the layer is followed
in target_layer.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.annotate import ObjectTable
from napari_cutout.layers.target.class_colors import ClassColors
from napari_cutout.layers.target.features import Features

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari.layers import Labels

    from napari_cutout.annotate import ObjectRecord


class DescribedLayer:
    """One Labels layer, as far as it says something of its objects.

    Parameters
    ----------
    labels
        The layer.
    table
        Of a layer that is known to have no objects yet; empty.
    """

    def __init__(self, labels: Labels, table: ObjectTable | None = None) -> None:
        self.labels = labels
        self.is_ours = False
        """Whether what is written is written by us."""
        self._by_class = False
        self.features, self.colors = Features(labels), ClassColors(labels)
        self.table = ObjectTable() if table is None else table

    def tell(self, records: Iterable[ObjectRecord]) -> None:
        """Write what the layer says of its objects, some of which came: O(objects)."""
        self.show()
        self._show_stability(records)

    def show(self) -> None:
        """Write what the layer says of its objects, where that changed.

        Objects of which frames are still to be read are left out until then.
        """
        rows, places = self.table.rows(), self.table.places
        if places.known == "soon":
            rows = tuple(row for row in rows if places.is_whole(row.id))
        self.features.write(rows)
        self._color()

    def _show_stability(self, records: Iterable[ObjectRecord]) -> None:
        """Write the stability of objects that were found among the features."""
        known = {
            record.id: round(record.found.stability, 3)
            for record in records
            if record.found is not None and record.found.stability is not None
        }
        if known:
            self.features.put("stability", known)

    @property
    def color_by_class(self) -> bool:
        """Whether objects have the colour of their class."""
        return self._by_class

    @color_by_class.setter
    def color_by_class(self, on: bool) -> None:
        if on:
            self.colors.check(self._classes_here())
        self.show_by_class(on)

    def show_by_class(self, on: bool) -> None:
        """The same, leaving out ids that napari can't colour."""
        self._by_class = on
        self._color()

    def _color(self) -> None:
        before, self.is_ours = self.is_ours, True
        try:
            if self._by_class:
                self.colors.show(self._classes_here())
            else:
                self.colors.hide()
        finally:
            self.is_ours = before

    def _classes_here(self) -> dict[int, str]:
        names = self.table.classes
        return {number: names[number] for number in names if number in self.table.places}

    def _take_classes(self) -> None:
        said = self.features.classes()
        for number in self.table.classes.keys() | said.keys():
            if said.get(number, "") != self.table.class_of(number):
                self.table.set_class(number, said.get(number, ""))
