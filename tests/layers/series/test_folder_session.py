"""Going through a series of files, on a viewer without Qt and a model whose answers are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
import zarr
from napari.components import ViewerModel

from exact_family import exact_segmenter
from full_disk import full_disk
from napari_cutout.annotate.series import Series
from napari_cutout.formats.errors import FormatError
from napari_cutout.layers import Session, SessionError
from napari_cutout.layers.series.folder_session import FolderSession
from napari_cutout.layers.series.readers import read_with_library, read_with_napari
from napari_cutout.layers.target import pyramids, targets

REGION, INSIDE = np.s_[5:12, 6:20], (8, 10)


def frame(shape=(40, 60)):
    pixels = np.zeros(shape, np.uint8)
    pixels[(..., *REGION)] = 255
    return pixels


@pytest.fixture
def images(tmp_path):
    """Three images, named so that their order isn't that of letters."""
    for name in ("1", "2", "10"):
        tifffile.imwrite(tmp_path / f"{name}.tif", frame())
    return tmp_path


class Later:
    """A runner that does nothing until it is told."""

    def __init__(self):
        self.jobs = []

    def __call__(self, *job):
        self.jobs.append(job)

    def run(self, meanwhile=lambda: None):
        compute, deliver, fail = self.jobs.pop(0)
        try:
            result = compute()
        except Exception as error:
            fail(error)
        else:
            meanwhile()
            deliver(result)

    def run_all(self):
        while self.jobs:
            self.run()


def start(images, *, viewer=None, results=None, **options):
    """Begun, at the file where work was left."""
    segmenter = exact_segmenter()
    options = {"make_session": lambda *args: Session(*args[:2], segmenter, args[2])} | options
    folder = FolderSession(viewer or ViewerModel(), Series(images, results), **options)
    folder.resume()
    return folder


def cut(folder):
    """Cut the one object, and commit it."""
    folder.session.add_point(INSIDE)
    return folder.session.commit()


def cut_later(images, **options):
    """Begun with a runner that waits, and one object committed."""
    later = Later()
    folder = start(images, run=later, **options)
    later.run_all()
    cut(folder)
    return folder, later


def leave(folder, later):
    """Go on, until the next file is about to be opened."""
    folder.next()
    while folder.busy != "Opening 2.tif":
        later.run()


def stored(path):
    return tifffile.imread(path)


def names(folder):
    return [layer.name for layer in folder.viewer.layers]


def test_a_person_goes_through_a_folder(images):
    folder = start(images)
    assert folder.text == "1 of 3, 0 done"
    assert folder.path == images / "1.tif"
    cut(folder)
    assert folder.next()
    assert folder.text == "2 of 3, 0 done"
    assert folder.labels is None
    cut(folder)
    assert folder.done_and_next()
    assert folder.text == "3 of 3, 1 done"
    assert folder.previous()
    assert folder.is_done
    assert folder.place == 1
    folder.close()

    for name in ("1", "2"):
        np.testing.assert_array_equal(stored(images / f"{name}.labels.tif"), frame() > 0)
    assert not (images / "10.labels.tif").exists()


def test_labels_that_are_there_are_gone_on_with(images):
    folder = start(images)
    cut(folder)
    folder.next()
    folder.previous()

    np.testing.assert_array_equal(folder.labels.data, frame() > 0)
    assert folder.session.labels is folder.labels
    assert names(folder)[:2] == ["1", "objects of 1"]
    assert cut(folder) == 2, "ids go on behind those that are there"
    folder.close()
    assert np.unique(stored(images / "1.labels.tif")).tolist() == [0, 2]


def test_only_what_changed_is_saved(images):
    folder = start(images)
    cut(folder)
    folder.save()
    path = images / "1.labels.tif"
    path.touch()
    path.write_bytes(path.read_bytes())
    folder.next()
    before = path.stat().st_mtime_ns
    folder.previous()
    folder.next()

    assert path.stat().st_mtime_ns == before
    folder.previous()
    cut(folder)
    folder.session.undo()
    folder.next()
    assert path.stat().st_mtime_ns == before, "it is as it was"


def test_work_goes_on_where_it_was_left(images):
    folder = start(images)
    folder.go_to(2)
    folder.mark_done()
    folder.close()

    again = start(images)
    assert again.path == images / "10.tif"
    assert again.is_done
    again.mark_done(False)
    assert again.text == "3 of 3, 0 done"


