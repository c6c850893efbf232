"""Logged objects asked for again, with a model whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
import zarr

from exact_family import exact_segmenter
from napari_cutout.annotate import PromptMask, PromptShape, PromptState
from napari_cutout.annotate.log import log_object
from napari_cutout.annotate.objects import ObjectRecord
from napari_cutout.annotate.recompute import crop_iou, recompute
from napari_cutout.segment import IntensityMapping, MaskOptions

LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:50]
IN_LEFT, IN_RIGHT = (8.0, 10.0), (25.0, 40.0)
FRAME = (None, None)
BOX = np.array([[4.0, 5], [4, 21], [13, 21], [13, 5]])


def image():
    pixels = np.zeros((40, 60), np.uint8)
    pixels[LEFT] = pixels[RIGHT] = 255
    return pixels


def mask_of(*places):
    mask = np.zeros((40, 60), bool)
    for place in places:
        mask[place] = True
    return mask


def state(points=(), positive=None, shapes=(), masks=(), ndim=2):
    points = np.array(points, float).reshape(-1, ndim)
    kept = np.ones(len(points), bool) if positive is None else np.array(positive)
    return PromptState(points, kept, shapes=shapes, masks=masks)


def logged(mask, prompts, frame=FRAME, intensity=None, channels=None, **more):
    record = ObjectRecord(1, frame, mask, (0, 0), 0.5, prompts, **more)
    return log_object(record, 0, intensity=intensity, channels=channels)


def ious(*objects, of=None):
    return [one.iou for one in recompute(objects, image() if of is None else of, exact_segmenter())]


@pytest.mark.parametrize(
    "prompts",
    [
        state([IN_LEFT]),
        state(shapes=(PromptShape("box", BOX),)),
        state(masks=(PromptMask(FRAME, mask_of(LEFT)[5:12, 6:20], (5, 6)),)),
    ],
)
def test_the_same_prompts_give_the_same_object(prompts):
    assert ious(logged(mask_of(LEFT), prompts)) == [1.0]


def test_the_iou_is_that_of_what_was_committed():
    half = mask_of(np.s_[5:12, 6:13])
    assert ious(logged(half, state([IN_LEFT]))) == [0.5]


def test_the_candidate_is_the_one_that_was_chosen():
    whole = logged(mask_of(LEFT, RIGHT), state([IN_LEFT]), candidate=2)
    (found,) = recompute([whole], image(), exact_segmenter())
    assert (found.iou, found.score) == (1.0, pytest.approx(0.3))


def test_the_mask_options_are_those_that_were_used():
    empty = logged(mask_of(), state([IN_LEFT]), options=MaskOptions(threshold=5))
    assert ious(empty) == [1.0]


def test_points_are_given_one_after_another():
    """Each with the answer before it, as a session asks."""
    segmenter = exact_segmenter()
    both = logged(mask_of(LEFT, RIGHT), state([IN_LEFT, IN_RIGHT]))
    (found,) = recompute([both], image(), segmenter)
    assert found.iou == 1
    assert segmenter.family.fed_back == [False, True]


def test_negative_points_count():
    outside = state([IN_LEFT, IN_RIGHT, IN_LEFT], [True, True, False])
    assert ious(logged(mask_of(RIGHT), outside)) == [1.0]


def test_the_intensity_mapping_is_the_one_that_was_used():
    dim = np.where(image() > 0, 1000, 900).astype(np.uint16)
    stretched, flat = IntensityMapping("limits", (900, 1000)), IntensityMapping("dtype")
    prompts = state([IN_LEFT])
    objects = [logged(mask_of(LEFT), prompts, intensity=how) for how in (stretched, flat)]
    assert ious(*objects, of=dim) == [1.0, 0.0]


def test_objects_lie_in_their_frames():
    """Along any axes."""
    stack = np.zeros((40, 3, 60), np.uint8)
    stack[:, 1] = image()
    prompts = state([(8, 1, 10)], ndim=3)
    found = [logged(mask_of(LEFT), prompts, (None, at, None)) for at in (1, 2, 3)]
    assert ious(*found, of=stack) == [1.0, 0.0, None]


@pytest.mark.parametrize(("positions", "expected"), [((1,), 1.0), ((0,), 0.0), ((1, 0, 0), 1.0)])
def test_channels_are_those_that_were_taken(positions, expected):
    """The model sees red."""
    stack = np.stack([np.zeros_like(image()), image()])
    prompts = state([(0, 8, 10)], ndim=3)
    found = logged(mask_of(LEFT), prompts, (0, None, None), channels=(0, positions))
    assert ious(found, of=stack) == [expected]


def test_a_frame_is_encoded_once():
    segmenter = exact_segmenter()
    objects = [logged(mask_of(LEFT), state([IN_LEFT])), logged(mask_of(RIGHT), state([IN_RIGHT]))]
    assert [one.iou for one in recompute(objects, image(), segmenter)] == [1.0, 1.0]
    assert segmenter.family.calls["encode"] == 1


@pytest.mark.parametrize("make", [zarr.array, lambda pixels: np.stack([pixels] * 3, -1)])
def test_images_of_any_kind(make):
    assert ious(logged(mask_of(LEFT), state([IN_LEFT])), of=make(image())) == [1.0]


@pytest.mark.parametrize(
    ("prompts", "problem"),
    [
        (state(), "without prompts"),
        (state([(99, 99)]), "outside the frame"),
    ],
)
def test_what_can_not_be_asked_is_said(prompts, problem):
    (found,) = recompute([logged(mask_of(LEFT), prompts)], image(), exact_segmenter())
    assert found.iou is None
    assert problem in found.problem


def test_another_image_is_said():
    (found,) = recompute([logged(mask_of(LEFT), state([IN_LEFT]))], image()[0], exact_segmenter())
    assert "there is no frame [None, None]" in found.problem


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((np.ones((2, 2), bool), (0, 0)), (np.ones((2, 2), bool), (0, 0)), 1),
        ((np.ones((2, 2), bool), (0, 0)), (np.ones((2, 2), bool), (5, 5)), 0),
        ((np.ones((2, 2), bool), (4, 4)), (np.ones((2, 2), bool), (3, 4)), 1 / 3),
        ((np.ones((0, 0), bool), (0, 0)), (np.zeros((2, 2), bool), (0, 0)), 1),
    ],
)
def test_iou_of_masks_in_their_boxes(first, second, expected):
    assert crop_iou(first, second) == expected
