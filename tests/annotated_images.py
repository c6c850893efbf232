"""Images with objects, made up: any masks, classes and scores that a format may meet."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_cutout.formats.objects.annotated import AnnotatedImage, AnnotatedObject
from napari_cutout.formats.objects.frame_masks import boxed
from napari_cutout.segment.windows import Window

SHAPE = (9, 11)

masks = hnp.arrays(bool, SHAPE, elements=st.booleans(), fill=st.just(False))
scores = st.none() | st.floats(0, 1)
places = st.floats(-1, 12)
names = st.sampled_from(["", "cell", "Zelle: groß", "a\nb", " blank", "object", "x\U0001f9eb\\"])


@st.composite
def objects(draw, number, *, empty=True):
    """An object of an image of SHAPE."""
    drawn = draw(masks if empty else masks.filter(np.any))
    return AnnotatedObject(
        number,
        *boxed(drawn),
        draw(names),
        score=draw(scores),
        stability=draw(scores),
        point=draw(st.none() | st.tuples(places, places)),
        crop_box=draw(st.none() | st.just(Window(1, 2, 5, 4))),
        is_crowd=draw(st.booleans()),
    )


@st.composite
def images(draw, *, frame=(), empty=True):
    """An image of SHAPE with up to five objects of different ids."""
    numbers = draw(st.lists(st.integers(1, 2**40), unique=True, max_size=5))
    drawn = tuple(draw(objects(number, empty=empty)) for number in numbers)
    return AnnotatedImage("cells.png", SHAPE, drawn, frame, draw(st.integers(0, 99)))


def full(one, shape=SHAPE):
    """The mask of an object in its image."""
    mask = np.zeros(shape, bool)
    mask[one.slices] = one.mask.decode()
    return mask


def annotated(number, mask, **known):
    """An object of a mask in its image."""
    return AnnotatedObject(number, *boxed(np.asarray(mask, bool)), **known)


def two_rectangles(**known):
    """An image ``(9, 11)`` with objects 1 and 7 that share a pixel."""
    first, second = np.zeros((2, *SHAPE), bool)
    first[1:4, 2:6] = True
    second[3:8, 5:9] = True
    return AnnotatedImage(
        "cells.png", SHAPE, (annotated(1, first, **known), annotated(7, second, **known)), id=3
    )