def test_done_files_are_passed_over_when_that_is_asked_for(images):
    folder = start(images)
    folder.series.mark_done(images / "2.tif")
    assert folder.next(skip_done=True)
    assert folder.path == images / "10.tif"
    assert folder.previous(skip_done=True)
    assert folder.path == images / "1.tif"
    assert not folder.previous()
    assert "no further file this way; 2 of all aren't done" in folder.status


def test_the_persons_own_layers_stay(images):
    viewer = ViewerModel()
    mine = [viewer.add_image(frame(), name="mine"), viewer.add_labels(frame().astype(int))]
    folder = start(images, viewer=viewer)
    cut(folder)
    folder.next()
    folder.next()

    assert [layer for layer in viewer.layers if layer in mine] == mine
    assert [name for name in names(folder) if name.startswith("objects")] == []
    folder.close()
    assert names(folder) == ["mine", "Labels", "10"]


def test_layers_of_the_next_file_have_the_names_they_were_read_with(images):
    """As those of a plugin, which are the same for every file."""

    def read(viewer, path):
        pixels = tifffile.imread(path)
        return viewer.add_image(np.stack([pixels, pixels]), channel_axis=0, name=["dapi", "gfp"])

    folder = start(images, read=read)
    cut(folder)
    folder.next()
    assert names(folder)[:2] == ["dapi", "gfp"]
    folder.previous()
    assert names(folder)[:3] == ["dapi", "objects of dapi", "gfp"]


def test_the_channel_that_was_chosen_is_cut_in_the_next_file(images):
    def read(viewer, path):
        return viewer.add_image(np.stack([frame(), frame()]), channel_axis=0, name=["a", "b"])

    folder = start(images, read=read)
    folder.session.close()
    folder.follow(Session(folder.viewer, folder.viewer.layers["b"], exact_segmenter()))
    cut(folder)
    folder.next()

    assert folder.image.name == "b"
    assert (images / "1.labels.tif").exists(), "what was cut in b is the file's"


def test_a_file_that_cannot_be_read_is_said_and_passed_over(images):
    (images / "2.tif").write_bytes(b"nonsense")
    folder = start(images)
    assert folder.next()

    assert folder.path == images / "10.tif"
    assert "2.tif can't be read: not a readable image" in folder.status
    assert list(folder.problems) == [images / "2.tif"]
    tifffile.imwrite(images / "2.tif", frame())
    assert folder.previous()
    assert folder.path == images / "2.tif"
    assert folder.problems == {}


def test_when_nothing_can_be_read_the_file_stays(images):
    folder = start(images)
    cut(folder)
    for name in ("2", "10"):
        (images / f"{name}.tif").write_bytes(b"nonsense")
    before = names(folder)
    assert not folder.next()
    assert not folder.go_to(2)

    assert folder.path == images / "1.tif"
    assert names(folder) == before
    assert not folder.session.is_closed


def test_after_many_that_cannot_be_read_it_stops(tmp_path):
    for number in range(30):
        (tmp_path / f"{number}.tif").write_bytes(b"nonsense")
    asked = []

    def read(viewer, path):
        asked.append(path)
        return read_with_library(viewer, path)

    folder = start(tmp_path, read=read)

    assert len(asked) == 20
    assert folder.path is None
    assert folder.text == "30 files, 0 done"
    assert "Nor can 19 files after it. After 20 such files this is enough" in folder.status


def test_layers_of_a_reading_that_failed_go(images):
    def read(viewer, path):
        if path.stem == "2":
            viewer.add_points([[1, 2]], name="leave me")
            read_with_napari()(viewer, path)
            raise KeyError("no more")
        return read_with_library(viewer, path)

    folder = start(images, read=read)
    folder.next()

    assert "2.tif can't be read: 'no more'" in folder.status
    assert names(folder)[:2] == ["leave me", "10"]


def test_a_reader_that_brings_no_image_is_said(images):
    folder = start(images, read=lambda viewer, path: [viewer.add_points([[1, 2]])])

    assert "holds no image" in folder.status
    assert names(folder) == []


def test_while_labels_cannot_be_saved_the_file_stays(images):
    folder = start(images)
    cut(folder)
    folder.labels.data[:] = np.random.default_rng(0).integers(0, 1 << 20, (40, 60))
    before = names(folder)
    for move in (folder.next, folder.done_and_next, folder.mark_done, folder.close):
        with full_disk(), pytest.raises(FormatError, match="can't write"):
            move()
        assert folder.path == images / "1.tif"
        assert names(folder) == before
    assert not folder.is_done
    assert not folder.is_closed

    assert folder.next(), "there is room again"
    assert (images / "1.labels.tif").exists()


