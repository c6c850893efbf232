"""Shapes drawn as prompts: in the layer, in the state, and back."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cutout.layers import SessionError
from napari_cutout.layers.pointing import TOOLS
from napari_cutout.segment import PromptError

LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:50]


@pytest.mark.parametrize(
    ("kind", "shape_type", "vertices"),
    [
        ("box", "rectangle", [(4, 5), (12, 20)]),
        ("ellipse", "ellipse", [(4, 5), (12, 20)]),
        ("polygon", "polygon", [(4, 5), (12, 5), (12, 20)]),
        ("scribble", "path", [(8, 10), (8, 18)]),
    ],
)
def test_a_shape_is_in_the_layer_as_drawn_by_hand(start, kind, shape_type, vertices):
    session = start()
    session.add_shape(kind, vertices)
    assert [str(name) for name in session.shapes_layer.shape_type] == [shape_type]
    (drawn,) = session.prompts.shapes
    assert drawn.kind == kind
    session.undo()
    assert not session.has_prompts
    session.redo()
    assert session.prompts.shapes[0].key() == drawn.key()


def test_a_scribble_finds_what_it_runs_through(start):
    session = start()
    session.add_shape("scribble", [(8, 8), (8, 18)])
    session.commit()
    expected = np.zeros((40, 60), bool)
    expected[LEFT] = True
    np.testing.assert_array_equal(session.labels.data > 0, expected)


def test_a_negative_scribble_is_told_apart_by_a_sign(start):
    session = start()
    session.add_shape("scribble", [(8, 8), (8, 18)], positive=False)
    assert list(session.shapes_layer.features["label"]) == ["\N{MINUS SIGN}"]
    assert not session.prompts.shapes[0].positive


def test_shapes_drawn_by_hand_are_read_with_kind_and_number(start):
    session = start()
    session.group = 3
    session.shapes_layer.add(np.array([[4, 5], [12, 5], [12, 20]]), shape_type="polygon")
    (drawn,) = session.prompts.shapes
    assert (drawn.kind, drawn.group) == ("polygon", 3)
    assert list(session.shapes_layer.features["label"]) == ["3"]


def test_shapes_of_another_frame_do_not_reach_this_one(start, two_objects):
    session = start(np.stack([two_objects] * 2))
    session.add_shape("scribble", [(8, 8), (8, 18)])
    session.viewer.dims.set_current_step(0, 1)
    assert not session.has_prompts


@pytest.mark.parametrize(
    ("kind", "vertices"),
    [
        ("star", [(1, 1), (2, 2)]),
        ("polygon", [(1, 1), (2, 2)]),
        ("scribble", [(1, 1)]),
        ("box", [1, 2, 3, 4]),
        ("polygon", [(1, 1, 1), (2, 2, 2), (3, 3, 1)]),
        ("scribble", [(1, 1), (500, 1)]),
        ("scribble", [(1, 1), (np.nan, 1)]),
    ],
)
def test_what_is_no_shape_is_refused(start, kind, vertices):
    session = start()
    with pytest.raises(PromptError):
        session.add_shape(kind, vertices)
    assert not session.has_prompts


@pytest.mark.parametrize("tool", TOOLS)
def test_every_tool_can_be_taken_up(start, tool):
    session = start()
    session.use(tool)
    assert session.tool == tool


def test_there_is_no_other_tool(start):
    with pytest.raises(SessionError, match="no tool 'hammer'"):
        start().use("hammer")
