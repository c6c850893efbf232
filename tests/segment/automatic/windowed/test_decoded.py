"""Masks that are kept for a while, and objects compared by them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from napari_cutout.segment.automatic.objects import FoundObject
from napari_cutout.segment.automatic.windowed.decoded import Decoded
from napari_cutout.segment.automatic.windowed.pieces import agree, pixels_inside, seen_in
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.windows import Window

FRAME = Window(0, 0, 12, 12)
MASKS = hnp.arrays(bool, (5, 6), elements=st.sampled_from([True, True, False]))
PLACES = st.tuples(st.integers(0, 6), st.integers(0, 6))
WINDOWS = st.builds(Window, st.integers(0, 5), st.integers(0, 5), st.just(6), st.just(7))


def found(mask, origin=(0, 0)):
    return FoundObject(Rle.encode(mask), origin, 0.9, 1.0, FRAME)


def test_the_mask_is_that_of_the_object_however_little_room_there_is():
    objects = [found(np.eye(6, dtype=bool)), found(np.ones((3, 9), bool))]
    for room in (0, 40, 1000):
        decoded = Decoded(room)
        for one in objects * 2:
            assert np.array_equal(decoded(one), one.decode())


def test_masks_are_kept_while_there_is_room():
    first, second, third = (found(np.ones((4, 5), bool)) for _ in range(3))
    decoded = Decoded(40)
    before = decoded(first), decoded(second)

    assert decoded(first) is before[0]
    decoded(third)
    assert decoded(first) is before[0]
    assert decoded(second) is not before[1]


@given(mask=MASKS, origin=PLACES, window=WINDOWS)
def test_pixels_inside_are_those_seen_there(mask, origin, window):
    one = found(mask, origin)

    assert pixels_inside(one, window, Decoded()) == seen_in(one, window).sum()


@given(masks=st.tuples(MASKS, MASKS), origins=st.tuples(PLACES, PLACES), common=WINDOWS)
def test_two_agree_when_a_part_of_each_has_an_iou_above_a_half(masks, origins, common):
    one, other = (found(*known) for known in zip(masks, origins, strict=True))
    parts, others = (
        ndimage.label(seen_in(each, common), np.ones((3, 3)))[0] for each in (one, other)
    )
    expected = any(
        2 * ((parts == a) & (others == b)).sum() > ((parts == a) | (others == b)).sum()
        for a in range(1, parts.max() + 1)
        for b in range(1, others.max() + 1)
    )

    assert agree(one, other, common, Decoded()) == expected


@given(mask=MASKS, origin=PLACES, common=WINDOWS)
def test_an_object_agrees_with_itself_where_it_is_seen(mask, origin, common):
    one, same = found(mask, origin), found(mask, origin)

    assert agree(one, same, common) == seen_in(one, common).any()
