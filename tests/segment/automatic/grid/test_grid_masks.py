"""Asking grids of points of a model whose answers are known: the bright region under each point."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from exact_family import ExactFamily
from napari_cutout.segment import Segmenter, Window
from napari_cutout.segment.automatic.everything import Gathered, find_everything, gather
from napari_cutout.segment.automatic.grid.options import GridOptions
from napari_cutout.segment.errors import MemoryWarning, OptionError

# The model's logits are 1 and -1; its candidates have scores of 0.9, 0.6 and 0.3.
OPTIONS = GridOptions(points_per_side=10, stability_score_offset=0.5)


def boxes(objects):
    return sorted(one.box for one in objects)


def squares_of(frame):
    """The boxes of the two bright pieces of the fixture ``squares``."""
    return [(4, 6, 11, 13), (20, 30, 24, 41)]


def test_every_object_is_found_once(segmenter, squares):
    objects = segmenter.everything(squares, OPTIONS)

    assert boxes(objects) == squares_of(squares)
    assert objects.shape == squares.shape
    for one in objects:
        row0, col0, row1, col1 = one.box
        np.testing.assert_array_equal(one.decode(), squares[row0 : row1 + 1, col0 : col1 + 1] > 0)
        assert one.score == pytest.approx(0.9)
        assert one.stability == 1.0
        assert one.window == Window(0, 0, 40, 50)
        assert squares[tuple(np.rint(one.point).astype(int))] > 0


def test_candidates_below_the_score_make_no_mask(segmenter, squares, family, monkeypatch):
    made = []
    draft = family.draft

    def counted(features, prompts, multimask):
        answer = draft(features, prompts, multimask)
        logits = type(answer).logits

        class Counted(type(answer)):
            def logits(self, prompts, candidates):
                made.append(len(prompts))
                return logits(self, prompts, candidates)

        return Counted(answer.all_logits, answer.scores)

    monkeypatch.setattr(family, "draft", counted)
    segmenter.everything(squares, OPTIONS)

    assert sum(made) == 100


def test_own_points(segmenter, squares):
    options = GridOptions(None, point_grids=[[(0.2, 0.2)]], stability_score_offset=0.5)

    objects = segmenter.everything(squares, options)

    assert [one.point for one in objects] == [(8.0, 10.0)]


def test_only_points_within_a_window_are_asked(segmenter, squares):
    objects = segmenter.everything(squares, OPTIONS, within=Window(15, 20, 20, 30))

    assert boxes(objects) == [(20, 30, 24, 41)]


def test_only_points_within_a_mask_are_asked(segmenter, squares, family):
    mask = np.zeros(squares.shape, bool)
    mask[3:12, 3:14] = True

    objects = segmenter.everything(squares, OPTIONS, within=mask)

    assert boxes(objects) == [(4, 6, 11, 13)]
    assert family.calls["decode"] == 2


def test_known_objects_are_left_alone(segmenter, squares):
    known = np.zeros(squares.shape, np.uint16)
    known[4:12, 6:11] = 7

    objects = segmenter.everything(squares, OPTIONS, known=known)

    assert boxes(objects) == [(20, 30, 24, 41)]


def test_points_on_known_objects_are_not_asked(segmenter, squares, family):
    segmenter.everything(squares, OPTIONS, known=np.ones(squares.shape, int))

    assert family.calls["decode"] == 0


def test_what_lies_less_than_half_on_a_known_object_is_found(segmenter, squares):
    known = np.zeros(squares.shape, np.uint16)
    known[4:12, 6:9] = 7

    assert boxes(segmenter.everything(squares, OPTIONS, known=known)) == squares_of(squares)


def test_known_objects_may_be_ignored(segmenter, squares):
    options = GridOptions(10, stability_score_offset=0.5, known_objects="ignore")

    objects = segmenter.everything(squares, options, known=(squares > 0).astype(int))

    assert boxes(objects) == squares_of(squares)


@pytest.mark.parametrize(
    "given",
    [
        {"within": np.ones((3, 3), bool)},
        {"within": Window(0, 0, 99, 99)},
        {"known": np.zeros((3, 3), int)},
        {"known": np.zeros((40, 50), float)},
        {"options": object()},
    ],
)
def test_what_does_not_fit_is_refused(segmenter, squares, given):
    with pytest.raises(OptionError):
        segmenter.everything(squares, given.pop("options", OPTIONS), **given)


def test_crops_find_what_the_frame_did_not(segmenter):
    frame = np.zeros((160, 160), np.uint8)
    # A point of the first crop lies on it, and none of the frame's own.
    frame[65:69, 65:69] = 200

    without = segmenter.everything(frame, GridOptions(4, stability_score_offset=0.5))
    options = GridOptions(4, stability_score_offset=0.5, crop_n_layers=1)
    with_crops = segmenter.everything(frame, options)

    assert boxes(without) == []
    assert boxes(with_crops) == [(65, 65, 68, 68)]
    assert with_crops[0].window == Window(0, 0, 107, 107)


def test_what_a_crop_cuts_is_dropped():
    frame = np.zeros((200, 200), np.uint8)
    frame[95:105, 20:180] = 200
    segmenter = Segmenter.from_family(ExactFamily(), "exact")
    options = GridOptions(20, stability_score_offset=0.5, crop_n_layers=1)

    objects = segmenter.everything(frame, options)

    assert boxes(objects) == [(95, 20, 104, 179)]


def test_small_holes_are_filled(segmenter, squares):
    squares[7, 8] = 0
    options = GridOptions(10, stability_score_offset=0.5, min_mask_region_area=4)

    areas = sorted(one.area for one in segmenter.everything(squares, options))

    assert areas == [60, 64]


def test_progress_comes_after_each_batch(segmenter, squares, family):
    steps = list(find_everything(segmenter, squares, OPTIONS))

    assert [step.done for step in steps] == [*range(family.info.chunk, 100, 3), 100]
    assert {step.total for step in steps} == {100}
    assert all(not step.objects for step in steps[:-1])
    assert not steps[-1].tentative


def test_what_was_found_stays_when_one_stops(segmenter, squares):
    gathered = Gathered(squares.shape)
    for step in find_everything(segmenter, squares, OPTIONS):
        gathered.add(step)
        if len(gathered.objects) == 1:
            break

    assert boxes(gathered.objects) == [(4, 6, 11, 13)]


def test_the_steps_add_up_to_everything(segmenter, squares):
    steps = find_everything(segmenter, squares, OPTIONS)

    assert boxes(gather(steps, squares.shape)) == squares_of(squares)


def test_adaptive_asks_less_and_finds_the_same(family, segmenter, squares):
    segmenter.everything(squares, OPTIONS)
    all_points, family.calls["decode"] = family.calls["decode"], 0
    options = GridOptions(10, stability_score_offset=0.5, adaptive=True)

    objects = segmenter.everything(squares, options)

    assert boxes(objects) == squares_of(squares)
    assert family.calls["decode"] < all_points


class Narrow(ExactFamily):
    """Memory for two points at once."""

    def draft(self, features, prompts, multimask):
        if len(prompts.points) > 2:
            raise torch.OutOfMemoryError("out of memory")
        return super().draft(features, prompts, multimask)


def test_batches_are_halved_where_memory_does_not_suffice(squares):
    segmenter = Segmenter.from_family(Narrow(64, chunk=8), "narrow")

    with pytest.warns(MemoryWarning, match="2 prompts are asked at once, not 8"):
        objects = segmenter.everything(squares, OPTIONS)

    assert boxes(objects) == squares_of(squares)


def test_other_errors_are_not_taken_for_it(squares, family, segmenter, monkeypatch):
    def broken(*_):
        raise RuntimeError("mat1 and mat2 have other shapes")

    monkeypatch.setattr(family, "draft", broken)

    with pytest.raises(RuntimeError, match="other shapes"):
        segmenter.everything(squares, OPTIONS)
