"""Which image a layer shows, and whether it is the same as another."""

from __future__ import annotations

from dataclasses import replace

import dask.array as da
import numpy as np
import pytest
from napari.layers import Image

from napari_cutout.layers.journal.image_facts import facts_of, fingerprint, is_same

PIXELS = np.random.default_rng(0).integers(0, 255, (3, 40, 60)).astype(np.uint16)


def facts(data=PIXELS, path="", **options):
    found = facts_of(Image(data, **options))
    return replace(found, path=path)


def test_the_facts_are_those_of_the_layer():
    found = facts(name="cells")
    assert (found.name, found.shape, found.dtype) == ("cells", (3, 40, 60), "uint16")
    assert found.fingerprint


def test_colours_and_levels_are_no_axes():
    assert facts(np.zeros((4, 5, 3), np.uint8), rgb=True).shape == (4, 5)
    assert facts([PIXELS[0], PIXELS[0, ::2, ::2]], multiscale=True).shape == (40, 60)


def test_a_mapped_file_is_its_path(tmp_path):
    np.save(tmp_path / "cells.npy", PIXELS)
    mapped = np.load(tmp_path / "cells.npy", mmap_mode="r")
    assert facts_of(Image(mapped)).path == str(tmp_path / "cells.npy")


@pytest.mark.parametrize("make", ["mapped", "view", "lazy"])
def test_pixels_that_would_have_to_be_read_are_not(tmp_path, make):
    np.save(tmp_path / "cells.npy", PIXELS)
    mapped = np.load(tmp_path / "cells.npy", mmap_mode="r")
    data = {"mapped": mapped, "view": np.asarray(mapped)[1:], "lazy": da.from_array(PIXELS)}[make]
    assert fingerprint(data) == ""


def test_the_fingerprint_is_that_of_the_pixels():
    assert fingerprint(PIXELS) == fingerprint(np.asfortranarray(PIXELS))
    changed = PIXELS.copy()
    changed[0, 0, 0] += 1
    assert len({fingerprint(PIXELS), fingerprint(changed), fingerprint(PIXELS.astype(int))}) == 3
    assert fingerprint(np.zeros((0, 3))) == ""


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (facts(path="/a.tif", name="other"), True),
        (facts(PIXELS + 1, path="/a.tif", name="cells"), True),
        (facts(PIXELS + 1, path="/a.tif", name="other"), False),
        (facts(path="/b.tif", name="cells"), False),
        (facts(PIXELS[:2], path="/a.tif", name="cells"), False),
    ],
)
def test_a_file_is_the_same_by_its_name_or_its_pixels(other, expected):
    assert is_same(facts(path="/a.tif", name="cells"), other) is expected


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (facts(name="cells"), True),
        (facts(name="other"), False),
        (facts(PIXELS + 1, name="cells"), False),
    ],
)
def test_an_image_in_memory_is_the_same_by_its_name_and_its_pixels(other, expected):
    assert is_same(facts(name="cells"), other) is expected
