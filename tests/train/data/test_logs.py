"""Prompt logs as labelled frames: what was left in the end, on the image that it is of."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from napari.components import ViewerModel
from napari.layers import Labels
from tifffile import imwrite

from exact_family import exact_segmenter
from logged import IMAGE, NOW, SHAPE, commit, first, logs, square
from napari_cutout.annotate.replay import replay
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.logs.log_entries import Entry, Start
from napari_cutout.formats.logs.log_json import entry_to_json
from napari_cutout.formats.logs.prompt_log import line_of
from napari_cutout.formats.logs.start_copy import write_start
from napari_cutout.layers import Session
from napari_cutout.train.data import open_data
from napari_cutout.train.data.planes import numbers

STACK = np.arange(np.prod(SHAPE), dtype=np.uint16).reshape(SHAPE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    imwrite(folder / "cells.tif", STACK, photometric="minisblack")
    return folder


def log_of(folder, *entries, name="cells.tif.cutout.jsonl"):
    path = folder / name
    path.write_bytes(b"".join(line_of(entry_to_json(entry)) for entry in entries))
    return path


def found(*places, **known):
    return {frame.name.rpartition("/")[2]: frame for frame in open_data(*places, **known).frames()}


def erase(number, value=0, **place):
    """A deletion, or a stroke of the brush."""
    return Entry("stroke", number, NOW, regions=(square(value, **place),))


def test_a_folder_of_logs_gives_the_frames_that_were_committed_in(tmp_path, folder):
    shutil.copy(folder / "cells.tif", tmp_path)
    log_of(tmp_path, first(), commit(1, 1), commit(2, 2, frame=2, origin=(0, 0)))
    frames = found(tmp_path)
    assert list(frames) == ["cells.tif[1]", "cells.tif[2]"]
    for place, frame in zip((1, 2), frames.values(), strict=True):
        np.testing.assert_array_equal(frame.frame, STACK[place])
        assert np.count_nonzero(frame.labels) == 12


def test_edits_and_deletions_are_respected(folder):
    gone = Entry("edit", 4, NOW, text="Delete", regions=(square(0, frame=2),), removed=(2,))
    path = log_of(folder, first(), commit(1, 1), commit(2, 2, frame=2), erase(3, size=(3, 1)), gone)
    frames = found(path)
    assert list(frames) == ["cells.tif[1]"]
    wanted = np.zeros(SHAPE[1:], bool)
    wanted[2:5, 4:7] = True
    np.testing.assert_array_equal(frames["cells.tif[1]"].labels > 0, wanted)
    assert open_data(path).summary().without_objects == 1


def plain(entry):
    """The same with ids from 0 on, cut in the frame's own channel."""
    regions = (replace(one, value=one.value & 0x7FFFFFFF) for one in entry.regions)
    added = (replace(one, channels=None) for one in entry.added)
    return replace(entry, regions=tuple(regions), added=tuple(added))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(logs())
def test_frames_hold_what_the_log_comes_to(folder, entries):
    told = replace(entries[0].header, place=None, start=Start("empty"))
    entries = (replace(entries[0], header=told), *map(plain, entries[1:]))
    labels = replay([entry for entry in entries if entry.kind != "closed"]).labels
    (source,) = open_data(log_of(folder, *entries)).sources
    objects = {one.frame[0] for entry in entries for one in entry.added}
    written = {region.frame[0] for entry in entries for region in entry.regions}
    frames = {frame.name.rpartition("[")[2]: frame for frame in source.frames()}
    assert set(frames) == {f"{place}]" for place in objects or written}
    for place in objects or written:
        wanted = numbers(labels[place], "wanted")
        if wanted.any():
            np.testing.assert_array_equal(frames[f"{place}]"].labels, wanted)


def test_the_last_session_counts_where_it_went_on(folder):
    write_start(folder / "start.npz", replay([first(), commit(1, 1)]).labels)
    path = log_of(
        folder,
        first(),
        commit(1, 1),
        first(session="b2", start=Start("copy", "start.npz")),
        erase(1),
        commit(2, 3, frame=0),
    )
    assert list(found(path)) == ["cells.tif[0]"]


