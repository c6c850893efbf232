"""The journal of a session: what it keeps, where, and what nothing can stop."""

from __future__ import annotations

import gc
import json
import os
import threading
import weakref

import numpy as np
import pytest
import zarr
from napari.components import ViewerModel

from exact_family import exact_segmenter
from napari_cutout.annotate.recompute import recompute
from napari_cutout.annotate.replay import header_of, replay, sections
from napari_cutout.formats.logs.log_reader import read_entries
from napari_cutout.formats.logs.prompt_log import read_log
from napari_cutout.formats.logs.start_copy import read_start
from napari_cutout.formats.logs.uncommitted import read_uncommitted
from napari_cutout.layers import Session
from napari_cutout.layers.journal.files import data_folder, prompts_path, usual_folder
from napari_cutout.layers.journal.image_facts import facts_of
from napari_cutout.layers.journal.journal import Journal
from napari_cutout.layers.steps import Edit
from napari_cutout.layers.target.writing import Change
from napari_cutout.segment import IntensityMapping, MaskOptions

IN_LEFT, IN_RIGHT = (8, 10), (25, 40)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where files go; those that can't go there go to a folder of this test too."""
    monkeypatch.setenv("NAPARI_CUTOUT_HOME", str(tmp_path / "home"))
    beside = tmp_path / "beside"
    beside.mkdir()
    return beside


@pytest.fixture
def keep(folder):
    """Give a session another journal, with files; it is closed in the end."""
    journals = []

    def begin(session, where=folder, **options):
        session._journal.close()
        session._journal = journal = Journal(session, where, **options)
        journals.append(journal)
        return journal

    yield begin
    for journal in journals:
        journal.close()


@pytest.fixture
def committed(start, keep):
    """Start a session with a journal, and commit one object."""

    def begin(*arguments, **options):
        session = start(*arguments, **options)
        journal = keep(session)
        commit(session, IN_LEFT)
        return session, journal

    return begin


def commit(session, place):
    session.add_point(place)
    session.commit()


def labels_of(entries, start=None):
    return replay(sections(entries)[-1], start=start).labels


def kinds(journal):
    return [(entry.kind, entry.text, entry.of) for entry in journal.entries]


def stroke(labels, row=2, value=7):
    """A drag of the brush."""
    labels.brush_size = 3
    with labels.block_history():
        for col in range(2, 12):
            labels.paint((row, col), value)


# What is kept


def test_every_step_on_labels_is_an_entry(committed):
    session, journal = committed()
    session.undo()
    session.redo()
    stroke(session.labels)
    session.undo()

    assert kinds(journal) == [
        ("header", "", None),
        ("edit", "Commit", None),
        ("undo", "Commit", 1),
        ("redo", "Commit", 1),
        ("stroke", "Brush stroke", None),
        ("undo", "Brush stroke", 4),
    ]


def test_the_file_comes_to_what_the_layer_holds(committed):
    session, journal = committed()
    stroke(session.labels, row=8, value=5)
    commit(session, IN_RIGHT)
    session.undo()
    journal.flush()

    log = read_log(journal.path)
    assert log.entries == journal.entries
    np.testing.assert_array_equal(labels_of(log.entries), session.labels.data)


def test_undoing_a_commit_brings_back_each_of_the_labels_below(committed):
    session, journal = committed()
    stroke(session.labels, row=7, value=5)
    below = session.labels.data.copy()
    session.policy = "new_on_top"
    commit(session, IN_LEFT)
    assert not np.array_equal(session.labels.data, below)
    session.undo()

    np.testing.assert_array_equal(labels_of(journal.entries), below)
    assert len(journal.entries[-1].regions) == 2


def test_an_object_is_logged_with_what_it_was_made_from(start, keep):
    session = start()
    journal = keep(session)
    session.add_point(IN_LEFT)
    session.add_point(IN_RIGHT, positive=False)
    session.update()
    session.mask_options = MaskOptions(smoothing=0.5)
    session.commit()

    (one,) = journal.entries[1].added
    assert one.prompts.points == ((8.0, 10.0), (25.0, 40.0))
    assert one.prompts.positive == (True, False)
    assert (one.model, one.fingerprint) == ("exact", "exact")
    assert one.options == MaskOptions(smoothing=0.5)
    assert (one.intensity, one.channels) == (IntensityMapping("percentile"), None)
    (record,) = session._target.objects
    np.testing.assert_array_equal(one.mask.decode(), record.mask)


