"""The prompts of a session: points, drawn shapes, and objects that are refined.

What the mouse does is in pointing.py, what is shown of the answers, in previewing.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from napari_cutout.annotate import (
    KINDS,
    PromptMask,
    PromptShape,
    PromptState,
    ShapeKind,
)
from napari_cutout.layers.answers import Answers
from napari_cutout.layers.errors import SessionError, TargetError, ViewError
from napari_cutout.layers.image.coordinates import frame_shape, in_data
from napari_cutout.layers.picking import number_at, object_in_frame
from napari_cutout.layers.previewing import Previewing
from napari_cutout.layers.prompts import box_vertices
from napari_cutout.layers.steps import PromptStep
from napari_cutout.segment import PromptError, Prompts

if TYPE_CHECKING:
    from napari.layers import Labels
    from numpy.typing import ArrayLike

_LEAST = {"box": 4, "ellipse": 4, "polygon": 3, "scribble": 2}


class Prompting(Previewing):
    """A session as far as its prompts. See :class:`.Session`."""

    @property
    def prompts(self) -> PromptState:
        """The prompts in the shown frame, in data coordinates of the image."""
        return self._layers.read().of_frame(self.frame)

    @property
    def has_prompts(self) -> bool:
        """Whether there are any in the shown frame; there are none where no frame is shown."""
        try:
            return len(self.prompts) > 0
        except ViewError:
            return False

    @property
    def points_layer(self) -> Any:
        """The layer of points; None once it was deleted."""
        return self._layers.points

    @property
    def shapes_layer(self) -> Any:
        """The layer of boxes, outlines and scribbles; None once it was deleted."""
        return self._layers.shapes

    @property
    def polarity(self) -> bool:
        """Whether the next point or scribble says "inside the object"."""
        return self._positive

    @polarity.setter
    def polarity(self, positive: bool) -> None:
        self._positive = bool(positive)
        self._layers.set_next(self._positive, self._group)
        self.events.polarity()

    def toggle_polarity(self) -> None:
        """Make the next point or scribble say the opposite."""
        self.polarity = not self.polarity

    @property
    def group(self) -> int:
        """Number of the object that the next prompts belong to; 0 for none in particular."""
        return self._group

    @group.setter
    def group(self, number: int) -> None:
        if int(number) < 0:
            raise SessionError(f"objects are numbered from 1, and 0 is for none, not {number}")
        self._group = int(number)
        self._layers.set_next(self._positive, self._group)
        self.events.options()

    @property
    def separate(self) -> bool:
        """Whether every prompt without a number is an object of its own."""
        return self._separate

    @separate.setter
    def separate(self, separate: bool) -> None:
        self._separate = bool(separate)
        self.events.options()
        self._set_dirty()

    def add_point(self, point: ArrayLike, positive: bool | None = None) -> None:
        """Add a point to the shown frame.

        Parameters
        ----------
        point
            (row, col) of the frame.
        positive
            Whether it lies inside the object. Default: :attr:`polarity`.

        Raises
        ------
        PromptError
            If it isn't one, or lies outside the frame.
        """
        self._check_open()
        index = self.frame
        asked = Prompts(points=np.asarray(point, float).reshape(-1, 2)[:1])
        asked.check(frame_shape(self.image, index))
        if self._layers.points is None:
            raise SessionError("the points layer was deleted; restore_layers() makes it again")
        inside = self._positive if positive is None else bool(positive)
        place = in_data(asked.points, index)[0]
        self._edit(self._layers.read().with_point(place, inside, self._group))

    def add_box(self, box: ArrayLike) -> None:
        """Add a box to the shown frame. Several boxes are several objects.

        Parameters
        ----------
        box
            (row0, col0, row1, col1) of the frame, both corners inside.

        Raises
        ------
        PromptError
            If it isn't one, or lies outside the frame.
        """
        self._check_open()
        index = self.frame
        asked = Prompts(box=np.asarray(box, float))
        asked.check(frame_shape(self.image, index))
        assert asked.box is not None
        self._add_shape("box", box_vertices(asked.box, index), True)

    def add_shape(self, kind: ShapeKind, vertices: ArrayLike, positive: bool | None = None) -> None:
        """Add a drawn prompt to the shown frame.

        Parameters
        ----------
        kind
            ``"box"``, ``"ellipse"``, ``"polygon"`` or ``"scribble"``.
        vertices
            ``(V, 2)``, (row, col) of the frame: the corners of a polygon, the places along a
            scribble; for a box or an ellipse any whose bounding box it is to fill.
        positive
            For a scribble, whether it runs inside the object. Default: :attr:`polarity`.

        Raises
        ------
        PromptError
            If it isn't one, or lies outside the frame.
        """
        self._check_open()
        if kind not in KINDS:
            raise PromptError(f"a shape is one of {', '.join(KINDS)}, not {kind!r}")
        index = self.frame
        places = np.asarray(vertices, float)
        if kind in ("box", "ellipse") and places.ndim == 2 and len(places):
            corners = np.concatenate([places.min(axis=0), places.max(axis=0)])
            places = box_vertices(corners, index)[
                :, [a for a, at in enumerate(index) if at is None]
            ]
        if places.ndim != 2 or places.shape[1] != 2 or len(places) < _LEAST[kind]:
            raise PromptError(
                f"a {kind} needs {_LEAST[kind]} or more (row, col), not an array of {places.shape}"
            )
        Prompts(points=places).check(frame_shape(self.image, index))
        inside = self._positive if positive is None else bool(positive)
        self._add_shape(kind, in_data(places, index), inside or kind != "scribble")

    def add_prompts(self, prompts: PromptState) -> None:
        """Add prompts of any frames, in one undo step.

        Parameters
        ----------
        prompts
            In data coordinates of the image.
        """
        self._check_open()
        self._edit(self._layers.read().with_all(prompts))

    def refine(self, number: int, labels: Labels | None = None) -> None:
        """Take an object that is there already as a prompt, to be refined by others.

        Parameters
        ----------
        number
            Its id in the shown frame.
        labels
            The layer that it is in. Default: the target; then the commit replaces the object.

        Raises
        ------
        TargetError
            If there is no such object in the frame.
        """
        self._check_open()
        layer = self.labels if labels is None else labels
        if layer is None:
            raise TargetError("there are no labels yet; commit an object, or choose labels")
        index = self.frame
        is_target = self.labels is not None and layer == self.labels
        places = self._target.table_of(layer).places if is_target else None
        mask, origin = object_in_frame(layer, self.image, index, self.viewer.dims, number, places)
        if is_target:
            self.reopened = number
        given = PromptMask(index, mask, origin, self._group)
        self._edit(self._layers.read().with_mask(given))

    def pick(self, point: ArrayLike, labels: Labels | None = None) -> int:
        """Take the object at a place as a prompt, see :meth:`refine`.

        Parameters
        ----------
        point
            (row, col) of the shown frame.
        labels
            The layer that it is in. Default: the target.

        Returns
        -------
        int
            Its id.
        """
        self._check_open()
        layer = self.labels if labels is None else labels
        if layer is None:
            raise TargetError(
                "there are no labels to pick from; commit an object, or choose labels"
            )
        place = np.asarray(point, float)
        number = number_at(layer, self.image, self.frame, self.viewer.dims, place)
        self.refine(number, layer)
        return number

    def clear(self) -> None:
        """Take away all prompts of the shown frame, and the preview with them."""
        self._check_open()
        self._sync()
        self.reopened = None
        after = self._state.without_frame(self.frame)
        if after != self._state:
            self._undo.push(PromptStep(self._state, after, self._put_answers_aside()))
            self._show_prompts(after)
        self._answers = Answers()
        self._drop_answer()
        self._set_dirty()

    def _add_shape(self, kind: ShapeKind, vertices: Any, positive: bool) -> None:
        if self._layers.shapes is None:
            raise SessionError("the shapes layer was deleted; restore_layers() makes it again")
        drawn = PromptShape(kind, vertices, self._group, positive)
        self._edit(self._layers.read().with_shape(drawn))

    def _edit(self, state: PromptState) -> None:
        self._sync()
        self._undo.push(PromptStep(self._state, state))
        self._show_prompts(state)
        self._set_dirty()

    def _put_answers_aside(self) -> ref[Answers]:
        self._kept_answers.append(self._answers)
        return ref(self._answers)
