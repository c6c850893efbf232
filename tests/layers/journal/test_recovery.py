"""Going on after a crash: what is found, and what is made of it."""

from __future__ import annotations

import json
import os
import shutil

import numpy as np
import pytest
import zarr
from napari.components import ViewerModel

from napari_cutout.annotate.replay import replay, sections
from napari_cutout.formats.logs.prompt_log import read_log
from napari_cutout.layers.journal.files import Lock, prompts_path
from napari_cutout.layers.journal.journal import Journal
from napari_cutout.layers.journal.recovery import find
from napari_cutout.layers.steps import Edit
from napari_cutout.layers.target import pyramids, targets
from napari_cutout.segment import MaskOptions

IN_LEFT, IN_RIGHT = (8, 10), (25, 40)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_CUTOUT_HOME", str(tmp_path / "home"))
    (tmp_path / "work").mkdir()
    return tmp_path


@pytest.fixture
def begin(home, start):
    """Start a session with a journal."""

    def begin_there(*arguments, **options):
        session = start(*arguments, **options)
        return session, keep(session, home / "work")

    return begin_there


@pytest.fixture
def crash(home):
    """The files of a journal as they are when its process is killed, in a folder of their own."""

    def killed(journal):
        journal.flush()
        journal._copies.join()
        after = home / "after"
        shutil.rmtree(after, ignore_errors=True)
        shutil.copytree(home / "work", after)
        return after

    return killed


@pytest.fixture
def restored(start, crash):
    """Another session, with a journal in the folder of the one that was killed, as it was found."""

    def restore(journal):
        again, after = start(), crash(journal)
        going_on, recovery = keep(again, after), find(again.image, after)
        recovery.restore(again)
        return again, going_on, recovery

    return restore


def commit(session, place):
    session.add_point(place)
    session.commit()


def keep(session, folder):
    """Give a session another journal, with files in a folder."""
    session._journal.close()
    session._journal = Journal(session, folder)
    return session._journal


def work(session):
    """Two objects, one of them with a class, and a stroke."""
    commit(session, IN_LEFT)
    commit(session, IN_RIGHT)
    session._apply(Edit("Class", classes=((2, "", "cell"),)))
    session.labels.paint((30, 5), 9)


def labels_in(log):
    return replay(sections(read_log(log).entries)[-1]).labels


# What is made again


def test_labels_are_made_again_pixel_for_pixel(begin, crash, start):
    session, journal = begin()
    work(session)
    again = start()
    labels = find(again.image, crash(journal)).restore(again)

    np.testing.assert_array_equal(labels.data, session.labels.data)
    assert labels.data.dtype == session.labels.data.dtype
    assert labels.name == session.labels.name
    assert again.labels == labels


def test_objects_and_classes_come_back(begin, crash, start):
    session, journal = begin()
    work(session)
    commit(session, IN_LEFT)
    session.undo()
    again = start()
    find(again.image, crash(journal)).restore(again)

    before, after = list(session.objects), list(again.objects)
    assert [(one.id, one.box, one.score) for one in after] == [
        (one.id, one.box, one.score) for one in before
    ]
    assert [one.prompts for one in after] == [one.prompts for one in before]
    assert again.objects.class_of(2) == "cell"


def test_prompts_that_were_not_committed_come_back(begin, crash, start):
    session, journal = begin()
    work(session)
    session.mask_options = MaskOptions(smoothing=1)
    session.add_point(IN_LEFT)
    session.add_point(IN_RIGHT, positive=False)
    session.add_box((3, 4, 14, 22))
    session.toggle_polarity()
    session.update()
    again = start()
    recovery = find(again.image, crash(journal))
    recovery.restore(again)

    assert again.prompts == session.prompts
    assert again.mask_options == MaskOptions(smoothing=1)
    assert again.polarity is False
    assert (recovery.steps, recovery.prompts) == (4, 3)
    again.update()
    assert again.commit() == session.commit()


def touch_up(session, place=(2, 2)):
    """Paint a pixel of the frame into the preview, for the object that was prompted last."""
    session.touch_up("paint")
    preview = session.preview
    preview.brush_size = 1
    at = preview.world_to_data([*session.viewer.dims.point[:-2], *place])
    with preview.block_history():
        preview.paint(at, preview.selected_label)


