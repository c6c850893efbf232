"""Colours by class: one for each, the same again, and the layer's own afterwards."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
from napari.layers import Labels

from napari_cutout.layers import TargetError
from napari_cutout.layers.target.class_colors import LARGEST_ID, PALETTE, ClassColors, class_color

CLASSES = {1: "cell", 2: "dirt", 3: "cell"}


def layer():
    return Labels(np.arange(20).reshape(4, 5))


def color(labels, number):
    return tuple(labels.get_color(number).round(3))


def test_objects_have_the_colour_of_their_class():
    labels = layer()
    ClassColors(labels).show(CLASSES)
    assert color(labels, 1) == color(labels, 3) != color(labels, 2)
    assert color(labels, 7) == color(labels, 8) not in {color(labels, 1), color(labels, 2)}
    assert labels.get_color(0) is None


def test_the_layers_own_colours_are_put_back():
    labels = layer()
    before = labels.colormap
    colors = ClassColors(labels)
    colors.show(CLASSES)
    colors.show({1: "dirt"})
    colors.hide()
    assert labels.colormap is before
    assert not colors.is_on


def test_colours_that_the_person_chose_meanwhile_stay():
    labels = layer()
    colors = ClassColors(labels)
    colors.show(CLASSES)
    labels.new_colormap(3)
    chosen = labels.colormap
    colors.hide()
    assert labels.colormap is chosen


def test_a_class_keeps_its_colour():
    labels = layer()
    colors = ClassColors(labels)
    colors.show(CLASSES)
    before = color(labels, 2)
    colors.show({2: "dirt", 5: "another"})
    assert color(labels, 2) == before
    colors.hide()
    colors.show(CLASSES)
    assert color(labels, 2) == before


def test_nothing_is_drawn_when_no_class_changed():
    labels, told = layer(), []
    colors = ClassColors(labels)
    colors.show(CLASSES)
    labels.events.colormap.connect(lambda: told.append(True))
    colors.show(dict(CLASSES))
    assert told == []


def test_classes_beyond_the_palette_have_colours_of_their_own():
    colors = [class_color(place) for place in range(3 * len(PALETTE))]
    assert len(set(colors)) == len(colors)


@pytest.mark.skipif(find_spec("numba") is not None, reason="numba colours ids however large")
def test_ids_that_napari_cannot_colour_are_said_or_left_out():
    colors = ClassColors(layer())
    colors.check({LARGEST_ID: "cell"})
    with pytest.raises(TargetError, match="numba"):
        colors.check({LARGEST_ID + 1: "cell"})
    colors.show({1: "cell", LARGEST_ID: "cell", LARGEST_ID + 1: "cell"})
    assert color(colors._labels, 1) == color(colors._labels, LARGEST_ID)