def test_what_cannot_be_done_is_reported_where_that_is_asked_for(images):
    reported = []
    folder = start(images, report=reported.append)
    folder.go_to(3)
    cut(folder)
    with full_disk():
        folder.next()

    assert [type(error) for error in reported] == [SessionError, FormatError]
    assert folder.status == str(reported[-1])
    assert folder.busy == ""


def test_files_that_came_are_found_at_the_end(images):
    folder = start(images)
    folder.go_to(2)
    tifffile.imwrite(images / "11.tif", frame())

    assert folder.next()
    assert folder.text == "4 of 4, 0 done"


def test_a_file_that_went_is_no_trouble(images):
    folder = start(images)
    cut(folder)
    (images / "1.tif").unlink()
    (images / "2.tif").unlink()
    folder.refresh()
    assert folder.text == "1 file, 0 done"

    assert folder.next()
    assert folder.path == images / "10.tif"
    assert (images / "1.labels.tif").exists(), "what was made is saved all the same"
    assert not folder.previous()


def test_when_all_files_went_that_is_said(images):
    folder = start(images)
    for path in folder.series.paths:
        path.unlink()
    with pytest.raises(ValueError, match="no image in"):
        folder.refresh()
    assert not folder.next()
    assert "2.tif can't be read: there is no such file" in folder.status
    folder.go_to(2)


def test_labels_of_another_shape_are_not_shown_and_not_lost(images):
    path = images / "1.labels.tif"
    tifffile.imwrite(path, np.ones((3, 4), np.uint8))
    folder = start(images)
    assert folder.labels is None
    assert "has labels of shape (3, 4), and the image has (40, 60)" in folder.status
    cut(folder)
    folder.close()

    np.testing.assert_array_equal(stored(path), frame() > 0)
    assert stored(images / "1.labels.old.tif").shape == (3, 4)


def test_labels_that_cannot_be_read_are_said_and_not_lost(images):
    path = images / "1.labels.tif"
    path.write_bytes(b"nonsense")
    folder = start(images)
    assert "not a readable image" in folder.status
    cut(folder)
    folder.close()

    assert (images / "1.labels.old.tif").read_bytes() == b"nonsense"


@pytest.mark.parametrize("shape", [(3, 40, 60), (2, 3, 40, 60), (1, 40, 60)])
def test_stacks_have_labels_of_all_frames(images, shape):
    tifffile.imwrite(images / "1.tif", frame(shape), photometric="minisblack")
    folder = start(images)
    folder.viewer.dims.set_point(0, shape[0] - 1)
    cut(folder)
    folder.next()
    folder.previous()

    found = stored(images / "1.labels.tif").reshape(shape)
    assert folder.labels.data.shape == shape
    assert np.any(found[-1])
    assert not np.any(found[:-1])
    np.testing.assert_array_equal(folder.labels.data, found)


def test_an_ome_zarr_has_its_labels_beside(images):
    group = zarr.open_group(images / "3.ome.zarr")
    group.create_array("0", data=frame())
    group.attrs["ome"] = {"multiscales": [{"datasets": [{"path": "0"}]}]}
    folder = start(images)
    assert folder.go_to(2)
    cut(folder)
    folder.close()

    np.testing.assert_array_equal(stored(images / "3.labels.tif"), frame() > 0)


def test_labels_that_are_a_zarr_are_gone_on_with(images):
    path = images / "1.labels.zarr"
    zarr.create_array(path, data=np.full((40, 60), 7, np.int32), chunks=(16, 16))
    folder = start(images)
    cut(folder)
    assert np.all(zarr.open_array(path)[:] == 7), "nothing is written before it is saved"
    folder.close()

    np.testing.assert_array_equal(zarr.open_array(path)[:], np.where(frame() > 0, 8, 7))