def test_what_a_brush_made_of_a_preview_comes_back(begin, crash, start):
    """Of each object its own, when the prompts are answered; a second crash takes none of it."""
    session, journal = begin()
    session.separate = True
    session.add_point(IN_LEFT)
    session.add_point(IN_RIGHT)
    session.update()
    touch_up(session)
    again = start()
    after = crash(journal)
    recovery = find(again.image, after)
    going_on = keep(again, after)
    recovery.restore(again)
    going_on.resume(recovery)
    third = start()
    find(third.image, crash_again(going_on, after)).restore(third)
    session.commit()
    for one in (again, third):
        one.commit()
        np.testing.assert_array_equal(one.labels.data, session.labels.data)
    assert session.labels.data[2, 2] == 2


def crash_again(journal, folder):
    journal.flush()
    return shutil.copytree(folder, folder.with_name("after that"))


def test_a_preview_of_a_stack_comes_back_in_its_frame(begin, crash, start, two_objects):
    stack = np.stack([two_objects] * 3)
    session, journal = begin(stack)
    session.viewer.dims.set_current_step(0, 1)
    session.add_point(IN_LEFT)
    session.update()
    touch_up(session)
    again = start(stack)
    find(again.image, crash(journal)).restore(again)
    again.viewer.dims.set_current_step(0, 0)
    again.viewer.dims.set_current_step(0, 1)
    session.commit()
    again.commit()

    np.testing.assert_array_equal(again.labels.data, session.labels.data)
    assert again.labels.data[1, 2, 2] == 1


def test_what_was_touched_up_goes_with_its_prompts(begin, crash, start):
    """With other prompts the model is asked anew."""
    session, journal = begin()
    session.add_point(IN_LEFT)
    session.update()
    touch_up(session)
    again = start()
    find(again.image, crash(journal)).restore(again)
    again.clear()
    again.add_point((9, 11))
    again.commit()

    assert again.labels.data[2, 2] == 0


def test_a_preview_that_was_erased_comes_back_empty(begin, crash, start):
    session, journal = begin()
    session.add_point(IN_LEFT)
    session.update()
    session.touch_up("erase")
    with session.preview.block_history():
        session.preview.data_setitem(np.nonzero(session.preview.data), 0)
    again = start()
    find(again.image, crash(journal)).restore(again)
    again.update()

    assert "mask is empty" in again.status


def test_prompts_alone_come_back(begin, crash, start):
    session, journal = begin()
    session.add_point(IN_LEFT)
    session.update()
    again = start()
    recovery = find(again.image, crash(journal))

    assert recovery.restore(again) is None
    assert again.prompts == session.prompts
    assert recovery.steps == 0


def test_a_viewer_gets_the_labels(begin, crash, home, two_objects):
    session, journal = begin()
    work(session)
    viewer = ViewerModel()
    image = viewer.add_image(two_objects, name=session.image.name)
    labels = find(image, crash(journal)).restore(viewer)

    assert list(viewer.layers) == [image, labels]
    np.testing.assert_array_equal(labels.data, session.labels.data)


def test_the_next_id_follows(begin, crash, start):
    session, journal = begin()
    work(session)
    again = start()
    find(again.image, crash(journal)).restore(again)
    again.add_point((30, 5))
    again.add_box((0, 0, 3, 3))
    again.add_point(IN_LEFT)

    assert again.commit() == 10


def test_several_layers_come_back(begin, crash, start):
    session, journal = begin()
    work(session)
    first = session.labels
    session.labels = second = session.viewer.add_labels(np.zeros((40, 60), np.uint8), name="second")
    commit(session, IN_RIGHT)
    again = start()
    last = find(again.image, crash(journal)).restore(again)

    np.testing.assert_array_equal(last.data, second.data)
    np.testing.assert_array_equal(again.viewer.layers[first.name].data, first.data)


def test_labels_whose_data_was_replaced_come_back_once(begin, crash, start):
    session, journal = begin()
    work(session)
    session.labels.data = np.full((40, 60), 6, np.int32)
    again = start()
    labels = find(again.image, crash(journal)).restore(again)

    assert (labels.data == 6).all()
    assert [layer.metadata for layer in again.viewer.layers if layer.metadata] == [labels.metadata]