def test_what_was_there_before_the_log_counts(folder):
    labels = np.zeros(SHAPE, np.int32)
    labels[2, :2, :2] = 4
    write_start(folder / "start.npz", labels)
    path = log_of(folder, first(start=Start("copy", "start.npz")), commit(1, 1))
    assert list(found(path)) == ["cells.tif[1]", "cells.tif[2]"]


def test_a_session_that_began_anew_leaves_the_frames_of_others(folder):
    path = log_of(
        folder,
        first(),
        commit(1, 1),
        commit(2, 2, frame=2),
        first(session="b2"),
        commit(1, 1, size=(1, 1)),
    )
    frames = found(path)
    assert {name: np.count_nonzero(frame.labels) for name, frame in frames.items()} == {
        "cells.tif[1]": 1,
        "cells.tif[2]": 12,
    }


def test_labels_of_which_the_start_was_not_kept_hold_what_was_made(folder):
    path = log_of(folder, first(start=Start("unknown")), commit(1, 1))
    assert list(found(path)) == ["cells.tif[1]"]


def test_stored_labels_are_read_where_they_are(folder):
    import zarr

    stored = zarr.create_array(folder / "stored.zarr", shape=SHAPE, dtype="int32", overwrite=True)
    stored[1, 0, 0] = 5
    start = Start("stored", str(folder / "stored.zarr"))
    path = log_of(folder, first(start=start), commit(1, 1))
    assert np.count_nonzero(found(path)["cells.tif[1]"].labels) == 1


def test_each_layer_has_its_frames(folder):
    other = replace(first(1, layer="nuclei"), target=1)
    path = log_of(folder, first(), other, commit(2, 1), replace(commit(3, 1), target=1))
    assert sorted(found(path)) == ["cells.tif:nuclei[1]", "cells.tif:objects of cells[1]"]
    assert len(open_data(path)) == 1


def test_labels_shifted_on_their_image_are_put_in_place(folder):
    matrix = ((1, 0, 0, 0), (0, 1, 0, 2), (0, 0, 1, -1), (0, 0, 0, 1))
    made = commit(1, 1)
    region = square(1, origin=(0, 4))
    path = log_of(folder, first(place=matrix), replace(made, regions=(region,)))
    wanted = np.zeros(SHAPE[1:], bool)
    wanted[2:5, 3:7] = True
    np.testing.assert_array_equal(found(path)["cells.tif[1]"].labels > 0, wanted)


def test_labels_with_fewer_axes_than_their_image_lie_where_they_were(folder):
    flat = replace(square(1), frame=(None, None))
    told = first(shape=SHAPE[1:], place=((0, 0, 1), (1, 0, 0), (0, 1, 0), (0, 0, 1)))
    path = log_of(folder, told, replace(commit(1, 1), regions=(flat,)))
    assert np.count_nonzero(found(path)["cells.tif[1]"].labels) == 12


def test_labels_of_other_pixels_are_refused(folder):
    matrix = ((1, 0, 0, 0), (0, 2, 0, 0), (0, 0, 2, 0), (0, 0, 0, 1))
    with pytest.raises(FormatError, match="don't share their pixels"):
        found(log_of(folder, first(place=matrix), commit(1, 1)))


def test_the_channels_that_were_cut_are_read(folder):
    made = commit(1, 1)
    three = replace(made, added=(replace(made.added[0], channels=(0, (2, 0, 1))),))
    frame = found(log_of(folder, first(), three))["cells.tif[1]"]
    np.testing.assert_array_equal(frame.frame, np.moveaxis(STACK[[2, 0, 1]], 0, -1))
    one = replace(made, added=(replace(made.added[0], channels=(0, (2,))),))
    np.testing.assert_array_equal(
        found(log_of(folder, first(), one))["cells.tif[1]"].frame, STACK[2]
    )


def test_frames_along_other_axes_are_read_along_them(folder):
    made = commit(1, 1)
    region = replace(square(1, size=(2, 2), origin=(0, 3)), frame=(None, 4, None))
    one = replace(made.added[0], frame=region.frame, origin=region.origin, mask=region.pixels)
    path = log_of(folder, first(), replace(made, regions=(region,), added=(one,)))
    (frame,) = found(path).values()
    np.testing.assert_array_equal(frame.frame, STACK[:, 4])
    assert np.count_nonzero(frame.labels) == 4


