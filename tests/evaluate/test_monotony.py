"""Whether clicks help."""

import pytest

from napari_cutout.evaluate.evaluation import Row
from napari_cutout.evaluate.monotony import Fall, falls, sentence


def row(*means):
    return Row("cells", figures={f"click_{n}": mean for n, mean in enumerate(means, 1)})


def test_a_fall_is_told_with_its_click():
    (fall,) = falls([row(0.5, 0.7, 0.6, 0.9)])
    assert fall == Fall("cells", 3, pytest.approx(0.1))


def test_what_is_allowed_is_none():
    assert falls([row(0.7, 0.695)], allowed=0.01) == ()


@pytest.mark.parametrize(
    ("means", "words"),
    [
        ((0.5, 0.5, 0.9), "doesn't fall"),
        ((0.5, 0.495), "within the 0.01"),
        ((0.5, 0.4, 0.39), "falls by 0.100 with click 2 (cells), more than"),
    ],
)
def test_it_is_said_in_a_sentence(means, words):
    assert words in sentence([row(*means)])