def test_labels_too_large_to_be_shown_are_a_pyramid_and_saved_as_before(images, monkeypatch):
    monkeypatch.setattr(targets, "LARGEST_SHOWN", 1000)
    monkeypatch.setattr(pyramids, "TOP", 8)
    path, before = images / "1.labels.zarr", np.zeros((40, 60), np.int32)
    before[30:, ::3] = 7
    zarr.create_array(path, data=before, chunks=(16, 16))
    folder = start(images)
    assert folder.labels.visible
    assert pyramids.is_ours(folder.labels)
    assert cut(folder) == 8
    whole = np.where(frame() > 0, 8, before)
    for k, level in enumerate(folder.labels.data):
        np.testing.assert_array_equal(level[...], whole[:: 1 << k, :: 1 << k])
    assert folder.next()
    np.testing.assert_array_equal(zarr.open_array(path)[:], whole)
    assert folder.previous()
    assert folder.labels.get_value(INSIDE)[1] == 8
    folder.session.delete(7)
    folder.close()
    np.testing.assert_array_equal(zarr.open_array(path)[:], np.where(frame() > 0, 8, 0))


def test_an_image_of_colours(images):
    tifffile.imwrite(images / "1.tif", np.stack([frame()] * 3, -1), photometric="rgb")
    folder = start(images)
    cut(folder)
    folder.close()

    assert stored(images / "1.labels.tif").shape == (40, 60)


def test_results_may_go_elsewhere(images, tmp_path):
    folder = start(images, results=tmp_path / "results")
    cut(folder)
    folder.done_and_next()

    found = sorted(path.name for path in (tmp_path / "results").iterdir())
    assert found == [".napari-cutout.json", "1.labels.tif"]
    assert not (images / "1.labels.tif").exists()


def test_brush_strokes_are_saved(images):
    folder = start(images)
    cut(folder)
    folder.next()
    folder.previous()
    folder.labels.paint((30, 30), 9)
    folder.next()

    assert stored(images / "1.labels.tif")[30, 30] == 9


def test_labels_that_were_removed_are_saved_and_kept(images):
    folder = start(images)
    cut(folder)
    folder.viewer.layers.remove(folder.labels)
    assert "What they held is in" in folder.status
    np.testing.assert_array_equal(stored(images / "1.labels.tif"), frame() > 0)
    folder.session.add_point((9, 11))
    folder.session.commit()
    folder.labels.data[0, 0] = 5
    folder.next()

    assert stored(images / "1.labels.tif")[0, 0] == 5
    assert stored(images / "1.labels.old.tif")[0, 0] == 0


def test_the_image_may_be_removed_and_opened_again(images):
    folder = start(images)
    cut(folder)
    folder.viewer.layers.remove(folder.image)
    assert folder.session is None
    assert folder.go_to(0)
    assert np.any(folder.labels.data)
    folder.viewer.layers.clear()
    assert folder.next()
    assert names(folder)[0] == "2"


def test_a_target_of_the_persons_own_is_not_taken(images):
    viewer = ViewerModel()
    mine = viewer.add_labels(np.zeros((40, 60), int), name="mine")
    folder = start(images, viewer=viewer)
    folder.session.labels = mine
    assert "'mine' now, which isn't saved with this file" in folder.status
    cut(folder)
    folder.next()

    assert mine in viewer.layers
    assert not (images / "1.labels.tif").exists()


def test_labels_that_the_person_added_for_this_file_are_taken(images):
    folder = start(images)
    folder.session.labels = folder.viewer.add_labels(np.zeros((40, 60), np.uint8), name="new")
    cut(folder)
    folder.next()

    assert "new" not in names(folder)
    np.testing.assert_array_equal(stored(images / "1.labels.tif"), frame() > 0)


def test_another_target_made_for_this_file_takes_over(images):
    """What the first one held is kept; both go with the file."""
    folder = start(images)
    cut(folder)
    first = folder.labels
    second = folder.viewer.add_labels(np.full((40, 60), 3), name="second")
    folder.session.labels = second
    assert "'second' is what will be saved for this file now" in folder.status
    folder.session.labels = first
    folder.session.labels = second
    folder.next()

    assert np.all(stored(images / "1.labels.tif") == 3)
    np.testing.assert_array_equal(stored(images / "1.labels.old.tif"), frame() > 0)
    assert names(folder)[0] == "2"


def test_the_log_lies_beside_the_labels(images, tmp_path):
    """With the session that is made when none is handed in; nothing here needs its model."""
    for results in (None, tmp_path / "results"):
        folder = start(images, results=results, make_session=None)
        folder.session.labels = folder.viewer.add_labels(np.zeros((40, 60), int))
        folder.labels.paint((30, 30), 1)
        folder.session.flush()
        assert folder.session.log_path.parent == (results or images)
        folder.close()
    names = {path.name for path in images.iterdir() if path.is_file()}
    assert {"1.labels.tif", "1.tif.cutout.jsonl"} <= names
    assert len(Series(images)) == 3, "none of it is an image"


