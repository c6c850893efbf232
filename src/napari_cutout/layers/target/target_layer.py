"""What is known of one Labels layer that objects go to, in step with everything that happens to it.

The ids that are taken and the object table; what the layer says of its objects is in
described_layer.py. Which layer is the target is decided in target.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.layers.errors import ViewError
from napari_cutout.layers.image.coordinates import shown_frame
from napari_cutout.layers.target.described_layer import DescribedLayer
from napari_cutout.layers.target.ids import Ids
from napari_cutout.layers.target.painting import follow_changes, follow_painted, largest_painted
from napari_cutout.layers.target.pyramids import is_foreign, pixels_of
from napari_cutout.layers.target.reading import Reading
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from napari.components import Dims
    from napari.layers import Labels

    from napari_cutout.annotate import FrameIndex, ObjectTable
    from napari_cutout.layers.jobs import Runner
    from napari_cutout.layers.steps import Edit

Painted = tuple[tuple[Any, ...], ...]
"""napari's account of a stroke, see painting.py."""


class TargetLayer(DescribedLayer):
    """One Labels layer.

    Parameters
    ----------
    labels
        The layer.
    dims
        Of its viewer.
    run
        Takes the reading of what is there.
    stroke
        Called with the layer and what was painted, when it wasn't by us.
    replaced
        Called with the layer when its data was replaced as a whole.
    found
        Called when objects were found that are there.
    drawn
        Called with the layer when it was drawn anew though the view stayed.
    table
        Of a layer that is known to have no objects yet; empty.
    """

    def __init__(
        self,
        labels: Labels,
        dims: Dims,
        run: Runner,
        stroke: Callable[[Labels, Painted], None],
        replaced: Callable[[Labels], None],
        found: Callable[[], None],
        drawn: Callable[[Labels], None],
        table: ObjectTable | None = None,
    ) -> None:
        super().__init__(labels, table)
        self._dims, self._run = dims, run
        self._stroke, self._replaced = weak_call(stroke), weak_call(replaced)
        self._found, self._drawn = weak_call(found), weak_call(drawn)
        self.is_being_painted = False
        """Whether napari tells of a stroke just now, which may not be in the pixels yet."""
        self._is_asked = False
        self._view = self._view_now()
        self._begin(is_empty=table is not None)
        self._listen(True)

    def _begin(self, is_empty: bool) -> None:
        self.table.clear()
        self.ids = Ids(pixels_of(self.labels), largest=0 if is_empty else None)
        self._is_empty = is_empty
        self._reading = self._read_objects() if is_empty else None
        if not is_empty:
            self.table.places.known = "soon"
        self._take_classes()

    def _read_objects(self) -> Reading:
        data, places = pixels_of(self.labels), self.table.places
        return Reading(data, places, self._run, self._on_found, is_known=self._is_empty)

    def read_ids(self) -> None:
        """Have the ids read, unless they were. Those of a foreign pyramid nobody asks for."""
        if not is_foreign(self.labels):
            self.ids.read(self._run, self._on_ids)

    def objects(self) -> ObjectTable:
        """The table. What is in the layer already is read from now on, by the runner."""
        if is_foreign(self.labels) or self.labels.ndim < 2:
            return self.table
        # A commit waits for the ids, and nothing waits for this: it takes its turn after them.
        self._is_asked = True
        self.read_ids()
        if not self.ids.are_read:
            return self.table
        if self._reading is None:
            self._reading = self._read_objects()
        frame = self._shown() if self.table.places.known == "some" else None
        if frame is not None:
            self._reading.visit(frame)
        if self._reading.go_on() and self.features.is_written:
            self.show()
        return self.table

    def begin_writing(self) -> None:
        """What is written from now on is no stroke."""
        self.is_ours = True

    def edited(self, edit: Edit, *, back: bool = False, shows: bool = True) -> None:
        """An edit was written, or undone: follow it in all that is known, at once.

        O(boxes of the changes), and one writing of the features, which :meth:`tell` can do later.
        """
        changes, table = edit.changes, self.table
        numbers = {record.id for record in edit.added}
        numbers.update(int(np.max(change.after)) for change in changes)
        if not back and self.ids.are_read:
            for number in numbers:
                if number > self.ids.largest:
                    table.places.add_new(number)
        follow_changes(table.places, changes, back=back)
        for record in edit.added if back else edit.removed:
            table.remove(record)
        for record in edit.removed if back else edit.added:
            table.add(record)
        for number, before, after in edit.classes:
            table.set_class(number, before if back else after)
        for number in sorted(numbers, reverse=True):
            if not back:
                self.ids.take(number)
            elif number not in table.places and table.places.is_whole(number):
                self.ids.give_back(number)
        if shows:
            self.tell(edit.removed if back else edit.added)

    def repainted(self, painted: Iterable[tuple[Any, ...]], *, back: bool) -> None:
        """A stroke was undone by napari, or done again."""
        follow_painted(self.table.places, painted, back=back)
        self.show()

    def take(self, other: TargetLayer) -> None:
        """Know all that is known of another layer with the same pixels."""
        for record in other.table:
            self.table.add(record)
        for number, name in other.table.classes.items():
            self.table.set_class(number, name)
        self.table.places.take(other.table.places)
        self._is_empty, self._reading = other._is_empty, None
        self.ids = Ids(pixels_of(self.labels), other.ids.largest if other.ids.are_read else None)

    def close(self) -> None:
        """Let go of the layer; it gets its own colours back."""
        self.color_by_class = False
        self._listen(False)

    def _listen(self, on: bool) -> None:
        events = self.labels.events
        for emitter, call in (
            (events.paint, self._on_paint),
            (events.data, self._on_data),
            (events.set_data, self._on_refreshed),
            (events.features, self._on_features),
        ):
            (emitter.connect if on else emitter.disconnect)(call)

    def _on_paint(self, event: Any) -> None:
        # An edit of ours is told of when it was written: napari tells of no undo, nor of dask.
        if self.is_ours:
            return
        painted = tuple(event.value)
        self.is_being_painted = True
        try:
            self.ids.take(largest_painted(painted))
            follow_painted(self.table.places, painted)
            if self.features.is_written:
                self.show()
            self._stroke(self.labels, painted)
        finally:
            self.is_being_painted = False

    def _on_ids(self) -> None:
        if self._is_asked:
            self.objects()

    def _on_data(self) -> None:
        self._begin(is_empty=False)
        self._replaced(self.labels)
        self.read_ids()

    def _on_refreshed(self) -> None:
        """Drawn anew though the view stayed: the sign of data that were changed in place."""
        view = self._view_now()
        if view == self._view and not self.is_ours:
            self.ids.doubt()
            frame = self._shown()
            if self._reading is not None and frame is not None:
                self._reading.doubt(frame)
            # At once: what was undone is told as a difference, before the frame is read again.
            self._drawn(self.labels)
        self._view = view
        if self._is_asked and self.table.places.known == "some":
            self.objects()

    def _on_features(self) -> None:
        if not self.features.is_writing:
            self._take_classes()
            self._color()

    def _on_found(self) -> None:
        if self.features.is_written:
            self.show()
        else:
            self._color()
        self._found()

    def _view_now(self) -> tuple[object, ...]:
        dims = self._dims
        return tuple(dims.point), tuple(dims.order), dims.ndisplay

    def _shown(self) -> FrameIndex | None:
        """The frame that is shown, where it is one along the last two axes."""
        try:
            frame = shown_frame(self.labels, self._dims)
        except ViewError:
            return None
        return frame if frame[-2:] == (None, None) else None
