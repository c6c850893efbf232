"""The undo chain against a plain list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.annotate import History


@given(st.lists(st.one_of(st.integers(), st.sampled_from(["undo", "redo"]))))
def test_any_sequence_equals_a_plain_model(moves):
    history, done, undone = History(), [], []
    for move in moves:
        if move == "undo" and done:
            assert history.last_done == done[-1]
            undone.append(done.pop())
            history.mark_undone()
        elif move == "redo" and undone:
            assert history.last_undone == undone[-1]
            done.append(undone.pop())
            history.mark_done()
        elif isinstance(move, int):
            done.append(move)
            undone.clear()
            history.push(move)
    assert (list(history.done), list(history.undone)) == (done, undone)


def test_the_oldest_steps_go_first():
    history = History(limit=2)
    for step in "abc":
        history.push(step)
    assert history.done == ("b", "c")


def test_unwanted_steps_are_forgotten_on_both_sides():
    history = History()
    for step in (1, 2, 3, 4):
        history.push(step)
    history.mark_undone()
    history.mark_undone()
    history.keep(lambda step: step % 2 == 0)
    assert (history.done, history.undone) == ((2,), (4,))