@pytest.mark.parametrize("intensity", ["percentile", "stack", "contrast_limits", "dtype"])
def test_objects_are_recomputed_as_they_were_looked_at(start, keep, two_objects, intensity):
    image = np.stack([np.zeros_like(two_objects), two_objects, two_objects // 2])
    session = start(image)
    session.intensity = intensity
    session.choose_channels(0, (1, 2, 0))
    journal = keep(session)
    commit(session, IN_LEFT)

    objects = replay(journal.entries).objects
    assert objects[0].channels == (0, (1, 2, 0))
    assert objects[0].intensity is not None
    assert [one.iou for one in recompute(objects, image, exact_segmenter())] == [1.0]


def test_the_header_says_what_is_cut(committed, two_objects):
    _, journal = committed(np.stack([two_objects] * 3), name="cells", scale=(2, 1, 1))

    header = journal.entries[0].header
    assert (header.shape, header.dtype, header.place) == ((3, 40, 60), "int32", None)
    assert (header.image.name, header.image.shape) == ("cells", (3, 40, 60))
    assert header.start.kind == "empty"
    assert {"napari_cutout", "torch", "napari", "numpy"} <= set(header.versions)


def test_objects_keep_their_numbers_when_they_come_back(committed):
    session, journal = committed()
    session.undo()
    session.redo()

    commit, undo, redo = journal.entries[1:]
    assert [one.key for one in commit.added] == list(undo.removed) == list(redo.returned)
    assert redo.added == ()
    assert [one.key for one in replay(journal.entries).objects] == [commit.added[0].key]


def test_classes_are_kept_and_taken_back(committed):
    session, journal = committed()
    session._apply(Edit("Class", classes=((1, "", "cell"),)))
    assert replay(journal.entries).classes == {1: "cell"}
    session.undo()
    assert replay(journal.entries).classes == {}


def test_changes_with_many_values_are_kept(committed):
    """As a merge or a split makes them."""
    session, journal = committed()
    here = np.s_[5:12, 6:20]
    before = session.labels.data[here].copy()
    pixels = np.ones(before.shape, bool)
    after = np.arange(pixels.sum(), dtype=np.int32) % 3
    session._apply(Edit("Split", (Change(here, pixels, before[pixels], after),)))

    np.testing.assert_array_equal(labels_of(journal.entries), session.labels.data)
    session.undo()
    np.testing.assert_array_equal(labels_of(journal.entries), session.labels.data)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_strokes_along_any_axes_are_kept(committed, two_objects, dimensions):
    session, journal = committed(np.stack([two_objects] * 5))
    labels = session.labels
    labels.n_edit_dimensions = dimensions
    labels.brush_size = 5
    session.viewer.dims.order = (1, 0, 2)
    labels.paint((2, 20, 30), 4)
    labels.fill((0, 0, 0), 9)

    np.testing.assert_array_equal(labels_of(journal.entries), labels.data)
    session.undo()
    np.testing.assert_array_equal(labels_of(journal.entries), labels.data)


def test_pixels_set_one_by_one_are_kept(committed):
    session, journal = committed()
    session.labels.data_setitem((np.array([0, 39, 5]), np.array([0, 59, 6])), 3)

    np.testing.assert_array_equal(labels_of(journal.entries), session.labels.data)


def test_large_steps_are_encoded_in_the_thread(committed, monkeypatch):
    monkeypatch.setattr("napari_cutout.layers.journal.journal.AT_ONCE", 0)
    session, journal = committed()
    stroke(session.labels)
    journal.flush()

    np.testing.assert_array_equal(labels_of(journal.entries), session.labels.data)
    assert read_log(journal.path).entries == journal.entries
    assert read_entries(session.labels.metadata["napari-cutout"]) == journal.entries


# In the layer


def test_the_layer_has_its_log_in_its_metadata(start, keep):
    session = start()
    keep(session, None)
    commit(session, IN_LEFT)

    lines = json.loads(json.dumps(session.labels.metadata["napari-cutout"]))
    np.testing.assert_array_equal(labels_of(read_entries(lines)), session.labels.data)


def test_without_a_folder_there_are_no_files(start, keep, folder, tmp_path):
    session = start()
    journal = keep(session, None)
    commit(session, IN_LEFT)
    journal.close()

    assert list(tmp_path.rglob("*")) == [folder]
    assert journal.path is None


def test_metadata_of_others_stays(start, keep, two_objects):
    session = start()
    labels = session.viewer.add_labels(np.zeros((40, 60), int), metadata={"mine": 1})
    session.labels = labels
    keep(session)
    commit(session, IN_LEFT)
    labels.metadata = {"mine": 2}
    session.undo()

    assert labels.metadata["mine"] == 2
    assert len(labels.metadata["napari-cutout"]) == 3


def test_a_copy_of_a_layer_has_a_log_of_its_own(start, keep):
    session = start()
    keep(session)
    commit(session, IN_LEFT)
    copy = session.viewer.add_labels(
        session.labels.data.copy(), metadata=session.labels.metadata, name="copy"
    )
    original, session.labels = session.labels, copy
    commit(session, IN_RIGHT)

    assert len(original.metadata["napari-cutout"]) == 2
    assert len(copy.metadata["napari-cutout"]) == 4


def test_each_target_has_a_log_of_its_own(committed):
    session, journal = committed()
    first = session.labels
    session.labels = second = session.viewer.add_labels(np.zeros((40, 60), np.uint8), name="second")
    commit(session, IN_RIGHT)
    session.labels = first
    commit(session, IN_RIGHT)

    found = sections(journal.entries)
    assert [header_of(section).layer for section in found] == [second.name, first.name]
    np.testing.assert_array_equal(replay(found[0]).labels, second.data)
    np.testing.assert_array_equal(replay(found[1]).labels, first.data)


# What was there before


def test_labels_that_were_not_empty_are_copied(start, keep, folder):
    before = np.zeros((40, 60), np.uint16)
    before[:10] = 3
    session = start()
    session.labels = session.viewer.add_labels(before.copy())
    journal = keep(session)
    commit(session, IN_LEFT)
    journal.close()

    header = journal.entries[0].header
    assert header.start.kind == "copy"
    kept = read_start(folder / header.start.path, header.shape, header.dtype)
    np.testing.assert_array_equal(kept, before)
    np.testing.assert_array_equal(labels_of(journal.entries, kept), session.labels.data)


@pytest.mark.parametrize("make", [np.array, zarr.array])
def test_large_labels_are_copied_in_a_thread(start, keep, folder, monkeypatch, make):
    """Steps that are done meanwhile don't get into the copy."""
    monkeypatch.setattr("napari_cutout.layers.journal.start_copies.AT_ONCE", 0)
    before = np.zeros((40, 60), np.int32)
    before[:10] = 3
    session = start()
    session.labels = session.viewer.add_labels(make(before))
    journal = keep(session)
    commit(session, IN_LEFT)
    commit(session, IN_RIGHT)
    session.undo()
    journal.close()

    header = journal.entries[0].header
    kept = read_start(folder / header.start.path, header.shape, header.dtype)
    np.testing.assert_array_equal(kept, before)
    np.testing.assert_array_equal(labels_of(journal.entries, kept), np.asarray(session.labels.data))


def test_labels_that_hold_nothing_are_empty(start, keep, folder):
    session = start()
    session.labels = session.viewer.add_labels(np.zeros((40, 60), np.uint8))
    journal = keep(session)
    commit(session, IN_LEFT)
    journal.close()

    assert journal.entries[0].header.start.kind == "empty"
    assert list(folder.glob("*.npz")) == []


def test_labels_on_a_disk_are_named(start, keep, tmp_path):
    path = tmp_path / "labels.zarr"
    data = zarr.create_array(str(path), shape=(40, 60), chunks=(16, 16), dtype="int32")
    session = start()
    session.labels = session.viewer.add_labels(data)
    journal = keep(session)
    commit(session, IN_LEFT)

    start_of = journal.entries[0].header.start
    assert (start_of.kind, start_of.path) == ("stored", str(path))


def test_labels_that_are_too_large_are_said(start, keep, monkeypatch):
    monkeypatch.setattr("napari_cutout.layers.journal.start_copies.LARGEST", 100)
    session = start()
    session.labels = session.viewer.add_labels(np.ones((40, 60), np.int32), name="many")
    told = []
    journal = keep(session, tell=told.append)
    commit(session, IN_LEFT)
    journal.flush()

    assert journal.entries[0].header.start.kind == "unknown"
    assert ["'many' held before" in text for text in told] == [True]


def test_labels_whose_data_was_replaced_begin_anew(committed, start, folder):
    session, journal = committed()
    session.labels.data = other = np.full((40, 60), 4, np.int32)
    expected_start = other.copy()
    assert journal.entries[-1].kind == "header"
    commit(session, IN_RIGHT)
    journal.close()

    header = journal.entries[2].header
    kept = read_start(folder / header.start.path, header.shape, header.dtype)
    np.testing.assert_array_equal(kept, expected_start)
    np.testing.assert_array_equal(labels_of(journal.entries, kept), session.labels.data)


def test_a_journal_that_begins_late_knows_the_objects_that_are_there(start, keep, folder):
    session = start()
    commit(session, IN_LEFT)
    journal = keep(session)
    commit(session, IN_RIGHT)
    session.undo()
    session.undo()
    session.undo()
    journal.close()

    header = journal.entries[0]
    kept = read_start(folder / header.header.start.path, header.header.shape, header.header.dtype)
    np.testing.assert_array_equal(labels_of(journal.entries, kept), session.labels.data)
    assert len(header.added) == 1
    assert replay(journal.entries, kept).objects == ()


# Prompts that aren't committed


def test_prompts_are_kept_until_they_are_committed(start, keep):
    session = start()
    journal = keep(session)
    session.add_point(IN_LEFT, positive=False)
    session.mask_options = MaskOptions(threshold=-0.5)
    session.update()
    journal.flush()
    path = prompts_path(journal.path)
    state = read_uncommitted(path)
    assert state.prompts.points == ((8.0, 10.0),)
    assert state.prompts.positive == (False,)
    assert (state.model, state.session) == ("exact", journal.id)
    assert state.options == MaskOptions(threshold=-0.5)

    session.clear()
    commit(session, IN_LEFT)
    journal.flush()
    assert not path.exists()


def test_no_prompts_are_left_behind_in_the_end(start, keep, folder):
    session = start()
    journal = keep(session)
    session.add_point(IN_LEFT)
    session.update()
    session.close()

    assert journal.path is None or not prompts_path(journal.path).exists()
    assert list(folder.iterdir()) == []


# The end


def test_closing_the_session_closes_the_log(committed, folder):
    session, journal = committed()
    labels = session.labels
    session.close()

    assert read_log(journal.path).is_closed
    assert list(folder.iterdir()) == [journal.path]
    assert labels.metadata["napari-cutout"][-1]["kind"] == "closed"


@pytest.mark.parametrize("which", ["image", "labels"])
def test_removing_a_layer_loses_nothing(committed, which):
    session, journal = committed()
    expected = session.labels.data.copy()
    session.viewer.layers.remove(getattr(session, which))
    journal.close()

    np.testing.assert_array_equal(labels_of(read_log(journal.path).entries), expected)


def test_a_session_follows_another_in_the_same_log(start, keep, folder):
    for place in (IN_LEFT, IN_RIGHT):
        session = start()
        journal = keep(session)
        session.add_point(place)
        session.commit()
        expected = session.labels.data
        session.close()

    log = read_log(journal.path)
    assert [entry.kind for entry in log.entries] == ["header", "edit", "closed"] * 2
    np.testing.assert_array_equal(labels_of(log.entries), expected)
    assert list(folder.iterdir()) == [journal.path]


def test_two_sessions_of_an_image_write_two_logs(start, keep):
    sessions = [start(), start()]
    journals = [keep(session) for session in sessions]
    for place in (IN_LEFT, IN_RIGHT):
        for session in sessions:
            session.add_point(place)
            session.commit()
    for journal in journals:
        journal.close()

    assert journals[0].path != journals[1].path
    for session, journal in zip(sessions, journals, strict=True):
        entries = read_log(journal.path).entries
        np.testing.assert_array_equal(labels_of(entries), session.labels.data)


def test_the_thread_ends_with_the_journal(committed):
    before = threading.active_count()
    _, journal = committed()
    journal.close()
    assert threading.active_count() == before


def test_a_journal_that_is_dropped_writes_what_is_left(folder, two_objects):
    viewer = ViewerModel()
    layer = viewer.add_image(two_objects)
    session = Session(viewer, layer, exact_segmenter(), autosave=folder)
    commit(session, IN_LEFT)
    alive = weakref.ref(session._journal)
    session._journal = None
    gc.collect()

    assert alive() is None
    (path,) = folder.glob("*.jsonl")
    log = read_log(path)
    assert (len(log.entries), log.is_closed) == (2, False)
    session.close()


def test_a_journal_does_not_keep_its_session_alive(folder, two_objects):
    viewer = ViewerModel()
    layer = viewer.add_image(two_objects)
    session = Session(viewer, layer, exact_segmenter(), autosave=folder)
    commit(session, IN_LEFT)
    journal = session._journal
    session.close()
    alive = weakref.ref(session)
    del session
    gc.collect()
    assert alive() is None
    journal.close()


# Where it can't be written


def test_a_folder_that_can_not_be_written_gives_way_to_the_user_s(start, keep, folder):
    told = []
    session = start()
    journal = keep(session, folder / "nowhere", tell=told.append)
    commit(session, IN_LEFT)
    journal.flush()

    assert journal.path.parent == data_folder()
    np.testing.assert_array_equal(labels_of(read_log(journal.path).entries), session.labels.data)
    assert [f"autosave goes to {journal.path}" in text for text in told] == [True]


def test_a_folder_that_vanished_gives_way_to_the_user_s(start, keep, folder):
    told = []
    session = start()
    journal = keep(session, tell=told.append)
    commit(session, IN_LEFT)
    journal.flush()
    folder.rename(folder.with_name("unplugged"))
    commit(session, IN_RIGHT)
    journal.flush()

    assert journal.path.parent == data_folder()
    assert not folder.exists()
    assert len(told) == 1
    np.testing.assert_array_equal(labels_of(read_log(journal.path).entries), session.labels.data)


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: os.truncate(path, 40)])
def test_a_file_that_lost_lines_is_written_again(committed, damage):
    session, journal = committed()
    journal.flush()
    damage(journal.path)
    commit(session, IN_RIGHT)
    journal.flush()

    np.testing.assert_array_equal(labels_of(read_log(journal.path).entries), session.labels.data)


