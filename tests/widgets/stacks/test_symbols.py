"""States are told apart by shape alone, and by colours that stand out from every theme."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from napari.utils.theme import get_theme
from qtpy.QtCore import QRectF
from qtpy.QtGui import QColor, QImage, QPainter

from napari_cutout.widgets.stacks.pooling import STATES
from napari_cutout.widgets.stacks.symbols import color_of, draw, symbol

pytestmark = pytest.mark.gui


def luminance(color):
    parts = np.array([color.redF(), color.greenF(), color.blueF()])
    linear = np.where(parts <= 0.03928, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def drawn(state, width, height):
    """Where a shape has ink, in one colour."""
    image = QImage(width, height, QImage.Format.Format_Grayscale8)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw(painter, state, QRectF(0, 0, width, height), QColor("white"))
    painter.end()
    pixels = [[image.pixelColor(x, y).lightness() for x in range(width)] for y in range(height)]
    return np.array(pixels) / 255


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("behind", ["background", "foreground"])
@pytest.mark.parametrize("state", [state for state in STATES if state])
def test_colours_stand_out_from_the_theme(theme, behind, state):
    """Three to one is what is asked of what isn't text; buttons have the foreground's colour."""
    colors = get_theme(theme)
    ground = QColor(getattr(colors, behind).as_hex())

    assert contrast(color_of(state, ground, QColor(colors.text.as_hex())), ground) >= 3


@pytest.mark.parametrize("width", [6, 20])
def test_shapes_differ_where_they_are_narrow_too(width):
    """By a tenth of the room, without any colour."""
    inks = {state: drawn(state, width, 18) for state in STATES}

    for one, other in combinations(STATES, 2):
        assert np.abs(inks[one] - inks[other]).mean() > 0.1, (one, other)


def test_the_worse_has_more_ink_than_nothing():
    assert all(drawn(state, 6, 18).sum() > drawn("", 6, 18).sum() for state in STATES if state)


def test_an_icon_for_each_state(qapp):
    icons = [symbol(state, QColor("black"), QColor("white")) for state in STATES]

    pixmaps = [icon.pixmap(16, 16).toImage() for icon in icons]
    assert all(one != other for one, other in combinations(pixmaps, 2))