@pytest.mark.parametrize("at_once", [1 << 25, 0])
def test_labels_that_were_not_empty_come_back(begin, crash, start, monkeypatch, at_once):
    monkeypatch.setattr("napari_cutout.layers.journal.start_copies.AT_ONCE", at_once)
    before = np.zeros((40, 60), np.int16)
    before[:10, :20] = 5
    session, journal = begin()
    session.labels = session.viewer.add_labels(before)
    work(session)
    again = start()
    labels = find(again.image, crash(journal)).restore(again)

    np.testing.assert_array_equal(labels.data, session.labels.data)


def test_labels_on_a_disk_are_gone_on_with(begin, crash, start, home):
    data = zarr.create_array(str(home / "l.zarr"), shape=(40, 60), chunks=(16, 16), dtype="int32")
    data[:4] = 3
    session, journal = begin()
    session.labels = session.viewer.add_labels(data)
    work(session)
    expected = data[:]
    data[:20] = 0
    data[:4] = 3
    again = start()
    labels = find(again.image, crash(journal)).restore(again)

    assert labels.data.store.root == home / "l.zarr"
    np.testing.assert_array_equal(data[:], expected)


@pytest.mark.parametrize("loss", ["copy", "zarr"])
def test_what_the_labels_held_before_may_be_lost(begin, crash, start, home, loss):
    """Then what was done since is there, and that is said."""
    before = np.zeros((40, 60), np.int32)
    before[:4] = 3
    if loss == "zarr":
        before = zarr.array(before, store=str(home / "l.zarr"))
    session, journal = begin()
    session.labels = session.viewer.add_labels(before)
    work(session)
    after = crash(journal)
    if loss == "zarr":
        shutil.rmtree(home / "l.zarr")
    for copy in after.glob("*.npz"):
        copy.unlink()
    again = start()
    recovery = find(again.image, after)
    labels = recovery.restore(again)

    assert any("only what was done since the log began" in note for note in recovery.notes)
    assert sorted(np.unique(labels.data)) == [0, 4, 5, 9]


@pytest.mark.parametrize(
    "place", [{"scale": (2, 3), "translate": (5, -4)}, {"scale": (0.1, 0.1), "units": ("um", "um")}]
)
def test_labels_lie_where_they_lay(begin, crash, start, place):
    session, journal = begin(**place)
    work(session)
    again = start(**place)
    labels = find(again.image, crash(journal)).restore(again)

    for corner in [(0, 0), (39, 0), (0, 59)]:
        expected = session.labels.data_to_world(corner)
        np.testing.assert_allclose(labels.data_to_world(corner), expected)
    assert labels.units == session.labels.units


def test_labels_of_another_shape_lie_where_they_lay(begin, crash, start):
    session, journal = begin(scale=(2, 2))
    session.labels = session.viewer.add_labels(
        np.zeros((30, 40), np.int32), scale=(2, 2), translate=(10, 40)
    )
    commit(session, IN_RIGHT)
    again = start(scale=(2, 2), translate=(100, 100))
    labels = find(again.image, crash(journal)).restore(again)

    np.testing.assert_array_equal(labels.data, session.labels.data)
    np.testing.assert_allclose(labels.data_to_world((0, 0)), (110, 140))


# What is found


def test_what_was_closed_is_not_found(begin, start, home):
    session, _ = begin()
    work(session)
    session.close()
    assert find(start().image, home / "work") is None


def test_what_is_being_written_is_not_found(begin, start, home):
    session, journal = begin()
    work(session)
    journal.flush()
    assert find(start().image, home / "work") is None


def test_nothing_is_found_where_there_is_nothing(start, home):
    assert find(start().image, home / "work") is None
    assert find(start().image) is None


def test_another_image_finds_nothing(begin, crash, start, two_objects):
    session, journal = begin()
    work(session)
    after = crash(journal)
    assert find(start(two_objects[::-1]).image, after) is None
    assert find(start(two_objects[:-1]).image, after) is None
    assert find(start().image, after) is not None


