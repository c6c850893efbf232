"""More objects like one or a few."""

import itertools

import numpy as np
import pytest

from exact_family import exact_segmenter
from kinds_family import ROUND, SQUARE, kinds_segmenter
from napari_cutout.segment import PromptError, Window
from napari_cutout.segment.automatic.progress import Gathered, gather
from napari_cutout.segment.errors import OptionError
from napari_cutout.segment.similar.find import find_similar, windows_for
from napari_cutout.segment.similar.kind import learn_kind
from napari_cutout.segment.similar.options import SimilarOptions
from napari_cutout.segment.similar.search import BATCH

ROUNDS = [(4, 4), (4, 40), (30, 10), (44, 60)]
SQUARES = [(20, 30), (60, 20)]
SIZE = 9


def frame_of(rounds=ROUNDS, squares=SQUARES, shape=(80, 90), size=SIZE):
    frame = np.zeros(shape, np.uint8)
    for value, places in ((ROUND, rounds), (SQUARE, squares)):
        for row, col in places:
            frame[row : row + size, col : col + size] = value
    return frame


def labels_of(places, shape=(80, 90), size=SIZE):
    labels = np.zeros(shape, np.int32)
    for number, (row, col) in enumerate(places, 1):
        labels[row : row + size, col : col + size] = number
    return labels


def example(place, size=SIZE):
    return np.ones((size, size), bool), place


def found(frame, examples, segmenter=None, known=None, **options):
    segmenter = segmenter or kinds_segmenter()
    embedding = segmenter.encode(frame, "none")
    kind = learn_kind(segmenter, embedding, [example(place) for place in examples])
    steps = find_similar(segmenter, embedding, kind, SimilarOptions(**options), known=known)
    return gather(steps, embedding.shape)


def places_of(objects):
    return sorted(one.origin for one in objects)


def test_the_rest_of_the_kind_is_found_and_nothing_else():
    objects = found(frame_of(), ROUNDS[:1], known=labels_of(ROUNDS[:1]))
    assert places_of(objects) == sorted(ROUNDS[1:])
    assert {one.area for one in objects} == {SIZE**2}


def test_the_other_kind_is_found_by_its_own_example():
    objects = found(frame_of(), SQUARES[:1], known=labels_of(SQUARES[:1]))
    assert places_of(objects) == SQUARES[1:]


def test_examples_of_both_kinds_find_both():
    given = [ROUNDS[0], SQUARES[0]]
    objects = found(frame_of(), given, known=labels_of(given))
    assert places_of(objects) == sorted(ROUNDS[1:] + SQUARES[1:])


def test_without_labels_the_example_is_found_too():
    assert places_of(found(frame_of(), ROUNDS[:1])) == sorted(ROUNDS)


def test_what_is_known_is_not_found_again():
    objects = found(frame_of(), ROUNDS[:1], known=labels_of(ROUNDS[:3]))
    assert places_of(objects) == ROUNDS[3:]


def test_objects_tell_why_they_are_ranked():
    (first, *_) = found(frame_of(), ROUNDS[:1], known=labels_of(ROUNDS[:1]))
    assert first.similarity == pytest.approx(1, abs=1e-3)
    assert first.score == pytest.approx(0.9)
    assert first.rank == pytest.approx(0.9, abs=1e-2)


def test_an_object_of_another_size_ranks_lower_and_is_left_out():
    frame = frame_of()
    frame[50:78, 60:88] = ROUND
    others = sorted(set(ROUNDS[1:]) - {(44, 60)})
    frame[44:50] = 0
    assert places_of(found(frame, ROUNDS[:1], known=labels_of(ROUNDS[:1]))) == others
    tolerant = found(frame, ROUNDS[:1], known=labels_of(ROUNDS[:1]), size_tolerance=10)
    assert places_of(tolerant) == sorted([*others, (50, 60)])


def test_another_frame_is_searched_by_the_kind_of_the_first():
    segmenter = kinds_segmenter()
    first = segmenter.encode(frame_of(), "none")
    kind = learn_kind(segmenter, first, [example(ROUNDS[0])])
    moved = [(10, 70), (62, 5)]
    second = segmenter.encode(frame_of(moved, [(30, 30)]), "none")
    objects = gather(find_similar(segmenter, second, kind), second.shape)
    assert places_of(objects) == moved


