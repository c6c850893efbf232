"""Colouring a Labels layer by the classes of its objects, and putting its own colours back.

Which class an object has is known by the object table; names are always shown beside colours.
"""

from __future__ import annotations

import colorsys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.layers.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari.layers import Labels
    from napari.utils.colormaps import DirectLabelColormap
    from numpy.typing import NDArray

    Color = tuple[float, float, float, float]

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
"""Told apart by all kinds of colour vision (Okabe and Ito, https://jfly.uni-koeln.de/color/)."""

WITHOUT_CLASS = "#9A9A9A"

LARGEST_ID = 1 << 16
"""Up to which napari colours ids one by one where numba isn't installed."""


def class_color(place: int) -> Color:
    """The colour of the class at a place: first the palette's, then hues far from one another."""
    if place < len(PALETTE):
        return _rgba(PALETTE[place])
    hue = place * 0.618033988749895 % 1
    return (*colorsys.hsv_to_rgb(hue, 0.55, 0.95), 1.0)


def class_colormap(classes: Mapping[int, str], colors: Mapping[str, Color]) -> DirectLabelColormap:
    """The colours of ids by their classes; one grey for those without, and none for 0.

    Parameters
    ----------
    classes
        Of ids.
    colors
        RGBA of each class, 0 to 1.
    """
    from napari.utils.colormaps import DirectLabelColormap

    arrays = {name: np.array(color) for name, color in colors.items()}
    mapping: dict[int | None, NDArray[np.float64]] = {
        number: arrays[name] for number, name in classes.items()
    }
    mapping |= {None: np.array(_rgba(WITHOUT_CLASS)), 0: np.zeros(4)}
    return DirectLabelColormap(color_dict=mapping)


_HAS_NUMBA = find_spec("numba") is not None


class ClassColors:
    """The colours of one layer, by class when switched on.

    Parameters
    ----------
    labels
        The layer.

    Attributes
    ----------
    colors
        RGBA of each class. A class keeps its colour, also while nothing has it.
    """

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self._before: object = None
        self._set: object = None
        self._shown: dict[int, str] = {}
        self.colors: dict[str, Color] = {}

    @property
    def is_on(self) -> bool:
        """Whether the layer is coloured by class."""
        return self._set is not None

    def show(self, classes: Mapping[int, str]) -> None:
        """Colour the layer, or follow classes that changed. Nothing is drawn when none did.

        Ids that :meth:`check` refuses have the colour of those without a class.
        """
        classes = {number: classes[number] for number in classes if _is_colored(number)}
        is_shown = self.is_on and _same(self._labels.colormap, self._set)
        if is_shown and classes == self._shown:
            return
        for name in sorted(set(classes.values()) - self.colors.keys()):
            self.colors[name] = class_color(len(self.colors))
        if not is_shown:
            self._before = self._labels.colormap
        self._shown = dict(classes)
        self._labels.colormap = class_colormap(classes, self.colors)
        self._set = self._labels.colormap

    def check(self, classes: Mapping[int, str]) -> None:
        """Refuse ids that napari can't colour one by one.

        Raises
        ------
        TargetError
            If one of them has a class, with what to do.
        """
        refused = [number for number in classes if not _is_colored(number)]
        if refused:
            raise TargetError(
                f"object {refused[0]} of {self._labels.name!r} has a class, and napari colours "
                f"single ids up to {LARGEST_ID} only where numba isn't installed; pip install "
                "numba, or go on without colours by class"
            )

    def hide(self) -> None:
        """Put back the colours that the layer had, unless it was given others since."""
        if self.is_on and _same(self._labels.colormap, self._set):
            self._labels.colormap = self._before
        self._before = self._set = None


def _same(one: object, other: object) -> bool:
    """Whether two are the same object, also where a plugin's viewer wraps what it hands out."""
    return getattr(one, "__wrapped__", one) is getattr(other, "__wrapped__", other)


def _is_colored(number: int) -> bool:
    return abs(number) <= LARGEST_ID or _HAS_NUMBA


def _rgba(text: str) -> Color:
    red, green, blue = (int(text[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue, 1.0
