"""What a large run would take, said from a few real frames."""

from __future__ import annotations

import json

import numpy as np
import pytest

from napari_cutout.cli.errors import InputError
from napari_cutout.cli.estimate import byte_count


@pytest.fixture
def movie(frame, tmp_path):
    path = tmp_path / "movie.npy"
    np.save(path, np.stack([np.roll(frame, 5 * number, 1) for number in range(4)]))
    return path


@pytest.mark.parametrize(
    ("text", "count"),
    [("1PB", 1e15), ("200 TB", 2e14), ("3.5gb", 3.5e9), ("12", 12.0), ("7kB", 7e3), ("2E", 2e18)],
)
def test_a_size_is_read(text, count):
    assert byte_count(text, "--data") == pytest.approx(count, rel=1e-12)


@pytest.mark.parametrize("text", ["", "PB", "1XB", "-3TB", "nan", "inf", "0GB", "1PBB"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(InputError, match=r"--data .*: expected a size such as 1PB"):
        byte_count(text, "--data")


def test_a_size_that_is_none_is_one_line(refused, movie):
    assert "--data much: expected a size" in refused("estimate", movie, "--data", "much")


def test_one_frame_is_too_few_to_measure(refused, frame, tmp_path):
    np.save(tmp_path / "one.npy", frame)

    said = refused("estimate", tmp_path / "one.npy", "--device", "cpu")

    assert "is one frame, and estimate takes two or more" in said


@pytest.mark.slow
def test_the_figures_are_those_of_the_model_and_follow_from_what_was_measured(run, movie):
    given = ("--axes", "tyx", "--data", "8MB", "--workers", "2", "--workers", "4", "--price", "3")
    result = run("estimate", movie, *given, "--device", "cpu", "--json")
    known = json.loads(result.stdout)
    frame, (two, four) = known["frame"], known["estimates"]

    assert frame["bytes_read"] == 8000
    assert frame["files"] >= 2
    assert set(frame["parts"]) == {"read", "encode", "find", "write"}
    assert (two["frames"], two["units"]) == (1000, 125)
    assert two["seconds"] == pytest.approx(two["start_seconds"] + 500 * frame["seconds"])
    assert four["seconds"] == pytest.approx(four["start_seconds"] + 250 * frame["seconds"])
    assert two["price"] == pytest.approx(3 * 2 * two["seconds"] / 3600)


@pytest.mark.slow
def test_a_table_is_printed(run, movie):
    result = run("estimate", movie, "--axes", "tyx", "--device", "cpu", "--count", "2")

    assert "1PB: 125,000,000,000 frames in 15,625,000,000 units" in result.stdout
    assert [f" {number} " in result.stdout for number in ("1", "100", "1,000")] == [True] * 3
