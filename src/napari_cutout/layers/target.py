"""The Labels layer of a session: which one, its next id, its strokes, and what it says of objects.

How it is written is in writing.py; how a frame is found in it, in targets.py.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from napari_cutout.annotate import next_id
from napari_cutout.layers.errors import TargetError
from napari_cutout.layers.targets import largest_label, new_labels
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from napari import Viewer
    from napari.layers import Image, Labels

    from napari_cutout.annotate import ObjectRecord

_COLUMNS = ("index", "score", "model", "prompts")


class Target:
    """Where a session's objects go.

    Parameters
    ----------
    viewer, image
        Of the session.
    stroke
        Called with the layer when the person painted in it.
    replaced
        Called with the layer when its data was replaced as a whole.
    """

    def __init__(
        self,
        viewer: Viewer,
        image: Image,
        stroke: Callable[[Labels], None],
        replaced: Callable[[Labels], None],
    ) -> None:
        self._viewer, self._image = viewer, image
        self._stroke, self._replaced = weak_call(stroke), weak_call(replaced)
        self._layer: Labels | None = None
        self._largest: int | None = None
        self._ours = False

    @property
    def layer(self) -> Labels | None:
        """The layer, None until the first commit makes one."""
        return self._layer

    def use(self, layer: Labels | None) -> None:
        """Take another layer, or none.

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
        self._listen(False)
        self._layer, self._largest = layer, None
        self._listen(True)

    def ensure(self) -> Labels:
        """The layer; a new one that lies on the image when there was none."""
        if self._layer is None:
            layer = new_labels(self._image, self._viewer.dims)
            layers = self._viewer.layers
            with keeping_selection(self._viewer):
                self._viewer.add_layer(layer)
                # Right above the image, so that prompts stay in sight.
                layers.move(len(layers) - 1, layers.index(self._image) + 1)
            self.use(layer)
            self._largest = 0
        assert self._layer is not None
        return self._layer

    def next_id(self) -> int:
        """An id that nothing in the layer has. All is read once, then what is written counts."""
        assert self._layer is not None, "a target is there"
        if self._largest is None:
            self._largest = largest_label(self._layer.data)
        return next_id(self._largest, self._layer.data.dtype)

    @contextmanager
    def writing(self) -> Generator[None, None, None]:
        """While it is open, strokes are ours and not the person's."""
        before, self._ours = self._ours, True
        try:
            yield
        finally:
            self._ours = before

    def added(self, record: ObjectRecord) -> None:
        """An object was written: its id is taken, and the layer's tooltip knows about it."""
        if self._layer is None:
            return
        self._largest = max(self._largest or 0, record.id)
        rows = _rows(self._layer)
        rows[record.id] = (record.id, round(record.score, 3), record.model, len(record.prompts))
        _set_rows(self._layer, rows)

    def taken_out(self, record: ObjectRecord) -> None:
        """An object was undone. Its id is free again when it was the last."""
        if self._layer is None:
            return
        if self._largest == record.id:
            self._largest = record.id - 1
        rows = _rows(self._layer)
        if rows.pop(record.id, None) is not None:
            _set_rows(self._layer, rows)

    def close(self) -> None:
        """Let go of the layer; it stays as it is."""
        self._listen(False)
        self._layer = None

    def _listen(self, on: bool) -> None:
        if self._layer is None:
            return
        events = self._layer.events
        for emitter, call in ((events.paint, self._on_paint), (events.data, self._on_data)):
            (emitter.connect if on else emitter.disconnect)(call)

    def _on_paint(self) -> None:
        layer = self._layer
        if self._ours or layer is None:
            return
        if self._largest is not None:
            self._largest = max(self._largest, int(layer.selected_label))
        self._stroke(layer)

    def _on_data(self) -> None:
        if self._layer is not None:
            self._largest = None
            self._replaced(self._layer)


@contextmanager
def keeping_selection(viewer: Viewer) -> Generator[None, None, None]:
    """Adding a layer selects it; afterwards the person's layer is active again."""
    active = viewer.layers.selection.active
    yield
    if active is not None and active in viewer.layers:
        viewer.layers.selection.active = active


def _rows(layer: Labels) -> dict[int, tuple[Any, ...]]:
    """Our rows of the layer's features; foreign features are left alone, and give none."""
    table = layer.features
    if not set(_COLUMNS) <= set(table.columns):
        return {}
    return {int(row[0]): row for row in zip(*(table[name] for name in _COLUMNS), strict=True)}


def _set_rows(layer: Labels, rows: dict[int, tuple[Any, ...]]) -> None:
    foreign = set(layer.features.columns) - set(_COLUMNS)
    if foreign - {"index"}:
        return
    columns = list(zip(*rows.values(), strict=True)) if rows else [() for _ in _COLUMNS]
    layer.features = {name: list(column) for name, column in zip(_COLUMNS, columns, strict=True)}
