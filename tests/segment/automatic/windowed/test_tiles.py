"""How large windows are for a frame."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.segment.automatic.windowed.tiles import Tiles
from napari_cutout.segment.windows import tiles

lengths = st.integers(1, 400)


@pytest.mark.parametrize(
    ("shape", "side"),
    [
        ((512, 512), 2048),
        ((2048, 2048), 2048),
        ((2080, 2080), 2080),
        ((900, 2304), 2304),
        ((2305, 900), 1281),
        ((4096, 4096), 1536),
        ((2305, 4096), 1536),
    ],
)
def test_sides_that_suit_a_frame(shape, side):
    assert Tiles().fitted(*shape) == Tiles(side=side)


@given(rows=lengths, cols=lengths, side=st.integers(16, 90), data=st.data())
def test_as_many_windows_as_before_cover_it_none_of_them_larger(rows, cols, side, data):
    given = Tiles(side, data.draw(st.integers(1, (side - 1) // 2)))
    before = list(tiles((rows, cols), given.side, given.overlap))
    fitted = given.fitted(rows, cols)
    now = list(tiles((rows, cols), fitted.side, given.overlap))
    seen = np.zeros((rows, cols), bool)
    for window in now:
        seen[window.slices] = True

    assert seen.all()
    assert len(now) <= len(before)
    assert fitted.side <= side or len(now) == 1
    assert fitted.side <= side + given.overlap