def test_work_restored_after_a_crash_is_saved(images):
    log = images / "1.tif.cutout.jsonl"
    folder = start(images, make_session=None)
    folder.session.labels = folder.viewer.add_labels(np.zeros((40, 60), int))
    folder.labels.paint((30, 30), 1)
    folder.save()
    folder.labels.paint((10, 10), 2)
    folder.session.flush()
    crashed = log.read_bytes()
    folder.close(save=False)
    log.write_bytes(crashed)

    folder = start(images, make_session=None)
    assert folder.labels.data[10, 10] == 0
    folder.session.restore(folder.session.find_recovery())
    assert folder.labels.data[10, 10] == 2
    folder.next()
    assert stored(images / "1.labels.tif")[10, 10] == 2
    assert stored(images / "1.labels.old.tif")[10, 10] == 0


def test_another_session_on_the_file_goes_on_with_its_labels(images):
    folder = start(images)
    cut(folder)
    folder.session.close()
    assert folder.session is None
    session = Session(folder.viewer, folder.image, exact_segmenter())
    folder.follow(session)

    assert folder.session is session
    assert session.labels is folder.labels
    other = Session(folder.viewer, folder.viewer.add_image(frame()), exact_segmenter())
    folder.follow(other)
    assert folder.session is session


def test_there_is_one_session_at_a_time(images):
    folder = start(images)
    sessions = [folder.session]
    folder.next()
    sessions.append(folder.session)
    assert [session.is_closed for session in sessions] == [True, False]
    folder.close(keep_session=True)
    assert not sessions[1].is_closed


def test_a_session_that_cannot_be_opened_is_said(images):
    def refuse(*_args):
        raise SessionError("not today")

    folder = start(images, make_session=refuse)

    assert "not today." in folder.status
    assert folder.session is None
    assert folder.next(), "the files can be looked at"


def test_the_view_stays_where_images_have_the_same_place(images):
    tifffile.imwrite(images / "10.tif", frame((80, 90)))
    folder = start(images)
    folder.viewer.scene.camera.zoom = 77
    folder.next()
    assert folder.viewer.scene.camera.zoom == 77
    folder.next()
    assert folder.viewer.scene.camera.zoom != 77


def test_saving_and_reading_wait_for_the_runner(images):
    later = Later()
    folder = start(images, run=later)
    assert folder.busy == "Opening 1.tif"
    assert folder.path is None
    later.run_all()
    assert folder.path == images / "1.tif"
    cut(folder)
    folder.next()
    assert folder.busy == "Saving the labels of 1.tif"
    with pytest.raises(SessionError, match=r"Saving the labels of 1\.tif; wait"):
        folder.next()
    # That was an error, and nothing is waited for any more.
    later.run_all()
    assert folder.path == images / "2.tif"
    assert folder.busy == ""


@pytest.mark.parametrize("change", ["paint", "undo", "write", "commit"])
def test_what_is_done_while_saving_is_saved_too(images, change):
    """Also in the last moment before the file is left."""
    folder, later = cut_later(images)
    folder.labels.paint((30, 30), 9)
    leave(folder, later)
    later.run()

    def meanwhile():
        if change == "paint":
            folder.labels.paint((10, 30), 4)
        elif change == "undo":
            folder.labels.undo()
        elif change == "write":
            folder.labels.data[0, 0] = 7
            folder.labels.refresh()
        else:
            cut(folder)
        expected.append(folder.labels.data.copy())

    expected = []
    later.run(meanwhile)
    later.run_all()

    assert folder.path == images / "2.tif"
    np.testing.assert_array_equal(stored(images / "1.labels.tif"), expected[0])


def test_what_is_painted_while_the_next_file_is_read_is_saved_too(images):
    folder, later = cut_later(images)
    leave(folder, later)
    folder.labels.paint((30, 30), 9)
    later.run_all()

    assert folder.path == images / "2.tif"
    assert stored(images / "1.labels.tif")[30, 30] == 9


def test_what_cannot_be_saved_then_keeps_the_file_too(images):
    reported = []
    folder, later = cut_later(images, report=reported.append)
    before = names(folder)
    leave(folder, later)
    folder.labels.data[:] = np.random.default_rng(0).integers(0, 1 << 20, (40, 60))
    with full_disk():
        later.run_all()

    assert [type(error) for error in reported] == [FormatError]
    assert folder.path == images / "1.tif"
    assert names(folder) == before


