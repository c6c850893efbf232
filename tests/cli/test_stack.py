"""Stacks from a shell, on real files with the packaged model."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import zarr
from npe2 import DynamicPlugin
from skimage.io import imread, imsave

from full_disk import full_disk
from napari_cutout import Segmenter
from napari_cutout.formats.objects.ome_labels_reading import read_ome_labels
from napari_cutout.formats.tracks.ctc import read_ctc
from napari_cutout.segment.automatic.instances.options import InstanceOptions
from napari_cutout.segment.automatic.results import label_image
from stacked_frames import files_of

COUNT = 4


@pytest.fixture
def movie(frame, tmp_path):
    """The two discs, moving together, as a file whose axes it doesn't say."""
    path = tmp_path / "movie.npy"
    np.save(path, np.stack([np.roll(frame, 2 * k, 1) for k in range(COUNT)]))
    return path


@pytest.fixture
def folder(frame, tmp_path):
    """The same as a folder of images, one of which is damaged."""
    folder = tmp_path / "fields"
    folder.mkdir()
    for k in range(3):
        imsave(folder / f"{k}.png", np.roll(frame, 2 * k, 1), check_contrast=False)
    (folder / "1.png").write_bytes(b"\x89PNG nothing")
    return folder


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out.zarr"


@pytest.fixture
def answer(run, out):
    """Run ``stack --json``; what it printed."""

    def stack(*arguments, code=0):
        result = run("stack", *arguments, "--out", out, "--json")
        assert result.exit_code == code, result.stderr
        return json.loads(result.stdout)

    return stack


def ids(out):
    """The labels at their finest level."""
    return np.asarray(read_ome_labels(out).levels[0])


def test_over_time_the_same_disc_has_the_same_id(answer, movie, out):
    found = answer(movie, "--axes", "tyx")
    labels = ids(out)

    assert (found["frames"], found["found"], found["objects"], found["tracks"]) == (4, 4, 8, 2)
    for k in range(COUNT):
        discs = labels[k, 30, 30 + 2 * k], labels[k, 50, 72 + 2 * k]
        assert discs == (labels[0, 30, 30], labels[0, 50, 72])


def test_not_linked_labels_are_what_the_library_finds(answer, movie, frame, out):
    found = answer(movie, "--axes", "tyx", "--no-link")
    expected = label_image(Segmenter("compact").everything(frame, InstanceOptions()))

    np.testing.assert_array_equal(ids(out)[0], expected)
    assert found["tracks"] is None


def test_ambiguous_axes_are_asked_for(refused, frame, tmp_path, out):
    np.save(tmp_path / "odd.npy", np.stack([frame] * 3, axis=-1))

    assert "axes" in refused("stack", tmp_path / "odd.npy", "--out", out)


def test_a_reader_plugin_opens_what_we_don_t(answer, refused, frame, out, tmp_path):
    """Its name is that of a kind of file which only the plugin knows."""
    path = tmp_path / "movie.frames"
    path.write_bytes(b"frames")
    assert "isn't read" in refused("stack", path, "--out", out)
    plugin = DynamicPlugin("frames-of-a-microscope")
    plugin.register()
    try:

        @plugin.contribute.reader(filename_patterns=["*.frames"])
        def get_reader(path):
            frames = np.stack([frame, np.roll(frame, 4, axis=1)])
            return lambda path: [(frames, {"axis_labels": ["t", "y", "x"]}, "image")]

        result = answer(path, "--plugin", "frames-of-a-microscope")
    finally:
        plugin.cleanup()
    assert (result["frames"], ids(out).shape) == (2, (2, *frame.shape))


def test_run_again_it_goes_on(answer, movie, out):
    answer(movie, "--axes", "tyx", "--frames", "t=0:2")
    found = answer(movie, "--axes", "tyx")

    assert (found["found"], found["was_there"], found["tracks"]) == (2, 2, 2)


def test_the_same_again_changes_nothing(answer, movie, out):
    answer(movie, "--axes", "tyx")
    before = files_of(out)
    found = answer(movie, "--axes", "tyx")

    assert found["was_there"] == COUNT
    assert files_of(out) == before


def test_a_damaged_file_is_left_out_said_and_tried_again(run, answer, folder, frame, out):
    result = run("stack", folder, "--out", out)
    assert result.exit_code == 2
    assert "file=1: " in result.stderr
    assert "2 of 3 frames" in result.stdout
    assert ids(out)[2].max() == 2
    imsave(folder / "1.png", frame, check_contrast=False)
    again = answer(folder)

    assert (again["found"], again["was_there"], again["failed"]) == (1, 2, [])


def test_files_are_linked_only_when_it_is_asked_for(answer, folder, out):
    (folder / "1.png").unlink()
    found = answer(folder)
    linked = answer(folder, "--link")

    assert (found["tracks"], linked["tracks"]) == (None, 2)