def test_a_file_finds_its_log_beside_it(home, start, two_objects):
    np.save(home / "work" / "cells.npy", two_objects)
    session = start(np.load(home / "work" / "cells.npy", mmap_mode="r"))
    journal = keep(session, home / "work")
    work(session)
    labels = session.labels
    journal.flush()
    kept = journal.path.read_bytes()
    session.close()
    journal.path.write_bytes(kept)
    again = start(np.load(home / "work" / "cells.npy", mmap_mode="r"))

    np.testing.assert_array_equal(find(again.image).restore(again).data, labels.data)


def test_what_there_is_is_said(begin, crash, start):
    session, journal = begin(name="cells")
    work(session)
    text = find(start(name="cells").image, crash(journal)).text

    assert text.startswith("Work on 'cells' ended by accident at 2")
    assert text.endswith(": 4 steps.")


def test_a_line_that_was_cut_off_is_left_out(begin, crash, start):
    session, journal = begin()
    work(session)
    expected = session.labels.data.copy()
    session.undo()
    after = crash(journal)
    log = after / journal.path.name
    os.truncate(log, log.stat().st_size - 5)
    again = start()
    recovery = find(again.image, after)

    np.testing.assert_array_equal(recovery.restore(again).data, expected)
    assert [("cut off" in note) for note in recovery.notes] == [True]


def test_what_stands_before_a_bad_line_is_restored(begin, crash, start):
    session, journal = begin()
    work(session)
    after = crash(journal)
    log = after / journal.path.name
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join([*lines[:2], b"nonsense\n", *lines[3:]]))
    damaged = log.read_bytes()
    again = start()
    recovery = find(again.image, after)
    labels = recovery.restore(again)

    assert sorted(np.unique(labels.data)) == [0, 1]
    assert ["line 3" in note for note in recovery.notes] == [True]
    assert (after / f"{log.name}.damaged").read_bytes() == damaged


def test_prompts_that_can_not_be_read_are_said(begin, crash, start):
    session, journal = begin()
    work(session)
    session.add_point(IN_LEFT)
    session.update()
    after = crash(journal)
    prompts_path(after / journal.path.name).write_text("nonsense")
    again = start()
    recovery = find(again.image, after)

    assert recovery.restore(again) is not None
    assert recovery.prompts == 0
    assert ["no prompts can be read" in note for note in recovery.notes] == [True]


# Going on


def test_a_journal_goes_on_in_the_same_log(restored, begin):
    session, journal = begin()
    work(session)
    again, going_on, recovery = restored(journal)
    assert going_on.resume(recovery)
    commit(again, IN_RIGHT)
    again.undo()
    commit(again, IN_LEFT)
    labels = again.labels
    again.close()

    (log,) = going_on.path.parent.glob("*.jsonl")
    entries = read_log(log).entries
    assert len({entry.number for entry in entries}) == len(entries)
    assert sum(entry.kind == "header" for entry in entries) == 1
    assert entries[-1].kind == "closed"
    np.testing.assert_array_equal(labels_in(log), labels.data)
    assert labels.metadata["napari-cutout"] == [json.loads(x) for x in log.read_text().splitlines()]


def test_objects_that_came_back_can_be_taken_out(restored, begin):
    session, journal = begin()
    work(session)
    again, going_on, recovery = restored(journal)
    going_on.resume(recovery)
    again._apply(Edit("Delete", removed=tuple(again.objects)))

    assert replay(sections(going_on.entries)[-1]).objects == ()


def test_prompts_alone_are_gone_on_with(restored, begin):
    session, journal = begin()
    session.add_point(IN_LEFT)
    session.update()
    again, going_on, recovery = restored(journal)
    going_on.resume(recovery)
    again.commit()
    going_on.flush()

    assert going_on.path == recovery.log
    assert not prompts_path(recovery.log).exists()
    going_on.close()
    assert list(recovery.log.parent.iterdir()) == [recovery.log]


