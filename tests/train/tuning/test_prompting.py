"""The annotator of fine-tuning: prompts of one make-up, and clicks where the answer was wrong."""

from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_cutout.train.targets import look_at
from napari_cutout.train.tuning.prompting import Kind, corrected, first_prompts, is_ambiguous

KINDS = get_args(Kind)


@pytest.fixture(scope="module")
def scene():
    labels = np.zeros((64, 96), np.int32)
    labels[8:28, 12:40] = 7
    labels[32:60, 50:90] = 3
    return look_at(labels, stride=4)


def ask(scene):
    return scene.ask(np.array([1, 2, 1]))


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.sampled_from(KINDS))
def test_all_objects_get_the_same_kind_and_clicks_lie_in_them(seed, kind):
    labels = np.zeros((64, 96), np.int32)
    labels[8:28, 12:40] = 7
    labels[32:60, 50:90] = 3
    asked = ask(look_at(labels, stride=4))
    prompts = first_prompts(asked, kind, 6.0, np.random.default_rng(seed))

    assert (prompts.boxes is not None) == ("box" in kind)
    assert (prompts.logits is not None) == (kind == "mask")
    assert prompts.points.shape[0] == 3
    assert prompts.positive.all()
    for points, box in zip(prompts.points, asked.boxes, strict=True):
        # Edges are in continuous pixels, clicks at pixel centres; a cell is 4 pixels.
        assert (points.numpy() + 0.5 >= box[:2] - 4).all()
        assert (points.numpy() + 0.5 <= box[2:] + 4).all()


def test_a_box_that_is_not_jittered_has_its_corners_inside(scene):
    boxes = [
        tuple(first_prompts(ask(scene), "box", 6.0, np.random.default_rng(seed)).boxes[0].tolist())
        for seed in range(20)
    ]

    assert (32.0, 50.0, 59.0, 89.0) in boxes
    assert len(set(boxes)) > 5


def test_corrections_are_where_the_answer_was_wrong(scene):
    asked, rng = ask(scene), np.random.default_rng(0)
    prompts = first_prompts(asked, "click", 6.0, rng)
    truth = torch.from_numpy(asked.masks)
    answer = torch.stack([truth[0] * 0 - 1, truth[1] * 0 + 1, truth[2] * 2 - 1])
    more = corrected(prompts, answer, asked, rng)

    assert more.positive[:, 1].tolist() == [True, False, True]
    cells = ((more.points[:, 1] + 0.5) // 4).long()
    inside = [bool(asked.masks[i, r, c] > 0.5) for i, (r, c) in enumerate(cells)]
    assert inside == [True, False, True]


def test_the_answer_is_mostly_fed_back(scene):
    asked = ask(scene)
    answer = torch.from_numpy(asked.masks) * 3 - 1.5
    fed = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        logits = corrected(first_prompts(asked, "click", 6.0, rng), answer, asked, rng).logits
        fed += logits is not None
        assert logits is None or torch.equal(logits[:, 0], answer)

    assert 28 <= fed < 40


def test_only_a_click_alone_is_ambiguous(scene):
    kinds = {
        kind: is_ambiguous(first_prompts(ask(scene), kind, 6.0, np.random.default_rng(0)))
        for kind in KINDS
    }

    assert kinds == {kind: kind == "click" for kind in KINDS}
