"""Pictures of growth."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from charts import Axis, Chart, Line, svg
from hypothesis import given
from hypothesis import strategies as st

SVG = "{http://www.w3.org/2000/svg}"
AMOUNTS = st.floats(1e-3, 1e6)


def drawn(*lines):
    """The parts of a picture."""
    return ElementTree.fromstring(svg(Chart("a < b & c", "size", "ms", lines)))


def strokes(picture, dashed):
    """Corners of the coloured lines."""
    found = []
    for one in picture.iter(f"{SVG}polyline"):
        if one.get("stroke") != "#ddd" and ("stroke-dasharray" in one.attrib) == dashed:
            pairs = (pair.split(",") for pair in one.get("points").split())
            found.append([(float(x), float(y)) for x, y in pairs])
    return found


def test_a_power_is_a_straight_line():
    cubes = Line("cubes", tuple((n, n**3.0) for n in (1.0, 2.0, 4.0)))

    ((first, middle, last),) = strokes(drawn(cubes), dashed=False)

    assert middle[0] == pytest.approx((first[0] + last[0]) / 2, abs=0.1)
    assert middle[1] == pytest.approx((first[1] + last[1]) / 2, abs=0.1)
    assert first[1] > last[1]


def test_what_grows_as_it_should_lies_on_the_dashes():
    line = Line("linear", ((1.0, 3.0), (10.0, 30.0)), expected=1)

    assert strokes(drawn(line), dashed=True) == strokes(drawn(line), dashed=False)


def test_names_may_hold_any_signs():
    texts = [one.text for one in drawn(Line("x > y", ((1.0, 1.0), (2.0, 1.0)))).iter(f"{SVG}text")]

    assert {"a < b & c", "x > y"} <= set(texts)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=6))
def test_every_point_lies_in_the_picture(points):
    picture = drawn(Line("any", tuple(points), expected=-1))

    inside = [
        0 <= float(dot.get("cx")) <= 640 and 0 <= float(dot.get("cy")) <= 400
        for dot in picture.iter(f"{SVG}circle")
    ]
    assert inside == [True] * len(points)


@given(AMOUNTS, AMOUNTS)
def test_ticks_lie_on_the_axis(low, high):
    axis = Axis.over([low, high], 0, 100)

    assert all(0 <= axis.at(tick) <= 100 for tick in axis.ticks())


def test_a_cost_of_nothing_is_refused():
    with pytest.raises(ValueError, match="above 0 expected"):
        Line("none", ((1.0, 0.0),))


def test_what_is_constant_looks_constant():
    line = Line("about the same", ((1.0, 10.0), (2.0, 10.4), (4.0, 9.8)))

    (places,) = strokes(drawn(line), dashed=False)

    heights = [y for _, y in places]
    assert max(heights) - min(heights) < 400 / 40
