"""Prompts and objects, as a log has them and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from logged import objects, prompts
from napari_cutout.annotate import PromptMask, PromptShape, PromptState
from napari_cutout.annotate.log import log_object, log_prompts, prompts_of, record_of
from napari_cutout.annotate.objects import ObjectRecord
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.logs.log_entries import LoggedPrompts, LoggedShape
from napari_cutout.segment import IntensityMapping, MaskOptions

POLYGON = np.array([[1, 2.5, 3], [1, 4, 7.125], [1, 9, 3]])


def state():
    return PromptState(
        np.array([[1, 0.1, 0.2], [1, 5, 6]]),
        np.array([True, False]),
        np.array([0, 3]),
        (PromptShape("polygon", POLYGON, 3), PromptShape("scribble", POLYGON, 0, False)),
        (PromptMask((1, None, None), np.eye(3, dtype=bool), (2, 4), 3),),
    )


def test_prompts_come_back_as_they_were():
    assert prompts_of(log_prompts(state()), 3) == state()


def test_no_prompts_come_back_as_none():
    none = PromptState.empty(4)
    assert prompts_of(log_prompts(none), 4) == none


@given(prompts())
def test_any_prompts_of_a_log_are_the_same_again(logged):
    assert log_prompts(prompts_of(logged, 3)) == logged


@given(objects(5))
def test_any_object_of_a_log_is_the_same_again(logged):
    record = record_of(logged)
    again = log_object(record, logged.key, logged.class_name, logged.intensity, logged.channels)
    score = 0.0 if logged.score is None else logged.score
    assert again == type(logged)(**{**vars(logged), "score": score})


def test_an_object_comes_back_as_it_was():
    record = ObjectRecord(
        7,
        (1, None, None),
        np.array([[True, False], [True, True]]),
        (3, 4),
        np.float32(0.1),
        state(),
        "vit_b",
        "abc",
        2,
        MaskOptions(0.5, 1.25, True),
    )
    logged = log_object(record, 9, "nucleus", IntensityMapping("dtype"))
    again = record_of(logged)
    assert (logged.key, logged.class_name) == (9, "nucleus")
    assert logged.intensity == IntensityMapping("dtype")
    np.testing.assert_array_equal(again.mask, record.mask)
    assert again.prompts == record.prompts
    for name in ("id", "frame", "origin", "score", "model", "fingerprint", "candidate", "options"):
        assert getattr(again, name) == getattr(record, name)


@pytest.mark.parametrize("score", [float("nan"), float("inf")])
def test_a_score_that_is_no_number_is_left_out(score):
    record = ObjectRecord(1, (None, None), np.ones((1, 1), bool), (0, 0), score, state())
    assert log_object(record, 0).score is None


def test_an_unknown_shape_is_refused():
    logged = LoggedPrompts(shapes=(LoggedShape("star", ((1.0, 2.0),)),))
    with pytest.raises(FormatError, match="'star' is unknown"):
        prompts_of(logged, 2)
