"""Reading objects that labels have already: all of them, in any kind of array, and by jobs."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pytest
import tensorstore as ts
import zarr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from later import Later
from napari_cutout.annotate.extents import extents_of
from napari_cutout.annotate.places import Places
from napari_cutout.layers import run_at_once
from napari_cutout.layers.target import reading
from napari_cutout.layers.target.reading import Reading, largest_id, read_frame


def as_tensorstore(data):
    made = ts.open(
        {"driver": "zarr", "kvstore": {"driver": "memory"}, "metadata": {"chunks": [1, 3, 2]}},
        create=True, dtype=ts.int32, shape=data.shape,
    ).result()  # fmt: skip
    made[...] = data
    return made


KINDS = [
    np.array,
    lambda data: zarr.array(data, chunks=(1, 3, 2)),
    lambda data: da.from_array(data, chunks=(2, 4, 3)),
    as_tensorstore,
]
LABELS = np.random.default_rng(0).integers(0, 5, (4, 9, 11)).astype(np.int32)


def start(data, run=run_at_once, **options):
    places, told = Places(lambda number: None), []
    return places, Reading(data, places, run, lambda: told.append(True), **options), told


def check(places, data):
    for at, frame in enumerate(data):
        assert places.in_frame((at, None, None)) == extents_of(frame)


@pytest.mark.parametrize("piece", [1 << 22, 30, 7])
@pytest.mark.parametrize("make", KINDS, ids=["numpy", "zarr", "dask", "tensorstore"])
def test_all_objects_are_found_in_pieces(make, piece, monkeypatch):
    monkeypatch.setattr(reading, "PIECE", piece)
    data = make(LABELS)
    places, work, told = start(data)
    work.go_on()
    check(places, LABELS)
    assert (places.known, told) == ("all", [True])
    assert largest_id(data) == LABELS.max()


@given(arrays(np.int16, (6, 7), elements=st.integers(-2, 3)), st.integers(1, 50))
def test_pieces_make_up_a_frame(labels, piece):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "PIECE", piece)
        assert read_frame(zarr.array(labels, chunks=(4, 3)), (None, None)) == extents_of(labels)


def test_jobs_follow_one_another(monkeypatch):
    monkeypatch.setattr(reading, "JOB", 2 * 99)
    run = Later()
    places, work, _ = start(LABELS, run)
    work.go_on()
    work.go_on()
    assert [len(run.jobs), places.known] == [1, "soon"]
    run.run()
    assert [places.is_read((at, None, None)) for at in range(4)] == [True, True, False, False]
    run.run()
    check(places, LABELS)
    assert (run.jobs, places.known) == ([], "all")


@pytest.mark.parametrize("end", ["drop", "fail"])
def test_what_was_not_read_is_read_later(end):
    run = Later()
    places, work, _ = start(zarr.array(LABELS), run)
    work.go_on()
    job = run.jobs.pop()
    job.drop() if end == "drop" else job.fail(OSError())
    assert places.known == "soon"
    work.go_on()
    run.run()
    check(places, LABELS)


def test_what_is_painted_while_it_is_read_is_read_again():
    run = Later()
    data = zarr.array(LABELS)
    places, work, _ = start(data, run)
    work.go_on()
    job = run.jobs.pop()
    result = job.compute()
    places.painted_box((2, 0, 0), np.ones((1, 2, 2), bool), LABELS[2, :2, :2].ravel(), 9)
    data[2, :2, :2] = 9
    job.deliver(result)
    run.run()
    check(places, data[:])


def test_frames_of_huge_labels_are_read_when_they_are_visited(monkeypatch):
    monkeypatch.setattr(reading, "WHOLE", 100)
    monkeypatch.setattr(reading, "AT_ONCE", 10)
    places, work, _ = start(LABELS)
    work.go_on()
    assert (list(places), places.known) == ([], "some")
    work.visit((2, None, None))
    work.go_on()
    assert places.in_frame((2, None, None)) == extents_of(LABELS[2])
    assert not places.in_frame((1, None, None))


def test_frames_that_are_too_large_are_not_read_at_all(monkeypatch):
    monkeypatch.setattr(reading, "WHOLE", 100)
    monkeypatch.setattr(reading, "VISITED", 50)
    places, work, _ = start(LABELS)
    work.visit((2, None, None))
    work.go_on()
    assert not list(places)


@pytest.mark.parametrize("at_once", [1 << 20, 0])
def test_a_frame_in_doubt_is_read_again(at_once, monkeypatch):
    monkeypatch.setattr(reading, "AT_ONCE", at_once)
    data = LABELS.copy()
    places, work, _ = start(data)
    work.go_on()
    data[1] = 8
    work.doubt((1, None, None))
    work.go_on()
    check(places, data)


def test_labels_that_are_known_are_not_read():
    run = Later()
    places, work, _ = start(LABELS, run, is_known=True)
    work.go_on()
    assert (run.jobs, places.known) == ([], "all")


@pytest.mark.parametrize("shape", [(0, 3, 4), (2, 0, 4)])
def test_empty_labels(shape):
    places, work, _ = start(np.zeros(shape, int))
    work.go_on()
    assert (list(places), places.known) == ([], "all")
    assert largest_id(np.zeros(shape, int)) == 0
