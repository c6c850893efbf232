"""Linking: the same id for the same object in successive frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_cutout.evaluate.sequences.linking import found_links, true_links
from napari_cutout.evaluate.sequences.moving_blobs import moving_blobs
from napari_cutout.evaluate.sequences.simulated import TrueSequence, with_dropouts
from napari_cutout.formats.tracks.track import Track
from napari_cutout.segment.rle import Rle
from napari_cutout.stacks.linking.errors import LinkError
from napari_cutout.stacks.linking.linker import Linker, link
from napari_cutout.stacks.linking.options import LinkOptions


def squares(*places, side=6, shape=(40, 60)):
    """A frame with a square at each place (row, col), called 1, 2, ...; None leaves one out."""
    frame = np.zeros(shape, np.int32)
    for number, place in enumerate(places, 1):
        if place is not None:
            row, col = place
            frame[row : row + side, col : col + side] = number
    return frame


def renamed(frame, chance):
    """The frame with other ids."""
    ids = np.concatenate([[0], 1 + chance.permutation(3 * int(frame.max(initial=0)))])
    return ids[frame]


def masks(labels):
    """The masks of a frame, whatever they are called."""
    return {(labels == one).tobytes() for one in np.unique(labels[labels != 0])}


def test_a_moving_object_keeps_its_id():
    tracks = link([squares((5, 5 + 3 * step)) for step in range(6)])

    assert tracks.tracks == (Track(1, 0, 5),)


def test_of_two_that_move_by_more_than_half_their_distance_each_keeps_its_id():
    # What overlaps most is the other one.
    frames = [squares((5, 5 + 5 * step), (5, 13 + 5 * step)) for step in range(4)]

    assert [tracks_of(frames).ids(number) for number in range(4)] == [{1: 1, 2: 2}] * 4


def tracks_of(frames, **options):
    return link(frames, LinkOptions(**options))


def test_objects_appear_and_end():
    frames = [squares((5, 5)), squares((5, 5), (25, 40)), squares(None, (25, 40))]

    assert link(frames).tracks == (Track(1, 0, 1), Track(2, 1, 2))


def test_an_object_that_is_missing_once_is_the_same():
    frames = [squares((5, 5)), squares(), squares((5, 6))]

    assert link(frames).tracks == (Track(1, 0, 2),)


def test_an_object_that_is_missing_for_longer_than_gaps_may_be_is_another():
    frames = [squares((5, 5)), squares(), squares(), squares((5, 5))]

    assert len(tracks_of(frames, max_gap=1).tracks) == 2
    assert tracks_of(frames, max_gap=2).tracks == (Track(1, 0, 3),)


def test_a_frame_of_which_nothing_is_known_is_no_gap():
    linker = Linker(LinkOptions(max_gap=0))
    linker.add(squares((5, 5)))
    linker.add_missing()
    linker.add(squares((5, 6)))
    tracks = linker.finish()

    assert tracks.tracks == (Track(1, 0, 2),)
    assert tracks.ids(1) == {}


def two_halves(apart):
    """A mother of two squares side by side, then both apart from each other."""
    return squares((10, 20 - apart), (10, 26 + apart))


def mother():
    return np.minimum(two_halves(0), 1)


def test_a_division_gives_two_daughters():
    frames = [mother(), mother(), two_halves(1), two_halves(2), two_halves(3)]

    assert link(frames).tracks == (Track(1, 0, 1), Track(2, 2, 4, 1), Track(3, 2, 4, 1))


def test_without_divisions_one_goes_on_and_one_is_new():
    frames = [mother(), mother(), two_halves(1), two_halves(2)]

    assert [one.parent for one in tracks_of(frames, divisions=False).tracks] == [0, 0]


def test_a_mask_that_was_cut_in_two_once_is_no_division():
    cut = mother()
    cut[:, 28:][cut[:, 28:] > 0] = 2
    tracks = link([mother(), mother(), cut, mother(), mother()])

    assert tracks.tracks == (Track(1, 0, 4), Track(2, 2, 2))
    # The larger piece is the object.
    assert tracks.ids(2) == {1: 1, 2: 2}


def test_what_appears_later_is_not_taken_for_a_piece_that_was_cut_off():
    cut = mother()
    cut[:, 28:][cut[:, 28:] > 0] = 2
    later = mother() + squares(None, (10, 33))
    tracks = link([mother(), cut, mother(), later])

    assert tracks.tracks == (Track(1, 0, 3), Track(2, 1, 1), Track(3, 3, 3))


def test_a_mask_that_was_cut_in_two_for_some_frames_is_no_division():
    cut = mother()
    cut[:, 28:][cut[:, 28:] > 0] = 2
    tracks = link([mother(), cut, cut, cut, mother(), mother()])

    assert tracks.tracks == (Track(1, 0, 5), Track(2, 1, 3))


def test_a_shift_of_all_is_not_taken_for_movements():
    truth = moving_blobs(6, 60, seed=3, speed=0.05, drift=[(0, 0), (31, -17), (0, 0)])

    assert found_links(link(truth.frames)) == true_links(truth)
    without = found_links(link(truth.frames, LinkOptions(drift=False)))
    assert without != true_links(truth)


def test_farther_than_the_largest_distance_nothing_is_linked():
    frames = [squares((5, 5)), squares((5, 9))]

    assert len(tracks_of(frames, max_distance=3.9).tracks) == 2
    assert len(tracks_of(frames, max_distance=4.1).tracks) == 1


def test_distances_are_in_the_units_of_the_spacing():
    frames = [squares((5, 5)), squares((5, 9))]

    assert len(link(frames, LinkOptions(max_distance=3.0), spacing=(1.0, 0.5)).tracks) == 1
    assert len(link(frames, LinkOptions(max_distance=3.0), spacing=(0.5, 1.0)).tracks) == 2


def test_below_the_least_overlap_nothing_is_linked():
    frames = [squares((5, 5)), squares((5, 8))]

    assert len(tracks_of(frames, min_overlap=0.33).tracks) == 1
    assert len(tracks_of(frames, min_overlap=0.34).tracks) == 2


def test_short_tracks_are_left_out():
    frames = [squares((5, 5)), squares((5, 5), (25, 40)), squares((5, 5))]
    tracks = tracks_of(frames, min_length=2)

    assert tracks.tracks == (Track(1, 0, 2),)
    assert tracks.ids(1) == {1: 1, 2: 0}


def test_overlapping_objects_are_linked_each_to_its_own():
    # A nucleus in its cell: both have the same centre.
    linker = Linker()
    for step in range(3):
        cell = (np.ones((12, 12), bool), (5, 5 + step))
        nucleus = (np.ones((5, 5), bool), (8, 8 + step))
        order = (cell, nucleus) if step % 2 else (nucleus, cell)
        linker.add_objects([Cut(*one) for one in order], (40, 60))
    tracks = linker.finish()

    assert len(tracks.tracks) == 2
    assert [tracks.ids(number)[1] for number in range(3)] == [2, 1, 2]


class Cut:
    """A mask in its box."""

    def __init__(self, mask, origin):
        self.mask, self.origin = Rle.encode(mask), origin

    def decode(self):
        return self.mask.decode()


def test_an_object_out_of_the_frame_is_refused():
    with pytest.raises(LinkError, match=r"object 1 at \(38, 5\).*\(40, 60\)"):
        Linker().add_objects([Cut(np.ones((4, 4), bool), (38, 5))], (40, 60))


@pytest.mark.parametrize(
    "labels", [np.zeros((2, 3, 4, 5), int), np.zeros((3, 4)), np.full((3, 4), -1)]
)
def test_what_are_no_labels_is_refused(labels):
    with pytest.raises(LinkError, match="labels"):
        Linker().add(labels)


@pytest.mark.parametrize("spacing", [(1.0,), (0.0, 1.0), (1.0, float("nan"))])
def test_what_is_no_spacing_is_refused(spacing):
    with pytest.raises(LinkError, match="spacing"):
        Linker(spacing=spacing)


def test_no_frames_give_no_tracks():
    tracks = link([])

    assert (len(tracks), tracks.tracks) == (0, ())


def test_empty_frames_give_no_tracks():
    assert link([squares(), squares()]).tracks == ()


def test_frames_of_changing_size_are_linked():
    frames = [squares((5, 5)), squares((5, 6), shape=(30, 80)), squares((5, 7), shape=(20, 20))]

    assert link(frames).tracks == (Track(1, 0, 2),)


def test_more_frames_may_follow():
    linker = Linker()
    linker.add(squares((5, 5)))
    first = linker.finish().tracks
    linker.add(squares((5, 6)))

    assert (first, linker.finish().tracks) == ((Track(1, 0, 0),), (Track(1, 0, 1),))


def test_large_ids_take_no_more_memory():
    frame = squares((5, 5)).astype(np.uint64) * np.uint64(2**40)

    assert link([frame, frame]).ids(1) == {2**40: 1}


seeds = st.integers(0, 2**32 - 1)


@given(seeds)
@settings(max_examples=25, deadline=None)
def test_what_objects_are_called_changes_nothing_but_names(seed):
    chance = np.random.default_rng(seed)
    truth = with_dropouts(moving_blobs(6, 25, seed, divisions=0.05), seed, share=0.1)
    others = [renamed(frame, chance) for frame in truth.frames]
    one, other = link(truth.frames), link(others)

    assert one.tracks == other.tracks
    for number, (frame, same) in enumerate(zip(truth.frames, others, strict=True)):
        ours = one.relabelled(frame, number)
        np.testing.assert_array_equal(ours, other.relabelled(same, number))


@given(seeds, st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_what_stays_where_it_is_gives_one_track_each(seed, count):
    chance = np.random.default_rng(seed)
    frame = moving_blobs(1, 30, seed).frames[0]
    tracks = link([renamed(frame, chance) for _ in range(count)])

    objects = len(np.unique(frame)) - 1
    assert tracks.tracks == tuple(Track(one + 1, 0, count - 1) for one in range(objects))


@given(seeds)
@settings(max_examples=25, deadline=None)
def test_relabelled_frames_have_the_same_masks(seed):
    frames = moving_blobs(5, 25, seed, divisions=0.05).frames
    tracks = link(frames)

    for number, frame in enumerate(frames):
        assert masks(tracks.relabelled(frame, number)) == masks(frame)


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_slow_blobs_are_linked_without_error(seed):
    truth = moving_blobs(8, 30, seed, speed=0.1, spread=3)

    assert found_links(link(truth.frames)) == true_links(truth)


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_the_scale_changes_nothing(seed):
    frames = moving_blobs(4, 15, seed).frames
    large = [np.kron(frame, np.ones((2, 2), frame.dtype)) for frame in frames]

    assert link(large).tracks == link(frames).tracks


def test_parents_of_blobs_that_divide_are_found():
    truth = moving_blobs(12, 40, seed=5, speed=0.05, spread=3, divisions=0.02)
    wanted = {link for link in true_links(truth) if link[1] != link[3]}
    wanted = {one for one in wanted if one[2] < 11}
    found = {link for link in found_links(tracks_of(truth.frames)) if link in wanted}

    assert len(wanted) > 10
    assert found == wanted


def test_true_sequence_of_one_frame_has_no_links():
    assert true_links(TrueSequence((squares((5, 5)),))) == set()
