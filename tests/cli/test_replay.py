"""Prompt logs replayed by the program: labels, IoUs, and what can't be."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import numpy as np
import pytest
import zarr
from skimage.io import imread

from napari_cutout import Prompts, Segmenter
from napari_cutout.annotate import PromptState
from napari_cutout.annotate.log import log_object
from napari_cutout.annotate.log_regions import Written, regions
from napari_cutout.annotate.objects import ObjectRecord
from napari_cutout.formats.logs.log_entries import Entry, Header, ImageFacts, Start
from napari_cutout.formats.logs.log_json import entry_to_json
from napari_cutout.formats.logs.prompt_log import line_of
from napari_cutout.formats.logs.start_copy import write_start
from napari_cutout.segment import IntensityMapping

FRAME = (None, None)
SHAPE = (80, 100)


def header(number=0, target=0, layer="cells", session="a1", **changes):
    facts = Header(
        session, layer, SHAPE, "int32", ImageFacts("i", "", SHAPE, "uint8"), Start("empty")
    )
    return Entry("header", number, target=target, header=replace(facts, **changes))


def commit(number, value, mask, target=0, point=None, model="compact", fingerprint=""):
    """A commit of a mask of the frame, with the click that it was made from."""
    rows, cols = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    origin = (int(rows[0]), int(cols[0]))
    crop = mask[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    points = np.array([] if point is None else [point], float).reshape(-1, 2)
    prompts = PromptState(points, np.ones(len(points), bool))
    record = ObjectRecord(value, FRAME, crop, origin, 0.5, prompts, model, fingerprint)
    logged = log_object(record, number, "", IntensityMapping("percentile"))
    written = regions([Written(FRAME, origin, crop, value)])
    return Entry("edit", number, "", target, "Commit", written, (logged,))


def box(*corners):
    mask = np.zeros(SHAPE, bool)
    mask[corners[0] : corners[2] + 1, corners[1] : corners[3] + 1] = True
    return mask


@pytest.fixture
def write_log(tmp_path):
    def write(*entries, rest=b""):
        path = tmp_path / "image.png.cutout.jsonl"
        path.write_bytes(b"".join(line_of(entry_to_json(entry)) for entry in entries) + rest)
        return path

    return write


@pytest.fixture
def log(write_log):
    """Two boxes, of which the second lies on top."""
    return write_log(header(), commit(1, 4, box(5, 6, 20, 30)), commit(2, 9, box(10, 20, 40, 50)))


@pytest.fixture
def expected():
    return np.where(box(10, 20, 40, 50), 9, np.where(box(5, 6, 20, 30), 4, 0))


@pytest.mark.parametrize("name", ["labels.tif", "labels.png", "labels.npy"])
def test_labels_are_made_again_pixel_for_pixel(run, log, image, tmp_path, expected, name):
    out = tmp_path / name
    result = run("replay", log, image, "--out", out)

    assert (result.exit_code, result.stderr) == (0, "")
    labels = np.load(out) if out.suffix == ".npy" else imread(out)
    np.testing.assert_array_equal(labels, expected)
    assert result.stdout.splitlines() == ["cells: 2 objects after 2 steps", f"labels: {out}"]


def test_zarr_keeps_the_dtype(run, log, image, tmp_path, expected):
    out = tmp_path / "labels.zarr"
    run("replay", log, image, "--out", out)

    labels = zarr.open(out, mode="r")
    np.testing.assert_array_equal(labels[:], expected)
    assert labels.dtype == np.int32


def test_huge_labels_are_written_chunk_by_chunk(run, write_log, tmp_path):
    shape = (60_000, 60_000)
    image = zarr.create_array(
        str(tmp_path / "image.zarr"), shape=shape, dtype="u1", chunks=(512, 512)
    )
    facts = ImageFacts("i", "", shape, "uint8")
    log = write_log(header(shape=shape, image=facts), commit(1, 4, box(5, 6, 20, 30)))
    run("replay", log, tmp_path / "image.zarr", "--out", tmp_path / "labels.zarr")

    labels = zarr.open(tmp_path / "labels.zarr", mode="r")
    assert (labels.shape, image.shape) == (shape, shape)
    np.testing.assert_array_equal(labels[:80, :100], np.where(box(5, 6, 20, 30), 4, 0))


def test_json_tells_of_each_object(run, log, image):
    found = json.loads(run("replay", log, image, "--json").stdout)

    assert found["entries"] == 3
    assert [(one["id"], one["box"]) for one in found["objects"]] == [
        (4, [5, 6, 20, 30]),
        (9, [10, 20, 40, 50]),
    ]


def test_recomputing_gives_the_iou_of_each_object(run, write_log, image, frame):
    segmenter = Segmenter("compact")
    embedding = segmenter.encode(frame)
    mask = segmenter.predict(embedding, Prompts(points=[[30, 30]])).masks[0]
    log = write_log(
        header(),
        commit(1, 1, mask, point=(30, 30), fingerprint=segmenter.fingerprint),
        commit(2, 2, box(0, 0, 3, 3), point=(50, 72), fingerprint=segmenter.fingerprint),
        commit(3, 3, box(0, 0, 3, 3), model="another"),
    )
    result = run("replay", log, image, "--recompute", "--model", "compact")

    assert result.stderr == ""
    assert result.stdout.splitlines()[1:] == [
        "object 1: IoU 1.000",
        "object 2: IoU 0.000",
        "object 3: it was made without prompts",
        "mean IoU 0.500",
    ]


def test_other_weights_are_said(run, write_log, image):
    log = write_log(header(), commit(1, 1, box(5, 5, 9, 9), point=(30, 30), fingerprint="f00"))
    result = run("replay", log, image, "--recompute", "--json")

    assert "aren't those that the log was made with" in result.stderr
    assert len(json.loads(result.stdout)["objects"]) == 1


def test_what_the_labels_held_before_is_found_beside_the_log(run, write_log, image, tmp_path):
    before = np.full(SHAPE, 7, np.int32)
    write_start(tmp_path / "start.npz", before)
    log = write_log(header(start=Start("copy", "start.npz")), commit(1, 4, box(5, 6, 20, 30)))
    run("replay", log, image, "--out", tmp_path / "labels.npy")

    labels = np.load(tmp_path / "labels.npy")
    np.testing.assert_array_equal(labels, np.where(box(5, 6, 20, 30), 4, 7))


def test_what_the_labels_held_before_can_be_given(run, write_log, image, tmp_path):
    np.save(tmp_path / "before.npy", np.full(SHAPE, 7, np.uint8))
    log = write_log(header(start=Start("unknown")), commit(1, 4, box(5, 6, 20, 30)))
    run("replay", log, image, "--start", tmp_path / "before.npy", "--out", tmp_path / "labels.npy")

    labels = np.load(tmp_path / "labels.npy")
    np.testing.assert_array_equal(labels, np.where(box(5, 6, 20, 30), 4, 7))


@pytest.fixture
def two_layers(write_log):
    other = commit(3, 2, box(1, 1, 2, 2), target=1)
    return write_log(header(), commit(1, 4, box(5, 6, 20, 30)), header(2, 1, "nuclei"), other)


def test_the_labels_that_were_written_last_are_made(run, two_layers, image):
    assert json.loads(run("replay", two_layers, image, "--json").stdout)["layer"] == "nuclei"


def test_other_labels_can_be_asked_for(run, two_layers, image):
    result = run("replay", two_layers, image, "--layer", "cells", "--json")
    assert [one["id"] for one in json.loads(result.stdout)["objects"]] == [4]


def test_labels_that_are_not_in_the_log_are_refused(refused, two_layers, image):
    line = refused("replay", two_layers, image, "--layer", "spots")
    assert "no labels called 'spots' in it; there are 'cells', 'nuclei'" in line


def test_a_last_line_that_was_cut_off_is_said(run, write_log, image):
    log = write_log(header(), commit(1, 4, box(5, 6, 20, 30)), rest=b'{"kind":"ed')
    result = run("replay", log, image)

    assert result.exit_code == 0
    assert "its last line was cut off" in result.stderr
    assert result.stdout.splitlines()[0] == "cells: 1 object after 1 step"


def test_a_bad_line_is_refused_with_its_number(refused, write_log, image):
    log = write_log(header(), rest=b"nonsense\n{}\n")
    assert ", line 2: not an entry of a prompt log" in refused("replay", log, image)


def test_a_log_that_is_not_there_is_refused(refused, image, tmp_path):
    assert "can't be read" in refused("replay", tmp_path / "none.jsonl", image)


def test_another_image_is_refused(refused, log, tmp_path):
    np.save(tmp_path / "other.npy", np.zeros((9, 9), np.uint8))
    line = refused("replay", log, tmp_path / "other.npy")
    assert "has shape (9, 9)" in line
    assert "about an image of (80, 100)" in line


@pytest.mark.parametrize(("kind", "text"), [("unknown", "--start"), ("stored", "is stored in")])
def test_labels_that_can_not_be_known_are_refused(refused, write_log, image, kind, text):
    log = write_log(header(start=Start(kind, "/data/labels.zarr")))
    assert text in refused("replay", log, image)


def test_a_start_of_another_shape_is_refused(refused, log, image, tmp_path):
    np.save(tmp_path / "before.npy", np.zeros((9, 9), np.uint8))
    line = refused("replay", log, image, "--start", tmp_path / "before.npy")
    assert "those given are (9, 9)" in line


@pytest.mark.parametrize("name", ["log", "image"])
def test_the_input_is_never_written_over(refused, request, log, image, name):
    given = request.getfixturevalue(name)
    before = given.read_bytes()
    assert "itself; give another file" in refused("replay", log, image, "--out", given)
    assert given.read_bytes() == before


def test_a_zarr_that_is_there_is_not_written_over(refused, log, image, tmp_path):
    (tmp_path / "labels.zarr").mkdir()
    line = refused("replay", log, image, "--out", tmp_path / "labels.zarr")
    assert "is there already" in line


def test_labels_below_0_go_into_a_zarr(refused, run, write_log, image, tmp_path):
    log = write_log(header(), commit(1, -4, box(5, 6, 20, 30)))
    assert "there are labels below 0" in refused("replay", log, image, "--out", tmp_path / "l.tif")
    run("replay", log, image, "--out", tmp_path / "l.zarr")
    assert zarr.open(tmp_path / "l.zarr", mode="r")[6, 7] == -4


def test_a_png_holds_no_large_labels(refused, write_log, image, tmp_path):
    log = write_log(header(), commit(1, 70_000, box(5, 6, 20, 30)))
    assert "up to 65535" in refused("replay", log, image, "--out", tmp_path / "l.png")


def test_a_png_holds_no_stack(refused, write_log, image, tmp_path):
    log = write_log(header(shape=(2, *SHAPE)))
    assert "a png holds one frame" in refused("replay", log, image, "--out", tmp_path / "l.png")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="all may be written")
def test_a_folder_that_can_not_be_written_is_refused(refused, log, image, tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    line = refused("replay", log, image, "--out", tmp_path / "closed" / "labels.zarr")
    assert "can't write" in line
