"""The order of files."""

from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.formats.natural_order import natural_key


def in_order(*texts):
    return [str(path) for path in sorted(map(PurePosixPath, texts), key=natural_key)]


def test_numbers_are_sorted_by_value_in_folders_and_names():
    texts = ["t2/9.png", "t2/10.png", "t10/1.png"]

    assert in_order(*texts[::-1]) == texts


def test_letters_are_sorted_whatever_their_case():
    assert in_order("c1", "B1", "a1") == ["a1", "B1", "c1"]


def test_what_differs_only_in_its_writing_has_an_order():
    assert in_order("A1", "a1", "a01") == in_order("a01", "a1", "A1")


@given(st.lists(st.text("aB19²٣_/.", min_size=1), unique=True), st.randoms(use_true_random=False))
def test_the_natural_order_is_one_order(texts, shuffler):
    paths = list({PurePosixPath(text) for text in texts})
    expected = sorted(paths, key=natural_key)
    shuffler.shuffle(paths)

    assert sorted(paths, key=natural_key) == expected
