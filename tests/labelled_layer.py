"""A Labels layer that is a target, edited and painted without a session; and what is in it."""

from __future__ import annotations

import numpy as np
from napari.components import ViewerModel

from napari_cutout.annotate import ObjectRecord, PromptState
from napari_cutout.layers import run_at_once
from napari_cutout.layers.target import writing
from napari_cutout.layers.target.target import Target
from napari_cutout.layers.target.targets import find_frame


class Labelled:
    """See the module. ``strokes`` keeps what the person painted, ``found`` how often was read."""

    def __init__(self, data=None, run=run_at_once, image_shape=None, **options):
        self.viewer = ViewerModel()
        shape = image_shape or (12, 16) if data is None else image_shape or data.shape
        self.image = self.viewer.add_image(np.zeros(shape, np.uint8))
        self.strokes, self.found = [], []
        self.target = Target(
            self.viewer,
            self.image,
            run,
            lambda labels, painted: self.strokes.append(painted),
            lambda labels: None,
            lambda: self.found.append(True),
        )
        if data is not None:
            self.target.use(self.viewer.add_labels(data, **options))

    @property
    def labels(self):
        return self.target.layer

    @property
    def table(self):
        return self.target.objects

    @property
    def pixels(self):
        return np.asarray(self.labels.data)

    def frame(self, index):
        return find_frame(self.labels, self.image, index, self.viewer.dims)

    def record(self, number, index=(None, None), **values):
        """A record of an object that is in the labels, with one point as its prompt."""
        inside = self.pixels[tuple(slice(None) if at is None else at for at in index)] == number
        rows, cols = np.nonzero(inside)
        origin = int(rows.min()), int(cols.min())
        mask = inside[origin[0] : rows.max() + 1, origin[1] : cols.max() + 1]
        state = PromptState(np.zeros((1, len(index))), np.array([True]))
        return ObjectRecord(number, index, mask, origin, values.pop("score", 0.5), state, **values)

    def apply(self, edit):
        with self.target.writing():
            if edit.changes:
                writing.write(self.labels, edit.changes)
        self.target.edited(self.labels, edit)

    def undo(self, edit):
        """As by napari's own undo, and where that has nothing, by writing it back."""
        with self.target.writing():
            if edit.changes:
                writing.revert(self.labels, edit.changes)
        self.target.edited(self.labels, edit, back=True)

    def areas(self):
        return {row.id: row.area for row in self.table.rows()}

    def counted(self):
        """The same from the pixels."""
        numbers, counts = np.unique(self.pixels[self.pixels != 0], return_counts=True)
        return dict(zip(numbers.tolist(), counts.tolist(), strict=True))
