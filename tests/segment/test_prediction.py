"""What a model answered, taken elsewhere: the same, without the model."""

import copy
import pickle

import numpy as np
import pytest

from napari_cutout.segment import MaskOptions, Prompts, Segmenter, Window


def through_pickle(one):
    return pickle.loads(pickle.dumps(one))


def twice(one):
    return through_pickle(copy.deepcopy(through_pickle(one)))


COPIES = pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, through_pickle, twice])


@pytest.fixture(scope="module")
def compact():
    return Segmenter("compact", device="cpu")


@pytest.fixture(scope="module")
def scene():
    frame = np.random.default_rng(0).integers(0, 60, (130, 170), dtype=np.uint8)
    frame[30:70, 40:90] += 150
    return frame


@COPIES
@pytest.mark.parametrize("window", ["whole", None, Window(20, 30, 90, 120)])
@pytest.mark.parametrize("multimask", [True, False])
def test_copies_are_the_same_bit_for_bit(compact, scene, again, window, multimask):
    embedding = compact.encode(scene, window=window)
    first = compact.predict(embedding, Prompts(points=[[50, 60]]), multimask)

    second = again(first)

    assert np.array_equal(second.scores, first.scores)
    assert np.array_equal(second.logits, first.logits)
    assert np.array_equal(second.masks, first.masks)
    assert (second.window, second.shape, second.key) == (first.window, first.shape, first.key)
    for k in range(len(first.scores)):
        assert np.array_equal(second.full_logits(k), first.full_logits(k))
        for ours, theirs in zip(
            second.crop(k, MaskOptions(1.0)), first.crop(k, MaskOptions(1.0)), strict=True
        ):
            assert np.array_equal(ours, theirs)
        assert second.is_cut(k) == first.is_cut(k)


def test_a_pickle_holds_no_model_and_no_masks(compact, scene):
    prediction = compact.predict(compact.encode(scene), Prompts(points=[[50, 60]]))
    grid, logits = prediction.grid.shape, prediction.logits.size
    assert prediction.masks.any()

    pickled = pickle.dumps(prediction)

    assert len(pickled) < 4 * (3 * np.prod(grid) + logits) + 3000


@COPIES
def test_a_copy_is_fed_back_as_the_first(compact, scene, again):
    embedding = compact.encode(scene)
    first = compact.predict(embedding, Prompts(points=[[50, 60]]))

    second = again(first)

    answers = [
        compact.predict(embedding, Prompts(points=[[50, 60]], logits=one.feedback())).logits
        for one in (first, second)
    ]
    assert np.array_equal(*answers)


def test_a_deep_copy_has_arrays_of_its_own(compact, scene):
    first = compact.predict(compact.encode(scene), Prompts(points=[[50, 60]]))

    second = copy.deepcopy(first)

    assert not np.shares_memory(first.logits, second.logits)
    assert not np.shares_memory(first.scores, second.scores)
