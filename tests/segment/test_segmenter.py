"""Frames and prompts in, candidates out: what holds for every model."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from napari_cutout.segment import PromptError, Prompts, Segmenter, Window


def test_a_click_gives_the_object_under_it(segmenter, squares):
    prediction = segmenter.predict(segmenter.encode(squares), Prompts(points=[[5, 7]]))
    assert np.array_equal(prediction.masks[0], squares == 200)


def test_candidates_come_best_first(segmenter, squares):
    prediction = segmenter.predict(segmenter.encode(squares), Prompts(points=[[5, 7]]))
    assert prediction.scores.tolist() == pytest.approx([0.9, 0.6, 0.3])
    assert np.array_equal(prediction.masks[2], squares > 0)


def test_one_mask_is_one_candidate(segmenter, squares):
    embedding = segmenter.encode(squares)
    prediction = segmenter.predict(embedding, Prompts(box=[20, 30, 24, 35]), multimask=False)
    assert prediction.masks.shape == (1, 40, 50)
    assert prediction.masks.sum() == 30


def test_a_list_answers_as_its_members_would(segmenter, squares):
    embedding = segmenter.encode(squares)
    asked = [
        Prompts(points=[[5, 7]]),
        Prompts(box=[0, 0, 39, 49]),
        Prompts(points=[[5, 7], [22, 33]], positive=[True, True]),
        Prompts(points=[[22, 33]]),
        Prompts(mask=squares == 220, points=[[5, 7]]),
        Prompts(points=[[5, 8]]),
        Prompts(points=[[6, 8]]),
        Prompts(points=[[7, 8]]),
    ]
    together = segmenter.predict(embedding, asked)
    for prompts, prediction in zip(asked, together, strict=True):
        alone = segmenter.predict(embedding, prompts)
        assert np.array_equal(alone.logits, prediction.logits)
        assert np.array_equal(alone.scores, prediction.scores)


def test_an_empty_list_has_no_answers(segmenter, squares):
    assert segmenter.predict(segmenter.encode(squares), []) == []


def test_previous_logits_are_fed_back(segmenter, squares):
    embedding = segmenter.encode(squares)
    first = segmenter.predict(embedding, Prompts(points=[[5, 7]]))
    second = segmenter.predict(
        embedding, Prompts(points=[[22, 33]], logits=first.feedback()), multimask=False
    )
    assert np.array_equal(second.masks[0], squares > 0)


def test_plain_logits_of_a_whole_frame_are_fed_back(segmenter, squares):
    embedding = segmenter.encode(squares)
    first = segmenter.predict(embedding, Prompts(points=[[5, 7]]))
    second = segmenter.predict(embedding, Prompts(points=[[22, 33]], logits=first.logits[0]))
    assert np.array_equal(second.masks[0], squares > 0)


def test_logits_of_another_size_are_refused(segmenter, squares):
    prompts = Prompts(points=[[5, 7]], logits=np.zeros((7, 7)))
    with pytest.raises(PromptError, match="feedback"):
        segmenter.predict(segmenter.encode(squares), prompts)


def test_a_prompt_outside_the_frame_is_refused(segmenter, squares):
    with pytest.raises(PromptError, match="outside"):
        segmenter.predict(segmenter.encode(squares), Prompts(points=[[400, 7]]))


def test_a_crop_is_the_mask_in_its_bounding_box(segmenter, squares):
    prediction = segmenter.predict(segmenter.encode(squares), Prompts(points=[[22, 33]]))
    mask, origin = prediction.crop()
    assert (mask.shape, origin) == ((5, 12), (20, 30))
    assert mask.all()


def test_an_empty_candidate_has_an_empty_crop(segmenter, squares):
    prediction = segmenter.predict(segmenter.encode(squares), Prompts(points=[[0, 0]]))
    assert prediction.crop()[0].shape == (0, 0)


def test_a_large_frame_is_looked_at_around_the_click(segmenter, family):
    frame = np.zeros((500, 700), np.uint8)
    frame[300:310, 400:420] = 255
    prediction = segmenter.predict(segmenter.encode(frame), Prompts(points=[[305, 410]]))
    assert np.array_equal(prediction.masks[0], frame > 0)
    assert family.encoded == [(64, 64)]


def test_an_object_larger_than_the_window_gets_a_larger_one(segmenter, family):
    frame = np.zeros((500, 700), np.uint8)
    frame[200:330, 300:450] = 255
    prediction = segmenter.predict(segmenter.encode(frame), Prompts(points=[[250, 350]]))
    assert np.array_equal(prediction.masks[0], frame > 0)
    assert family.encoded[-1] == (256, 256)


def test_a_previous_answer_moves_to_a_larger_window(segmenter):
    frame = np.zeros((500, 700), np.uint8)
    frame[300:310, 400:420] = 255
    frame[20:30, 40:60] = 255
    embedding = segmenter.encode(frame)
    first = segmenter.predict(embedding, Prompts(points=[[305, 410]]))
    both = Prompts(points=[[305, 410], [25, 50]], logits=first.feedback())
    second = segmenter.predict(embedding, both, multimask=False)
    assert np.array_equal(second.masks[0], frame > 0)


def test_a_negative_point_far_away_changes_nothing(segmenter):
    frame = np.zeros((500, 700), np.uint8)
    frame[300:310, 400:420] = 255
    prompts = Prompts(points=[[305, 410], [20, 30]], positive=[True, False])
    prediction = segmenter.predict(segmenter.encode(frame), prompts)
    assert np.array_equal(prediction.masks[0], frame > 0)


def test_the_whole_frame_is_one_window_when_asked_for(segmenter, family):
    frame = np.zeros((500, 700), np.uint8)
    embedding = segmenter.encode(frame, window="whole")
    segmenter.predict(embedding, Prompts(points=[[305, 410]]))
    assert family.encoded == [(500, 700)]


def test_a_given_window_is_kept(segmenter, family, squares):
    window = Window(2, 3, 20, 20)
    prediction = segmenter.predict(
        segmenter.encode(squares, window=window), Prompts(points=[[5, 7]])
    )
    assert prediction.window == window
    assert np.array_equal(prediction.masks[0], squares == 200)


@pytest.mark.parametrize(
    "prompts",
    [Prompts(points=[[5, 7], [30, 7]]), Prompts(box=[30, 30, 35, 35])],
    ids=["points", "box"],
)
def test_a_prompt_outside_the_given_window_is_refused(segmenter, squares, prompts):
    embedding = segmenter.encode(squares, window=Window(2, 3, 20, 20))
    with pytest.raises(PromptError, match="one window"):
        segmenter.predict(embedding, prompts)


def test_logits_of_another_frame_are_refused(segmenter, squares):
    first = segmenter.predict(segmenter.encode(squares), Prompts(points=[[5, 7]]))
    other = segmenter.encode(squares[::-1])
    with pytest.raises(PromptError, match="another frame"):
        segmenter.predict(other, Prompts(points=[[5, 7]], logits=first.feedback()))


def test_candidates_say_whether_their_window_cuts_them(segmenter):
    frame = np.zeros((500, 700), np.uint8)
    frame[300:310, 400:420] = 255
    frame[315:318] = 255
    prediction = segmenter.predict(segmenter.encode(frame), Prompts(points=[[305, 410]]))
    assert [prediction.is_cut(k) for k in range(3)] == [False, False, True]


def test_a_window_outside_the_frame_is_refused(segmenter, squares):
    with pytest.raises(ValueError, match="inside"):
        segmenter.encode(squares, window=Window(30, 0, 20, 20))


def test_the_same_frame_is_encoded_once(segmenter, family, squares):
    for _ in range(3):
        segmenter.predict(segmenter.encode(squares), Prompts(points=[[5, 7]]))
    assert len(family.encoded) == 1


def test_the_key_follows_the_precision(family, squares):
    keys = {
        Segmenter.from_family(family, "exact", precision=precision).encode(squares).key
        for precision in ("float32", "bfloat16")
    }
    assert len(keys) == 2


def test_the_key_follows_content_and_mapping(segmenter, squares):
    key = segmenter.encode(squares).key
    assert segmenter.encode(squares.copy()).key == key
    assert segmenter.encode(squares, intensity="none").key != key
    changed = squares.copy()
    changed[0, 0] = 255
    assert segmenter.encode(changed).key != key


def test_what_the_cache_dropped_is_made_again(family, squares):
    segmenter = Segmenter.from_family(family, "exact", cache_bytes=1)
    first = segmenter.encode(squares)
    segmenter.encode(squares[::-1])
    prediction = segmenter.predict(first, Prompts(points=[[5, 7]]))
    assert np.array_equal(prediction.masks[0], squares == 200)
    assert len(segmenter.cache) == 1


def test_threads_that_ask_at_once_get_the_same_answer(segmenter, family):
    rng = np.random.default_rng(0)
    frame = (rng.random((300, 300)) > 0.5).astype(np.uint8) * 255
    embedding = segmenter.encode(frame)
    points = [Prompts(points=[[r, c]]) for r in range(10, 290, 40) for c in range(10, 290, 40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda p: segmenter.predict(embedding, p), points))
    for prompts, prediction in zip(points, found, strict=True):
        alone = segmenter.predict(embedding, prompts)
        assert np.array_equal(alone.masks, prediction.masks)


def test_dense_maps_of_tiles_meet_without_a_seam(segmenter):
    frame = np.tile(np.linspace(0, 255, 300).astype(np.uint8), (200, 1))
    maps = segmenter.dense(segmenter.encode(frame, intensity="none"))
    assert maps.foreground.shape == (200, 300)
    assert np.allclose(maps.foreground, frame / 255, atol=1e-3)
    assert np.allclose(maps.distance, 1 - frame / 255.0, atol=1e-3)


def test_a_model_without_a_dense_head_says_so(family, squares):
    class Plain:
        info, fingerprint = family.info, "plain"
        encode, decode, upscale = family.encode, family.decode, family.upscale
        mask_prompt, logits_size = family.mask_prompt, family.logits_size

    segmenter = Segmenter.from_family(Plain(), "plain")
    assert not segmenter.can_dense
    with pytest.raises(TypeError, match="compact"):
        segmenter.dense(segmenter.encode(squares))


def through_pickle(one):
    return pickle.loads(pickle.dumps(one))


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, through_pickle])
def test_copies_answer_as_the_first(again, squares, tmp_path):
    segmenter = Segmenter("compact", device="cpu", store=tmp_path)
    embedding, prompts = segmenter.encode(squares), Prompts(points=[[5, 7]])
    expected = segmenter.predict(embedding, prompts).logits
    other, same_frame = again((segmenter, embedding))
    assert other.made_by == segmenter.made_by
    assert same_frame.key == embedding.key
    assert np.array_equal(other.predict(same_frame, prompts).logits, expected)
    assert np.array_equal(segmenter.predict(same_frame, prompts).logits, expected)
    assert np.array_equal(other.predict(other.encode(squares), prompts).logits, expected)


def test_a_deep_copy_shares_the_model_and_nothing_else(segmenter, squares):
    embedding = segmenter.encode(squares, window="whole")
    other = copy.deepcopy(segmenter)
    assert other.model is segmenter.model
    assert len(segmenter.cache) == 1
    assert len(other.cache) == 0
    assert other.encode(squares, window="whole").key == embedding.key


def test_a_pickle_holds_nothing_that_was_seen(segmenter, squares):
    segmenter.encode(squares, window="whole")
    assert len(segmenter.cache) == 1
    assert len(through_pickle(segmenter).cache) == 0