def test_an_image_is_where_the_log_says(folder, tmp_path):
    image = replace(IMAGE, path=str(folder / "cells.tif"))
    path = log_of(tmp_path, first(image=image), commit(1, 1), name="other.cutout.jsonl")
    assert list(found(path)) == ["cells.tif[1]"]


@pytest.mark.parametrize("said", ["/gone/cells.tif", "C:\\gone\\cells.tif"])
def test_an_image_is_looked_for_by_its_name(folder, tmp_path, said):
    path = log_of(tmp_path, first(image=replace(IMAGE, path=said)), commit(1, 1))
    for place in (folder, folder / "cells.tif"):
        for labels in (path, tmp_path):
            assert list(found(place, labels)) == ["cells.tif[1]"]


def test_an_image_that_is_not_found_is_named_at_once(tmp_path):
    log_of(tmp_path, first(), commit(1, 1))
    with pytest.raises(FormatError, match=r"isn't at /data/cells\.tif.*open_data"):
        open_data(tmp_path)


def test_an_image_that_was_in_memory_only_is_to_be_given(folder, tmp_path):
    path = log_of(tmp_path, first(image=replace(IMAGE, path="")), commit(1, 1))
    with pytest.raises(FormatError, match=r"'cells' was only in memory"):
        open_data(path)
    assert list(found(folder / "cells.tif", path)) == ["cells.tif[1]"]


def test_an_image_of_another_shape_is_refused(tmp_path):
    imwrite(tmp_path / "cells.tif", STACK[:, :5], photometric="minisblack")
    with pytest.raises(FormatError, match="does not match"):
        found(log_of(tmp_path, first(), commit(1, 1)))


def test_logs_of_one_image_are_never_split(folder, tmp_path):
    shutil.copy(folder / "cells.tif", tmp_path)
    for name in ("cells.tif.cutout.jsonl", "cells.tif.cutout-2.jsonl"):
        log_of(tmp_path, first(), commit(1, 1), name=name)
    train, validation = open_data(tmp_path).split(0.5)
    assert (len(train), len(validation)) == (2, 0)


def test_labels_that_a_session_saved_come_before_its_log(folder, tmp_path):
    shutil.copy(folder / "cells.tif", tmp_path)
    log_of(tmp_path, first(), commit(1, 1))
    imwrite(tmp_path / "cells.labels.tif", np.ones(SHAPE, np.uint8), photometric="minisblack")
    assert len(found(tmp_path)) == 3
    (tmp_path / "cells.labels.tif").rename(tmp_path / "cells_mask.tif")
    with pytest.raises(FormatError, match=r"1 prompt log.*either"):
        found(tmp_path)


def test_a_damaged_log_is_named(folder, tmp_path):
    path = log_of(tmp_path, first(image=replace(IMAGE, path=str(folder / "cells.tif"))))
    path.write_bytes(path.read_bytes() + b"nothing\n")
    with pytest.raises(FormatError, match="line 2"):
        open_data(tmp_path)


def test_what_a_session_wrote_beside_its_image_is_read(tmp_path):
    pixels = np.zeros((40, 60), np.uint8)
    pixels[5:12, 6:20] = pixels[20:30, 30:50] = 255
    imwrite(tmp_path / "two.tif", pixels)
    viewer = ViewerModel()
    image = viewer.add_image(pixels, metadata={"path": str(tmp_path / "two.tif")})
    session = Session(viewer, image, exact_segmenter(), autosave=True)
    for point in ((8, 10), (25, 40)):
        session.add_point(point)
        session.commit()
    session.delete(1)
    session.close()
    (frame,) = open_data(tmp_path).frames()
    np.testing.assert_array_equal(frame.frame, pixels)
    np.testing.assert_array_equal(frame.labels > 0, session_labels(viewer) == 2)
    assert np.count_nonzero(frame.labels) == 200


def session_labels(viewer):
    """What is in the Labels layer of a session, which stays when it is closed."""
    (labels,) = (layer for layer in viewer.layers if isinstance(layer, Labels))
    return labels.data