def test_slices_become_objects_in_3d(answer, movie, out):
    found = answer(movie, "--axes", "zyx")

    assert found["tracks"] == 2
    assert len(np.unique(ids(out)[:, 30, 36])) == 1


def test_tracks_are_written_for_the_challenge_and_again(answer, movie, tmp_path, out):
    place = tmp_path / "movie_RES"
    for _ in range(2):
        answer(movie, "--axes", "tyx", "--ctc", place)

    assert (place / "res_track.txt").read_text().splitlines() == ["1 0 3 0", "2 0 3 0"]
    np.testing.assert_array_equal(imread(next(place.glob("mask*2.tif"))), ids(out)[2])


def test_each_plane_has_tracks_of_its_own(answer, movie, tmp_path):
    planes = np.stack([np.load(movie)[:2], np.load(movie)[2:]], axis=1)
    np.save(movie, planes)
    found = answer(movie, "--axes", "tzyx", "--ctc", tmp_path / "RES")
    tracks = [read_ctc(tmp_path / "RES" / name).tracks for name in ("000", "001")]

    assert [[one.id for one in each] for each in tracks] == [[1, 2], [3, 4]]
    assert found["tracks"] == 4


def test_volumes_are_tracked_over_time(answer, movie, tmp_path, out):
    np.save(movie, np.stack([np.load(movie)] * 3, axis=1))
    place = tmp_path / "RES"
    for _ in range(2):
        found = answer(movie, "--axes", "tzyx", "--volume", "--ctc", place)
    sequence = read_ctc(place)

    assert found["tracks"] == 2
    assert [(one.id, one.first, one.last) for one in sequence.tracks] == [(1, 0, 3), (2, 0, 3)]
    np.testing.assert_array_equal(np.stack(list(sequence)), ids(out))
    assert sequence[0].shape == np.load(movie)[0].shape


def test_volumes_of_one_plane_keep_what_is_in_it(answer, movie):
    np.save(movie, np.stack([np.load(movie)] * 2, axis=1))
    found = answer(movie, "--axes", "tzyx", "--volume", "--link", "--frames", "z=1")

    assert found["tracks"] == 2


def test_volumes_without_link_are_of_each_time_alone(answer, movie):
    np.save(movie, np.stack([np.load(movie)] * 2, axis=1))

    assert answer(movie, "--axes", "tzyx", "--volume")["tracks"] == 2 * COUNT
    assert answer(movie, "--axes", "tzyx", "--volume", "--link")["tracks"] == 2
    assert answer(movie, "--axes", "tzyx", "--volume", "--link", "--min-length", 5)["tracks"] == 0


def test_tracks_of_others_are_not_replaced(run, movie, tmp_path, out):
    place = tmp_path / "movie_RES"
    place.mkdir()
    (place / "res_track.txt").write_text("mine")
    for _ in range(2):
        result = run("stack", movie, "--axes", "tyx", "--out", out, "--ctc", place)

        assert result.exit_code == 2
        assert (place / "res_track.txt").read_text() == "mine"


def test_embeddings_are_kept(answer, movie, tmp_path):
    answer(movie, "--axes", "tyx", "--embeddings", tmp_path / "store")

    assert any((tmp_path / "store").rglob("complete.json"))


def test_results_of_other_settings_are_not_mixed(answer, refused, movie, out):
    answer(movie, "--axes", "tyx")
    line = refused("stack", movie, "--axes", "tyx", "--out", out, "--intensity", "dtype")

    assert "intensity was percentile" in line


def test_other_settings_can_replace_them(answer, movie, out):
    answer(movie, "--axes", "tyx")
    found = answer(movie, "--axes", "tyx", "--intensity", "dtype", "--overwrite")

    assert found["found"] == COUNT


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["--axes", "tyx", "--no-link", "--max-gap", 2], "--max-gap is for what is linked"),
        (["--axes", "tyx", "--volume"], "--volume links along z"),
        (["--axes", "zyx", "--max-distance", 3], "these are slices"),
        (["--axes", "zyx", "--ctc", "there"], "these are slices"),
        (["--axes", "tyx", "--max-gap", -1], "--max-gap is a whole number"),
        (["--axes", "tyx", "--max-distance", 0], "--max-distance is above 0"),
        (["--axes", "zyx", "--min-length", 0], "--min-length is a whole number"),
        (["--axes", "tyx", "--frames", "z=3"], "no axis 'z'"),
        (["--axes", "tyx", "--mode", "seeds", "--windows"], "--windows is for --mode grid"),
    ],
)
def test_what_doesn_t_go_together(refused, movie, out, arguments, match):
    assert match in refused("stack", movie, "--out", out, *arguments)
    assert not out.exists()


def test_one_frame_has_nothing_to_link(refused, image, out):
    assert "nothing to link" in refused("stack", image, "--out", out, "--link")


