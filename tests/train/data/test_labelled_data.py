"""Labelled frames as a value: added, split, summed up."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.formats.labelled import LabelledFrame
from napari_cutout.train.data import LabelledData, from_arrays
from napari_cutout.train.errors import TrainError

names = st.lists(st.text(min_size=1, max_size=6), max_size=40)
shares = st.floats(0.01, 0.99)
seeds = st.integers(0, 3)


@dataclass(frozen=True)
class Named:
    """A source of one frame."""

    name: str

    def frames(self):
        yield LabelledFrame(self.name, np.zeros((2, 2), np.uint8), np.ones((2, 2), np.int32))


def data_of(several):
    return LabelledData(tuple(Named(name) for name in several))


def names_of(data):
    return [source.name for source in data.sources]


@given(names, shares, seeds)
def test_a_split_loses_nothing_and_shares_no_name(several, share, seed):
    data = data_of(several)
    train, validation = data.split(share, seed)
    assert sorted([*names_of(train), *names_of(validation)]) == sorted(several)
    assert not set(names_of(train)) & set(names_of(validation))


@given(names, shares, seeds, st.randoms(use_true_random=False))
def test_a_split_depends_on_names_and_not_on_their_order(several, share, seed, random):
    _, before = data_of(several).split(share, seed)
    random.shuffle(several)
    _, after = data_of(several).split(share, seed)
    assert set(names_of(after)) == set(names_of(before))


@given(names, shares, seeds)
def test_both_sides_have_sources_where_there_are_two_names(several, share, seed):
    train, validation = data_of(several).split(share, seed)
    count = len(set(several))
    if count < 2:
        assert (len(train), len(validation)) == (len(several), 0)
        return
    held_out = len(set(names_of(validation)))
    assert 1 <= held_out < count
    assert math.floor(share * count / 2) <= held_out <= max(1, math.ceil(2 * share * count))


@given(st.integers(40, 80), st.integers(1, 60), seeds)
def test_sources_stay_on_their_side_when_others_come(count, more, seed):
    several = [f"a/{number}.png" for number in range(count)]
    added = [*several, *(f"b/{number}.png" for number in range(more))]
    _, before = data_of(several).split(0.3, seed)
    _, after = data_of(added).split(0.3, seed)
    assert set(names_of(after)) & set(several) == set(names_of(before))


def test_another_seed_holds_out_others():
    data = data_of(str(number) for number in range(40))
    assert names_of(data.split(seed=0)[1]) != names_of(data.split(seed=1)[1])


def test_a_share_of_nothing_holds_nothing_out():
    assert len(data_of("abc").split(0.0)[1]) == 0


@pytest.mark.parametrize("share", [-0.1, 1.0, math.nan])
def test_what_is_no_share_is_refused(share):
    with pytest.raises(TrainError, match="from 0 to below 1"):
        data_of("abc").split(share)


def test_frames_without_objects_are_left_out_and_counted():
    labels = np.zeros((3, 8, 9), np.uint8)
    labels[1, 2:4, 2:4] = 5
    data = from_arrays([("a", np.ones((3, 8, 9)), labels)])
    assert [frame.name for frame in data.frames()] == ["a[1]"]
    summary = data.summary()
    assert (summary.frames, summary.objects, summary.without_objects) == (1, 1, 2)


def test_a_summary_has_sizes_and_names():
    labels = np.zeros((20, 20), np.uint8)
    labels[0:4, 0:4], labels[10:18, 10:18] = 1, 2
    data = from_arrays([(str(number), labels, labels) for number in range(30)])
    summary = data.summary()
    assert summary.diameters == pytest.approx(
        [math.sqrt(4 * n / math.pi) for n in (16, 40, 64)], 0.3
    )
    assert summary.diameters[0] == pytest.approx(math.sqrt(64 / math.pi))
    assert summary.names == tuple(str(number) for number in range(20))
    assert (summary.sources, summary.objects) == (30, 60)


def test_nothing_has_a_summary_too():
    summary = LabelledData().summary()
    assert (summary.frames, summary.diameters, summary.names) == (0, (0.0, 0.0, 0.0), ())
    assert summary.to_json()["objects"] == 0


def test_the_hash_is_that_of_the_contents_in_any_order():
    first, second = np.ones((4, 5), np.uint8), np.full((4, 5), 3, np.uint16)
    there = from_arrays([("a", first, first), ("b", second, first)])
    back = from_arrays([("c", second, first), ("d", first, first)])
    assert there.summary().sha256 == back.summary().sha256


@pytest.mark.parametrize("part", ["pixels", "labels", "dtype"])
def test_the_hash_is_another_one_where_something_is(part):
    image, labels = np.ones((4, 5), np.uint8), np.ones((4, 5), np.int32)
    before = from_arrays([("a", image, labels)]).summary().sha256
    other_image = image.astype(np.uint16) if part == "dtype" else image.copy()
    other_image[0, 0] += part == "pixels"
    other_labels = labels.copy()
    other_labels[0, 0] -= part == "labels"
    assert from_arrays([("a", other_image, other_labels)]).summary().sha256 != before


def test_data_add_up():
    assert names_of(data_of("ab") + data_of("c")) == ["a", "b", "c"]
