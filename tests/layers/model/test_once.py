"""A computation that is done once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from napari_cutout.layers.model.once import Once


def test_who_asks_at_the_same_time_gets_the_same():
    calls, together = [], Barrier(4)

    def ask():
        together.wait()
        return once()

    once = Once(lambda: calls.append(None) or object())
    with ThreadPoolExecutor(4) as pool:
        results = [future.result() for future in [pool.submit(ask) for _ in range(4)]]
    assert len(calls) == 1
    assert len(set(map(id, results))) == 1


def test_what_raised_is_asked_again():
    answers = iter([ValueError("no"), 3])

    def compute():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    once = Once(compute)
    with pytest.raises(ValueError, match="no"):
        once()
    assert once() == 3
    assert once() == 3