@pytest.mark.parametrize("version", [2, 3])
def test_among_the_labels_of_an_image_they_are_listed(run, movie, tmp_path, version):
    image = zarr.create_group(tmp_path / "image.zarr", zarr_format=version)
    image.create_array("0", data=np.load(movie))
    scale = [{"type": "scale", "scale": [1, 1, 1]}]
    stated = {"multiscales": [{
        "axes": [{"name": "t", "type": "time"}, {"name": "y"}, {"name": "x"}],
        "datasets": [{"path": "0", "coordinateTransformations": scale}],
    }]}  # fmt: skip
    image.attrs.update({"ome": {"version": "0.5"} | stated} if version == 3 else stated)
    place = tmp_path / "image.zarr" / "labels" / "discs"
    for said in ("8 objects", "4 there already"):
        result = run("stack", tmp_path / "image.zarr", "--out", place)

        assert (result.exit_code, result.stderr) == (0, "")
        assert said in result.stdout
    found = read_ome_labels(tmp_path / "image.zarr", "discs")
    assert found.levels[0][0, 30, 30] == found.levels[0][3, 30, 36] > 0
    # Warnings are errors.
    assert len(list(image.members(max_depth=None))) == 4


def test_a_folder_that_grew_goes_on_with_the_new_files(answer, folder, frame):
    (folder / "1.png").unlink()
    answer(folder)
    imsave(folder / "3.png", np.roll(frame, 9, 1), check_contrast=False)
    found = answer(folder)

    assert (found["frames"], found["was_there"], found["found"]) == (3, 2, 1)


def test_frames_of_an_axis_that_has_another_name(refused, movie, out):
    line = refused("stack", movie, "--axes", "qyx", "--frames", "t=0:2", "--out", out)

    assert line.endswith("it has: q. If that is time, give --axes tyx")


def test_a_way_that_there_isn_t(refused, movie, out):
    line = refused("stack", movie, "--mode", "gird", "--out", out)

    assert line.endswith("'--mode': 'gird' is not one of 'grid', 'instances', 'seeds'.")


def test_a_damaged_tiff_is_one_line(tmp_path, out):
    (tmp_path / "a.tif").write_bytes(b"II*\0" + bytes(range(60)))
    command = [sys.executable, "-m", "napari_cutout.cli", "stack", tmp_path / "a.tif"]
    said = subprocess.run([*command, "--out", out], capture_output=True, text=True)
    (line,) = said.stderr.splitlines()

    assert (said.returncode, said.stdout) == (2, "")
    assert line.startswith(f"napari-cutout: {tmp_path / 'a.tif'}: not a readable image")


def test_labels_don_t_land_among_the_images(refused, folder, movie):
    assert "another place" in refused("stack", folder, "--out", folder / "out.zarr")
    assert "another place" in refused("stack", movie, "--out", movie)


def test_tracks_don_t_land_among_the_images_nor_in_the_labels(refused, folder, out):
    for place in (folder, out, out / "tracks"):
        line = refused("stack", folder, "--out", out, "--link", "--ctc", place)

        assert "a folder of its own" in line
    assert not out.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="links take rights there")
def test_links_in_a_circle_are_one_line(refused, tmp_path, out):
    (tmp_path / "round").symlink_to("round")

    assert "round" in refused("stack", tmp_path / "round", "--out", out)


def test_labels_aren_t_named_as_a_file(refused, movie, tmp_path):
    line = refused("stack", movie, "--axes", "tyx", "--out", tmp_path / "labels.TIF")

    assert "ends in .zarr" in line
    assert not (tmp_path / "labels.TIF").exists()


def test_it_says_why_files_were_not_linked(run, folder, out):
    (folder / "1.png").unlink()

    assert "--link links them" in run("stack", folder, "--out", out).stdout
    assert "--link" not in run("stack", folder, "--out", out, "--no-link").stdout
    assert "--link" not in run("stack", folder, "--out", out, "--link").stdout


def test_an_output_that_is_something_else(refused, movie, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")

    assert "no output" in refused("stack", movie, "--axes", "tyx", "--out", tmp_path / "mine")


def test_a_full_disk_is_one_line(refused, answer, movie, out):
    with full_disk():
        line = refused("stack", movie, "--axes", "tyx", "--out", out)
    assert "can't write" in line

    assert answer(movie, "--axes", "tyx")["found"] == COUNT


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_keeps_what_is_done(answer, frame, tmp_path, out):
    path = tmp_path / "long.npy"
    np.save(path, np.stack([np.roll(frame, k, 1) for k in range(300)]))
    command = [sys.executable, "-m", "napari_cutout.cli", "stack", path, "--axes", "tyx"]
    with subprocess.Popen(
        [*command, "--out", out], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ) as going:  # fmt: skip
        while not any(out.glob("0/.cutout/frames/*/*.json")) and going.poll() is None:
            os.sched_yield()
        going.send_signal(signal.SIGINT)
        said = going.communicate(timeout=60)
    found = answer(path, "--axes", "tyx", "--frames", "t=0:1")

    assert (going.returncode, said) == (130, ("", "napari-cutout: stopped\n"))
    assert found["was_there"] == 1
