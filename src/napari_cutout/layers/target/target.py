"""The Labels layer of a session: which one it is, and who is told of what happens to it.

Which others there were is in known_layers.py, and what is known of each in target_layer.py; how it
is written, in writing.py; how a frame is found in it, in targets.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate import ObjectTable
from napari_cutout.layers.errors import TargetError
from napari_cutout.layers.selecting import keeping_selection
from napari_cutout.layers.target.ahead import Ahead
from napari_cutout.layers.target.known_layers import KnownLayers
from napari_cutout.layers.target.targets import check_writable
from napari_cutout.layers.target.widening import widened
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager

    from napari import Viewer
    from napari.layers import Image, Labels

    from napari_cutout.annotate import ObjectRecord
    from napari_cutout.layers.jobs import Runner
    from napari_cutout.layers.steps import Edit
    from napari_cutout.layers.target.target_layer import Painted, TargetLayer
    from napari_cutout.layers.target.targets import TargetFrame


class Target:
    """Where a session's objects go.

    Parameters
    ----------
    viewer, image
        Of the session.
    run
        Takes the reading of the ids and objects that are there.
    stroke
        Called with the layer and napari's account when the person painted in it.
    replaced
        Called with the layer when its data was replaced as a whole.
    found
        Called when objects were found that the layer had already.
    drawn
        Called with a layer when it was drawn anew though the view stayed: others may have undone
        something there.
    """

    def __init__(
        self,
        viewer: Viewer,
        image: Image,
        run: Runner,
        stroke: Callable[[Labels, Painted], None],
        replaced: Callable[[Labels], None],
        found: Callable[[], None] = lambda: None,
        drawn: Callable[[Labels], None] = lambda _: None,
    ) -> None:
        self._viewer, self._image = viewer, image
        self._stroke = weak_call(stroke)
        self._known = KnownLayers(viewer, run, self._on_stroke, replaced, found, drawn)
        self._current: TargetLayer | None = None
        self._by_class = False
        self._blank = ObjectTable()
        self.ahead = Ahead(viewer, image)
        """The layer that :meth:`ensure` is going to add."""
        viewer.layers.events.removed.connect(self._on_removed)

    @property
    def layer(self) -> Labels | None:
        """The layer, None until the first commit makes one."""
        return None if self._current is None else self._current.labels

    @property
    def objects(self) -> ObjectTable:
        """The objects of the layer; those that it had already are read by the runner."""
        return self._blank if self._current is None else self._current.objects()

    def table_of(self, layer: Labels) -> ObjectTable:
        """What is known of the objects of a layer, this or an earlier one; nothing is read."""
        return self._known.of(layer).table

    def use(self, layer: Labels | None) -> None:
        """Take another layer, or none. Its ids are read, by the runner.

        Raises
        ------
        TargetError
            If it is no Labels layer of this viewer.
        """
        from napari.layers import Labels

        if layer is not None and not isinstance(layer, Labels):
            raise TargetError(f"objects are written to a Labels layer, not to {layer!r}")
        if layer is not None and layer not in self._viewer.layers:
            raise TargetError(f"{layer.name!r} isn't in the viewer; add it first")
        self._take(None if layer is None else self._known.of(layer))
        if self._current is not None:
            self._current.read_ids()

    def ensure(self) -> Labels:
        """The layer; a new one that lies on the image when there was none."""
        if self._current is None:
            layer = self.ahead.take()
            self._add(layer, above=self._image)
            # Who asked for the objects before there were any goes on with the same table.
            table, self._blank = self._blank, ObjectTable()
            self._take(self._known.of(layer, table))
        assert self._current is not None
        return self._current.labels

    def widen(self) -> tuple[Labels, Labels]:
        """Go on in a copy of the layer with a wider dtype, right above it; the layer is hidden.

        The copy has the same pixels, place, name and features, and the objects with their records.

        Returns
        -------
        tuple of Labels
            The layer, and the copy.

        Raises
        ------
        TargetError
            If there is no layer, it isn't in memory, or no dtype is wider.
        """
        old = self._current
        if old is None:
            raise TargetError("there are no labels yet; the first commit makes them")
        layer = widened(old.labels)
        self._add(layer, above=old.labels)
        new = self._known.of(layer, ObjectTable())
        new.take(old)
        self.go_over(old.labels, layer)
        new.read_ids()
        return old.labels, layer

    def go_over(self, old: Labels, new: Labels) -> None:
        """Go on in another layer, which is shown in the place of the one before."""
        selection = self._viewer.layers.selection
        if selection.active is not None and selection.active == old:
            selection.active = new
        old.visible, new.visible = False, True
        self._take(self._known.of(new))

    def next_id(self, frame: TargetFrame, boxes: Iterable[tuple[int | slice, ...]] = ()) -> int:
        """An id that nothing in the layer has.

        All is read once, then what is written counts; and what others wrote is looked for, see
        :meth:`.Ids.next`.

        Parameters
        ----------
        frame
            The frame that is about to be written.
        boxes
            Where in the layer's data.

        Raises
        ------
        TargetError
            If the layer can't be written, or its ids are still being read.
        IdsExhaustedError
            If its dtype holds no more ids; see :meth:`widen`.
        """
        current = self._current
        assert current is not None, "a target is there"
        check_writable(current.labels)
        current.read_ids()
        if not current.ids.are_read:
            name = current.labels.name
            raise TargetError(f"the ids in {name!r} are still being read; commit again in a moment")
        return current.ids.next(frame.index, boxes)

    def writing(self) -> AbstractContextManager[None]:
        """While it is open, strokes are ours and not the person's."""
        return self._known.writing()

    @property
    def is_being_painted(self) -> bool:
        """Whether napari tells of a stroke just now, which may not be in the pixels yet."""
        return self._known.is_being_painted

    def edited(self, labels: Labels, edit: Edit, *, back: bool = False, shows: bool = True) -> None:
        """An edit was written into a layer, this or an earlier one, or undone there.

        Its table and ids follow, and its features and colours unless :meth:`tell` is called later.
        """
        self._known.of(labels).edited(edit, back=back, shows=shows)

    def tell(self, labels: Labels, records: Iterable[ObjectRecord]) -> None:
        """Bring the features and colours of a layer in step, to which these objects came."""
        self._known.of(labels).tell(records)

    def repainted(self, labels: Labels, painted: Painted, *, back: bool) -> None:
        """A stroke in a layer was undone, or done again."""
        self._known.of(labels).repainted(painted, back=back)

    def measured(self, columns: Mapping[str, Any], *, until_changed: bool = True) -> None:
        """Show measurements of objects of the current layer among its features.

        Parameters
        ----------
        columns
            ``id`` and others of the same length, one row an object.
        until_changed
            Whether they are emptied for an object that changes.
        """
        if self._current is not None:
            self._current.features.add(columns, until_changed=until_changed)

    def decided(self, decisions: Mapping[int, str]) -> None:
        """Show what a review decided on objects of the current layer, as a feature ``review``."""
        if self._current is not None and (decisions or "review" in self._current.labels.features):
            ids = np.array(list(decisions), np.int64)
            words = np.array(list(decisions.values()), object)
            self._current.features.add({"id": ids, "review": words}, until_changed=False)

    @property
    def color_by_class(self) -> bool:
        """Whether the objects of the layer have the colours of their classes.

        Raises
        ------
        TargetError
            If napari can't colour them, with what to do.
        """
        return self._by_class

    @color_by_class.setter
    def color_by_class(self, on: bool) -> None:
        if self._current is not None:
            self._current.color_by_class = bool(on)
        self._by_class = bool(on)

    def close(self) -> None:
        """Let go of all layers; they stay as they are."""
        self._viewer.layers.events.removed.disconnect(self._on_removed)
        self._known.close()
        self._current = self.ahead.layer = None

    def _take(self, known: TargetLayer | None) -> None:
        if self._current is not None:
            self._current.color_by_class = False
        self._current = known
        if known is not None:
            known.show_by_class(self._by_class)
        self._known.forget_removed(known)

    def _add(self, layer: Labels, above: Any) -> None:
        """Into the viewer, right above another layer, so that prompts stay in sight."""
        layers = self._viewer.layers
        with keeping_selection(self._viewer):
            layers.insert(layers.index(above) + 1, layer)

    def _on_removed(self) -> None:
        self._known.forget_removed(self._current)

    def _on_stroke(self, labels: Labels, painted: Painted) -> None:
        if labels == self.layer:
            self._stroke(labels, painted)