def test_a_log_that_is_taken_meanwhile_is_not_written(restored, begin):
    session, journal = begin()
    work(session)
    again, going_on, recovery = restored(journal)
    taken = Lock(recovery.log)
    before = recovery.log.read_bytes()
    going_on.resume(recovery)
    commit(again, IN_RIGHT)
    labels = again.labels
    again.close()
    taken.release()

    assert recovery.log.read_bytes() == before
    assert going_on.path != recovery.log
    np.testing.assert_array_equal(labels_in(going_on.path), labels.data)


def test_a_session_that_went_on_without_asking_leaves_the_log_to_be_found(begin, crash, start):
    session, journal = begin()
    work(session)
    expected = session.labels.data.copy()
    after = crash(journal)
    other = start()
    elsewhere = keep(other, after)
    commit(other, IN_LEFT)
    other.close()
    again = start()

    assert elsewhere.path != after / journal.path.name
    np.testing.assert_array_equal(find(again.image, after).restore(again).data, expected)


def test_a_journal_that_has_begun_does_not_go_on(begin, crash, start):
    session, journal = begin()
    work(session)
    again = start()
    after = crash(journal)
    going_on = keep(again, after)
    commit(again, IN_LEFT)
    recovery = find(again.image, after)
    recovery.restore(again)

    assert not going_on.resume(recovery)


def test_what_was_dismissed_is_not_found_again(begin, crash, start):
    session, journal = begin()
    work(session)
    session.add_point(IN_LEFT)
    session.update()
    after = crash(journal)
    again = start()
    find(again.image, after).dismiss()

    assert find(again.image, after) is None
    assert read_log(after / journal.path.name).is_closed
    assert [path.name for path in after.iterdir()] == [journal.path.name]


def test_the_latest_is_found(begin, crash, start, home):
    """Of several sessions that ended by accident."""
    session, journal = begin()
    work(session)
    other, later = begin()
    commit(other, IN_RIGHT)
    journal.flush()
    later.flush()
    os.utime(journal.path, (1, 1))
    again = start()
    recovery = find(again.image, crash(journal))

    assert recovery.log.name == later.path.name
    recovery.dismiss()
    assert find(again.image, home / "after").log.name == journal.path.name


def test_labels_too_large_to_be_shown_are_restored_as_a_pyramid(begin, restored, monkeypatch):
    monkeypatch.setattr(targets, "LARGEST_SHOWN", 1000)
    monkeypatch.setattr(pyramids, "TOP", 8)
    session, journal = begin()
    commit(session, IN_LEFT)
    commit(session, IN_RIGHT)
    session.delete(1)
    again, _, _ = restored(journal)
    assert pyramids.is_ours(again.labels)
    assert again.labels.visible
    commit(again, IN_LEFT)
    whole = np.zeros((40, 60), np.int32)
    whole[20:30, 30:50], whole[5:12, 6:20] = 2, 3
    for k, level in enumerate(again.labels.data):
        np.testing.assert_array_equal(level[...], whole[:: 1 << k, :: 1 << k])


@pytest.mark.parametrize("stored", [False, True])
def test_labels_too_large_to_be_shown_that_held_something_are_a_pyramid(
    begin, restored, monkeypatch, tmp_path, stored
):
    data = np.zeros((40, 60), np.int32)
    data[::7, ::5] = 4
    if stored:
        data = zarr.create_array(tmp_path / "labels.zarr", data=data, chunks=(16, 16))
    session, journal = begin()
    session.labels = session.viewer.add_labels(data)
    commit(session, IN_LEFT)
    monkeypatch.setattr(targets, "LARGEST_SHOWN", 1000)
    monkeypatch.setattr(pyramids, "TOP", 8)
    again, _, recovery = restored(journal)
    assert not recovery.notes
    assert again.labels.visible
    assert pyramids.is_ours(again.labels)
    whole = np.asarray(session.labels.data[...])
    for k, level in enumerate(again.labels.data):
        np.testing.assert_array_equal(level[...], whole[:: 1 << k, :: 1 << k])


def test_restoring_again_makes_arrays_of_its_own(begin, crash, start):
    session, journal = begin()
    commit(session, IN_LEFT)
    again = start()
    recovery = find(again.image, crash(journal))
    recovery.prepare()
    first = recovery.restore(again.viewer)
    second = recovery.restore(again.viewer)
    first.data[:] = 9
    np.testing.assert_array_equal(second.data, session.labels.data)