def test_a_frame_without_any_has_none():
    segmenter = kinds_segmenter()
    first = segmenter.encode(frame_of(), "none")
    kind = learn_kind(segmenter, first, [example(ROUNDS[0])])
    empty = segmenter.encode(frame_of([], SQUARES), "none")
    assert not len(gather(find_similar(segmenter, empty, kind), empty.shape))


def test_examples_of_two_frames_are_one_kind():
    segmenter = kinds_segmenter()
    kinds = [
        learn_kind(segmenter, segmenter.encode(frame, "none"), [example(place)])
        for frame, place in ((frame_of(squares=[]), ROUNDS[0]), (frame_of([]), SQUARES[0]))
    ]
    both = kinds[0].joined(kinds[1])
    embedding = segmenter.encode(frame_of(), "none")
    objects = gather(find_similar(segmenter, embedding, both), embedding.shape)
    assert len(both) == 2
    assert places_of(objects) == sorted(ROUNDS + SQUARES)


def test_a_large_frame_is_searched_window_by_window_and_nothing_is_doubled():
    places = list(itertools.product(range(3, 185, 26), repeat=2))
    segmenter = kinds_segmenter(64)
    frame = frame_of(places, [], (200, 200))
    known = labels_of(places[:1], (200, 200))
    # Tolerant of sizes: a piece that a window cuts off would do, if it weren't left to another.
    objects = found(frame, places[:1], segmenter, known, size_tolerance=10)
    assert set(segmenter.family.encoded) == {(64, 64)}
    assert places_of(objects) == places[1:]
    assert {one.area for one in objects} == {SIZE**2}


def test_one_window_is_all_that_is_searched_where_it_was_chosen():
    segmenter = kinds_segmenter(64)
    embedding = segmenter.encode(frame_of(), "none", Window(0, 0, 30, 90))
    kind = learn_kind(segmenter, embedding, [example(ROUNDS[0])])
    assert windows_for(kind, embedding) == [embedding.window]
    objects = gather(find_similar(segmenter, embedding, kind), embedding.shape)
    assert places_of(objects) == ROUNDS[:2]


def test_it_can_be_stopped_and_what_was_found_stays():
    places = list(itertools.product(range(2, 180, 16), repeat=2))
    segmenter = kinds_segmenter()
    embedding = segmenter.encode(frame_of(places, [], (200, 200), 6), "none")
    kind = learn_kind(segmenter, embedding, [example(places[0], 6)])
    gathered = Gathered(embedding.shape)
    steps = find_similar(segmenter, embedding, kind)
    gathered.add(next(steps))
    steps.close()
    assert len(gathered.objects) == BATCH
    assert set(places_of(gathered.objects)) <= set(places)


def test_progress_rises_to_all():
    segmenter = kinds_segmenter(64)
    embedding = segmenter.encode(frame_of(shape=(150, 150)), "none")
    kind = learn_kind(segmenter, embedding, [example(ROUNDS[0])])
    steps = list(find_similar(segmenter, embedding, kind))
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert done[-1] == steps[-1].total


def test_only_so_many_places_are_asked():
    objects = found(frame_of(), ROUNDS[:1], max_prompts=1, rounds=1)
    assert len(objects) == 1


def test_another_model_does_not_know_the_kind():
    segmenter = kinds_segmenter()
    embedding = segmenter.encode(frame_of(), "none")
    kind = learn_kind(segmenter, embedding, [example(ROUNDS[0])])
    other = kinds_segmenter()
    other.family.fingerprint = "other"
    with pytest.raises(PromptError, match="learned with another model"):
        next(find_similar(other, embedding, kind))


def test_known_labels_of_another_size_are_refused():
    with pytest.raises(PromptError, match=r"known labels have shape \(3, 3\)"):
        found(frame_of(), ROUNDS[:1], known=np.zeros((3, 3), int))


def test_no_example_is_refused():
    segmenter = exact_segmenter()
    with pytest.raises(PromptError, match="one or more masks"):
        learn_kind(segmenter, segmenter.encode(frame_of()), [])


def test_an_example_outside_is_refused():
    segmenter = kinds_segmenter()
    with pytest.raises(PromptError, match="out of the frame"):
        learn_kind(segmenter, segmenter.encode(frame_of()), [example((79, 0))])


@pytest.mark.parametrize(
    "options",
    [
        {"min_rank": 1.5},
        {"min_similarity": -2},
        {"size_tolerance": 0},
        {"max_overlap": float("nan")},
        {"rounds": 0},
        {"max_prompts": 0},
    ],
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(OptionError, match=next(iter(options))):
        SimilarOptions(**options)
