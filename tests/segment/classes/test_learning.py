"""Classes learned from examples, and proposed with a confidence that holds."""

from __future__ import annotations

import builtins

import numpy as np
import pytest

from napari_cutout import Segmenter
from napari_cutout.segment.classes import ClassError, Looks, learn_classes, looks_of
from two_kinds import KINDS, placed, two_kinds


def clouds(count, apart=3.0, kinds=2, seed=0):
    """Looks of some kinds, each a cloud of its own, and their names."""
    rng = np.random.default_rng(seed)
    truth = np.arange(count) % kinds
    values = rng.normal(size=(count, 12)).astype(np.float32)
    values[np.arange(count), truth] += apart
    return Looks(values, (8, 4), "a"), [f"kind {number}" for number in truth]


def parted(looks, names, first):
    return looks.of(range(first)), names[:first], looks.of(range(first, len(looks))), names[first:]


@pytest.mark.parametrize("kinds", [2, 3, 4])
def test_classes_that_are_apart_are_proposed(kinds):
    given, names, rest, truth = parted(*clouds(80, apart=9, kinds=kinds), 40)
    found = learn_classes(given, names, rest).propose(rest)
    assert list(found.names) == truth
    assert found.confidence.shape == (40,)
    assert found.confidence.min() > 1 / kinds


@pytest.mark.parametrize("apart", [1.0, 2.0, 3.0])
def test_the_confidence_is_how_often_it_is_right(apart):
    given, names, rest, truth = parted(*clouds(2000, apart), 200)
    found = learn_classes(given, names, rest).propose(rest)
    right = np.array(found.names) == truth
    assert found.confidence.mean() == pytest.approx(right.mean(), abs=0.06)
    sure = found.confidence > np.median(found.confidence)
    assert right[sure].mean() >= right[~sure].mean()


def test_the_accuracy_is_that_of_examples_left_out():
    given, names, rest, truth = parted(*clouds(2000, 2.0), 200)
    model = learn_classes(given, names, rest)
    found = np.mean(np.array(model.propose(rest).names) == truth)
    assert model.accuracy == pytest.approx(found, abs=0.1)


def test_names_that_mean_nothing_are_not_proposed_surely():
    given, names, rest, _ = parted(*clouds(120, apart=0), 100)
    found = learn_classes(given, names, rest).propose(rest)
    assert found.confidence.max() < 0.75


def test_three_examples_of_each_suffice():
    given, names, rest, truth = parted(*clouds(60, apart=9), 6)
    model = learn_classes(given, names, rest)
    assert model.counts == (3, 3)
    assert np.mean(np.array(model.propose(rest).names) == truth) > 0.9


def test_a_rare_class_is_proposed_too():
    looks, names = clouds(200, apart=9)
    chosen = [k for k, name in enumerate(names) if name == "kind 0" or k < 12]
    model = learn_classes(looks.of(chosen), [names[k] for k in chosen])
    assert model.counts == (100, 6)
    assert set(model.propose(looks.of(range(100, 200))).names) == {"kind 0", "kind 1"}


def test_the_same_examples_teach_the_same():
    given, names, rest, _ = parted(*clouds(60), 30)
    first, second = (learn_classes(given, names, rest).propose(rest) for _ in range(2))
    np.testing.assert_array_equal(first.confidence, second.confidence)


def test_columns_that_say_nothing_do_no_harm():
    looks, names = clouds(40, apart=9)
    looks.values[:, 5] = 1e6
    assert learn_classes(looks, names).accuracy == 1.0


def test_units_make_no_difference():
    looks, names = clouds(60)
    scaled = Looks(looks.values * np.float32(1000) + 7, looks.blocks, looks.fingerprint)
    one, other = (learn_classes(each, names).propose(each) for each in (looks, scaled))
    np.testing.assert_allclose(one.confidence, other.confidence, atol=1e-3)


def test_nothing_is_proposed_for_nothing():
    looks, names = clouds(12, apart=9)
    found = learn_classes(looks, names).propose(looks.of([]))
    assert (found.names, len(found.confidence)) == ((), 0)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a"] * 6, "only 'a'"),
        (["a"] * 5 + ["b"], r"class 'b' has 1 example; give it to 3"),
        (["a"] * 4 + ["b"] * 2, r"class 'b' has 2 examples"),
        (["a"] * 3, "6 examples have 3 classes"),
    ],
)
def test_too_little_is_refused(names, said):
    with pytest.raises(ClassError, match=said):
        learn_classes(clouds(6)[0], names)


def test_no_example_at_all_is_refused():
    with pytest.raises(ClassError, match="there is none"):
        learn_classes(clouds(6)[0].of([]), [])


def test_looks_of_another_model_are_refused():
    looks, names = clouds(12, apart=9)
    other = Looks(looks.values, looks.blocks, "b")
    with pytest.raises(ClassError, match="another model"):
        learn_classes(looks, names).propose(other)


def test_without_scikit_learn_it_is_said_how_to_get_it(monkeypatch):
    real = builtins.__import__

    def blocked(name, *arguments, **known):
        if name.partition(".")[0] == "sklearn":
            raise ImportError(name)
        return real(name, *arguments, **known)

    monkeypatch.setattr(builtins, "__import__", blocked)
    with pytest.raises(ClassError, match=r"napari-cutout\[classes\]"):
        learn_classes(*clouds(12))


def test_discs_and_bars_are_told_apart_by_the_model_in_the_package():
    image, labels = two_kinds()
    segmenter = Segmenter("compact")
    masks = [placed(labels, number) for number in range(1, len(KINDS) + 1)]
    looks = looks_of(segmenter, segmenter.encode(image), masks)
    given = [KINDS.index("disc", k) for k in (0, 2, 5)] + [KINDS.index("bar", k) for k in (0, 3, 6)]
    rest = [k for k in range(len(KINDS)) if k not in given]
    model = learn_classes(looks.of(given), [KINDS[k] for k in given], looks.of(rest))
    found = np.array(model.propose(looks.of(rest)).names)
    assert np.mean(found == [KINDS[k] for k in rest]) > 0.85