def test_a_file_that_is_removed_while_it_is_opened_is_said(images):
    later, reported = Later(), []
    folder = start(images, run=later, report=reported.append)
    folder.viewer.layers.clear()
    later.run_all()

    assert "1.tif was removed again" in folder.status
    assert folder.path is None


def test_closing_saves_at_once_and_nothing_comes_after(images):
    folder, later = cut_later(images)
    leave(folder, later)
    folder.labels.paint((30, 30), 9)
    folder.close()
    assert stored(images / "1.labels.tif")[30, 30] == 9
    later.run_all()

    assert names(folder) == ["1", "objects of 1"]
    with pytest.raises(SessionError, match="closed"):
        folder.next()
    folder.close()


def test_closing_may_take_the_layers_away(images):
    folder = start(images)
    cut(folder)
    folder.close(keep_layers=False)

    assert names(folder) == []
    assert (images / "1.labels.tif").exists()


def test_closing_without_saving_writes_nothing(images):
    folder = start(images)
    cut(folder)
    folder.close(save=False)

    assert not (images / "1.labels.tif").exists()
    assert "objects of 1" in names(folder)


def test_a_damaged_progress_file_is_said(images):
    (images / ".napari-cutout.json").write_text("{")
    folder = start(images)

    assert "damaged" in folder.status
    assert folder.path == images / "1.tif"


def with_log(viewer, image, labels):
    """A session whose log lies beside the image, as in the window."""
    place = Path(image.metadata["path"]).parent
    return Session(viewer, image, exact_segmenter(), labels, autosave=place)


def known(folder):
    """What the table says of the objects."""
    return [
        (row.id, row.class_name, row.score, row.prompts) for row in folder.session.objects.rows()
    ]


def worked_on(images):
    """Two objects with prompts and a class in the first file; closed."""
    folder = start(images, make_session=with_log)
    cut(folder)
    folder.session.add_point((30, 30))
    folder.session.add_box((28, 28, 36, 36))
    folder.session.labels.paint((30, 50), 7)
    folder.session.clear()
    folder.session.set_class([1, 7], "cell")
    expected = known(folder)
    folder.close(keep_layers=False)
    return expected


def test_what_was_known_of_objects_is_known_again(images):
    expected = worked_on(images)
    folder = start(images, make_session=with_log)

    assert known(folder) == expected == [(1, "cell", pytest.approx(0.9), 1), (7, "cell", None, 0)]
    assert not folder.session.can_undo
    folder.session.reopen(1)
    assert folder.session.prompts.points.tolist() == [list(map(float, INSIDE))]
    folder.close()


def test_it_is_known_again_after_any_number_of_sessions(images):
    """Also where the later ones did something, and undid or deleted what was there."""
    worked_on(images)
    folder = start(images, make_session=with_log)
    folder.session.set_class(1, "nucleus")
    folder.session.labels.paint((20, 50), 9)
    folder.session.delete(7)
    expected = known(folder)
    assert [row[0] for row in expected] == [1, 9]
    folder.close(keep_layers=False)
    for _ in range(2):
        folder = start(images, make_session=with_log)
        assert known(folder) == expected
        folder.session.labels.paint((38, 50), 9)
        folder.close(keep_layers=False)


def test_labels_that_others_changed_are_not_taken_for_our_objects(images):
    worked_on(images)
    labels = stored(images / "1.labels.tif")
    other = np.roll(labels, 20, axis=1)
    tifffile.imwrite(images / "1.labels.tif", other)
    folder = start(images, make_session=with_log)

    assert (1, "", None, 0) in known(folder)
    folder.close()


def test_another_session_on_the_file_knows_them_too(images):
    expected = worked_on(images)
    folder = start(images, make_session=with_log)
    folder.session.close()
    folder.follow(with_log(folder.viewer, folder.image, folder.labels))

    assert known(folder) == expected
    folder.close()


@pytest.mark.parametrize("damage", [lambda log: log[:-40], lambda log: b"nonsense" + log])
def test_a_log_that_cannot_be_read_leaves_the_labels(images, damage):
    worked_on(images)
    (log,) = images.glob("*.jsonl")
    log.write_bytes(damage(log.read_bytes()))
    folder = start(images, make_session=with_log)

    assert [row[0] for row in known(folder)] == [1, 7]
    folder.close()
