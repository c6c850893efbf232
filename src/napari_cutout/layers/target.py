"""The Labels layer of a session: which one, its strokes, and what it says of objects.

How it is written is in writing.py; how a frame is found in it, in targets.py; which ids it has
that aren't free any more, in ids.py.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from napari_cutout.layers.errors import TargetError
from napari_cutout.layers.ids import Ids, largest_painted
from napari_cutout.layers.targets import check_writable, new_labels
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from napari import Viewer
    from napari.layers import Image, Labels

    from napari_cutout.annotate import ObjectRecord
    from napari_cutout.layers.jobs import Runner
    from napari_cutout.layers.targets import TargetFrame

_COLUMNS = ("index", "score", "model", "prompts")


class Target:
    """Where a session's objects go.

    Parameters
    ----------
    viewer, image
        Of the session.
    run
        Takes the reading of the ids that are there.
    stroke
        Called with the layer when the person painted in it.
    replaced
        Called with the layer when its data was replaced as a whole.
    """

    def __init__(
        self,
        viewer: Viewer,
        image: Image,
        run: Runner,
        stroke: Callable[[Labels], None],
        replaced: Callable[[Labels], None],
    ) -> None:
        self._viewer, self._image, self._run = viewer, image, run
        self._stroke, self._replaced = weak_call(stroke), weak_call(replaced)
        self._layer: Labels | None = None
        self._ids: Ids | None = None
        self._ours = False

    @property
    def layer(self) -> Labels | None:
        """The layer, None until the first commit makes one."""
        return self._layer

    def use(self, layer: Labels | None) -> None:
        """Take another layer, or none. Its ids are read, by the runner.

        Raises
        ------
        TargetError
            If it is no Labels layer of this viewer.
        """
        self._take(layer)
        self._read_ids()

    def ensure(self) -> Labels:
        """The layer; a new one that lies on the image when there was none."""
        if self._layer is None:
            layer = new_labels(self._image, self._viewer.dims)
            layers = self._viewer.layers
            with keeping_selection(self._viewer):
                self._viewer.add_layer(layer)
                # Right above the image, so that prompts stay in sight.
                layers.move(len(layers) - 1, layers.index(self._image) + 1)
            self._take(layer)
            self._ids = Ids(layer.data, largest=0)
        assert self._layer is not None
        return self._layer

    def next_id(self, frame: TargetFrame) -> int:
        """An id that nothing in the layer has.

        All is read once, then what is written counts; and what others wrote is looked for, see
        :meth:`.Ids.next`.

        Raises
        ------
        TargetError
            If the layer can't be written, or its ids are still being read.
        """
        assert self._layer is not None, "a target is there"
        check_writable(self._layer)
        self._read_ids()
        if self._ids is None or not self._ids.are_read:
            raise TargetError(
                f"the ids in {self._layer.name!r} are still being read; commit again in a moment"
            )
        return self._ids.next(frame.index)

    @contextmanager
    def writing(self) -> Generator[None, None, None]:
        """While it is open, strokes are ours and not the person's."""
        before, self._ours = self._ours, True
        try:
            yield
        finally:
            self._ours = before

    def added(self, labels: Labels, record: ObjectRecord) -> None:
        """An object was written into a layer, this or an earlier one, whose tooltip tells of it."""
        if labels == self._layer and self._ids is not None:
            self._ids.take(record.id)
        rows = _rows(labels)
        rows[record.id] = (record.id, round(record.score, 3), record.model, len(record.prompts))
        _set_rows(labels, rows)

    def taken_out(self, labels: Labels, record: ObjectRecord) -> None:
        """An object of a layer was undone. Its id is free again when it was the last."""
        if labels == self._layer and self._ids is not None:
            self._ids.give_back(record.id)
        rows = _rows(labels)
        if rows.pop(record.id, None) is not None:
            _set_rows(labels, rows)

    def close(self) -> None:
        """Let go of the layer; it stays as it is."""
        self._listen(False)
        self._layer = self._ids = None

    def _take(self, layer: Labels | None) -> None:
        from napari.layers import Labels

        if layer is not None and not isinstance(layer, Labels):
            raise TargetError(f"objects are written to a Labels layer, not to {layer!r}")
        if layer is not None and layer not in self._viewer.layers:
            raise TargetError(f"{layer.name!r} isn't in the viewer; add it first")
        self._listen(False)
        self._layer, self._ids = layer, None
        self._listen(True)

    def _read_ids(self) -> None:
        # napari can't edit a pyramid, so that no id of it is ever asked for.
        if self._layer is None or self._layer.multiscale:
            return
        if self._ids is None:
            self._ids = Ids(self._layer.data)
        self._ids.read(self._run)

    def _listen(self, on: bool) -> None:
        if self._layer is None:
            return
        events = self._layer.events
        for emitter, call in ((events.paint, self._on_paint), (events.data, self._on_data)):
            (emitter.connect if on else emitter.disconnect)(call)

    def _on_paint(self, event: Any) -> None:
        layer = self._layer
        if self._ours or layer is None:
            return
        if self._ids is not None:
            self._ids.take(largest_painted(event.value))
        self._stroke(layer)

    def _on_data(self) -> None:
        if self._layer is not None:
            self._ids = None
            self._replaced(self._layer)
            self._read_ids()


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