@pytest.mark.skipif(os.name == "nt", reason="limits are set differently there")
def test_a_full_disk_is_said_once_and_stops_nothing(start, keep, monkeypatch):
    import resource

    told = []
    session = start()
    journal = keep(session, tell=told.append)
    commit(session, IN_LEFT)
    journal.flush()
    whole = read_log(journal.path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (journal.path.stat().st_size + 50, limits[1]))
    try:
        for _ in range(2):
            session.add_point(IN_RIGHT)
            session.commit()
            session.undo()
            journal.flush()
        assert read_log(journal.path) == whole
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [text for text in told if "can't write" in text] == told
    assert len(told) == 1
    assert str(journal.path) in told[0]

    commit(session, IN_RIGHT)
    journal.flush()
    assert read_log(journal.path).entries == journal.entries
    assert told[1:] == ["Autosave works again; nothing is missing."]


@pytest.mark.skipif(os.name == "nt", reason="limits are set differently there")
def test_what_is_in_no_file_in_the_end_is_said(start, keep):
    import resource

    told = []
    session = start()
    journal = keep(session, tell=told.append)
    commit(session, IN_LEFT)
    journal.flush()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (journal.path.stat().st_size, limits[1]))
    try:
        session.undo()
        journal.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert told[-1] == "The last steps are in no file; save the labels yourself."


# Where it goes


def test_files_lie_beside_an_image_that_is_a_file(start, keep, folder, two_objects):
    np.save(folder / "cells.npy", two_objects)
    session = start(np.load(folder / "cells.npy", mmap_mode="r"))
    assert usual_folder(facts_of(session.image)) == folder
    journal = keep(session)
    commit(session, IN_LEFT)
    journal.flush()
    assert journal.path == folder / "cells.npy.cutout.jsonl"


def test_files_of_an_image_in_memory_go_to_the_user_s_folder(start, folder):
    assert usual_folder(facts_of(start().image)) == data_folder()


def test_images_of_one_name_have_different_logs_in_one_folder(start, keep, two_objects):
    sessions = [start(), start(two_objects[::-1])]
    names = []
    for session in sessions:
        journal = keep(session)
        session.add_point((25, 40) if session is sessions[0] else (15, 40))
        session.commit()
        session.close()
        names.append(journal.path.name)
    assert names[0] != names[1]
