"""Embeddings of frames, one of them made ahead in a thread."""

from __future__ import annotations

import threading

import pytest

from moving_squares import BrokenStack, movie, seeing_segmenter, straight
from napari_cutout.stacks.propagating.reading import Frames


class Watched:
    """Embeddings that wait until they may be made; it tells in which thread they were."""

    def __init__(self):
        self.stack = BrokenStack(movie(straight(9)), broken=[4])
        self.threads, self.may = {}, threading.Event()
        self.segmenter = seeing_segmenter()
        self.frames = Frames(self.segmenter, self.stack, "percentile", self.embedding)

    def embedding(self, index):
        self.threads[index] = threading.current_thread()
        self.may.wait(60)
        return self.segmenter.encode(self.stack.read(index))


@pytest.fixture
def watched():
    watched = Watched()
    yield watched
    watched.may.set()
    watched.frames.close()


def test_a_frame_is_made_ahead_in_another_thread_and_once(watched):
    watched.frames.ahead((1,))
    watched.may.set()
    first = watched.frames.embedding((1,))

    assert watched.threads[1,] is not threading.current_thread()
    assert watched.frames.embedding((1,)) is first
    assert watched.stack.read_places == [1]


def test_a_frame_that_was_not_begun_is_made_at_once(watched):
    watched.may.set()
    watched.frames.ahead((1,))
    watched.frames.embedding((2,))

    assert watched.threads[2,] is threading.current_thread()


def test_a_frame_that_can_t_be_read_ahead_says_why_when_it_is_asked_for(watched):
    watched.may.set()
    watched.frames.ahead((4,))

    assert watched.frames.embedding((4,)) == "the file is damaged"


def test_only_the_last_of_those_that_wait_is_made(watched):
    for place in (0, 1, 2, 3):
        watched.frames.ahead((place,))
    watched.may.set()
    watched.frames.embedding((3,))

    assert set(watched.threads) <= {(0,), (3,)}


def test_closing_waits_for_nothing(watched):
    watched.frames.ahead((1,))
    watched.frames.close()

    assert not watched.may.is_set()
    assert watched.stack.read_places == []
