"""Labels on disk: saved when they changed, whole, and never over those of others."""

from __future__ import annotations

import threading

import dask.array as da
import numpy as np
import pytest
import tifffile
import zarr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from full_disk import full_disk
from napari_cutout.annotate.series.labels import LabelsFile
from napari_cutout.annotate.series.zarr_labels import recover
from napari_cutout.formats.errors import FormatError

NOISE = np.random.default_rng(1).integers(0, 1 << 30, (64, 64), dtype=np.int32)


def file_in(folder, large=1 << 28):
    return LabelsFile(folder / "a.labels", folder, large)


def in_memory(shape=(40, 50), chunks=(16, 16)):
    store = zarr.storage.MemoryStore()
    return zarr.create_array(store, shape=shape, chunks=chunks, dtype="int32", fill_value=0)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@given(
    hnp.arrays(
        st.sampled_from([np.uint8, np.int32, np.uint32, np.uint64, np.int64]),
        hnp.array_shapes(min_dims=2, max_dims=5, max_side=5),
        elements=st.integers(0, 200),
    )
)
def test_what_is_saved_is_read(tmp_path_factory, labels):
    for large in (1 << 28, 0):
        folder = tmp_path_factory.mktemp("labels")
        saved = file_in(folder, large).save(labels)
        read = file_in(folder, large).read()

        assert (saved is None) == (read is None) == (not labels.any())
        if read is not None:
            np.testing.assert_array_equal(read[...], labels)
            assert names(folder) == [saved.path.name]


def test_labels_that_are_read_can_be_painted_in(tmp_path):
    tifffile.imwrite(tmp_path / "a.labels.tif", np.full((4, 5), 3, np.uint8))
    labels = file_in(tmp_path).read()

    assert labels.dtype == np.int32
    labels[0, 0] = 70_000


def test_nothing_is_written_where_nothing_changed(tmp_path):
    file = file_in(tmp_path)
    assert file.read() is None
    labels = np.zeros((4, 5), np.int32)
    assert file.save(labels) is None
    labels[1] = 2
    assert file.save(labels).path == tmp_path / "a.labels.tif"
    assert file.save(labels) is None
    assert file_in(tmp_path).save(file_in(tmp_path).read()) is not None, "another one's labels"
    assert names(tmp_path) == ["a.labels.old.tif", "a.labels.tif"]


def test_labels_that_were_all_deleted_are_saved(tmp_path):
    file = file_in(tmp_path)
    labels = np.ones((4, 5), np.int32)
    file.save(labels)
    labels[:] = 0
    file.save(labels)

    assert not file_in(tmp_path).read().any()


def test_a_file_that_was_deleted_is_written_again(tmp_path):
    file = file_in(tmp_path)
    labels = np.ones((4, 5), np.int32)
    file.save(labels)
    (tmp_path / "a.labels.tif").unlink()

    assert file.save(labels) is not None


@pytest.mark.parametrize("large", [1 << 28, 0])
def test_labels_of_others_are_kept(tmp_path, large):
    ours, theirs = file_in(tmp_path, large), file_in(tmp_path, large)
    suffix = ".zarr" if large == 0 else ".tif"
    ours.save(np.ones((4, 5), np.int32))
    for value, name in ((2, f"a.labels.old{suffix}"), (4, f"a.labels.old-2{suffix}")):
        theirs.read()
        theirs.save(np.full((4, 5), value, np.int32))
        saved = ours.save(np.full((4, 5), value + 1, np.int32))
        assert saved.kept == tmp_path / name
        assert np.all(file_in(tmp_path, large).read()[...] == value + 1)
        kept = zarr.open_array(saved.kept) if large == 0 else tifffile.imread(saved.kept)
        assert np.all(kept[...] == value)


@pytest.mark.parametrize(
    "make",
    [
        lambda pixels: pixels,
        lambda pixels: da.from_array(pixels, chunks=(7, 9)),
        lambda pixels: zarr.array(pixels, chunks=(7, 9)),
        lambda pixels: zarr.open_group(zarr.storage.MemoryStore()).create_array("x", data=pixels),
        np.asfortranarray,
    ],
    ids=["numpy", "dask", "zarr", "zarr in a group", "other order"],
)
@pytest.mark.parametrize("large", [1 << 28, 0])
def test_any_array_is_saved(tmp_path, make, large):
    pixels = np.arange(400, dtype=np.int32).reshape(20, 20)
    file = file_in(tmp_path, large)
    file.save(make(pixels))

    assert file.save(make(pixels)) is None
    np.testing.assert_array_equal(file_in(tmp_path, large).read()[...], pixels)


def test_large_labels_cost_what_was_painted(tmp_path):
    """A hundred thousand pixels square; only what was painted is in memory and on disk."""
    labels = in_memory((100_000, 100_000), (1024, 1024))
    file = file_in(tmp_path)
    assert file.save(labels) is None
    labels[50_000:50_010, 70_000:70_010] = 5
    assert file.save(labels).path == tmp_path / "a.labels.zarr"

    read = file_in(tmp_path).read()
    assert read.shape == labels.shape
    assert np.all(read[50_000:50_010, 70_000:70_010] == 5)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 2
    read[0, 0] = 1
    assert zarr.open_array(tmp_path / "a.labels.zarr")[0, 0] == 0, "only saving writes"


def test_small_labels_that_are_a_zarr_stay_one(tmp_path):
    file_in(tmp_path, large=0).save(np.ones((4, 5), np.int32))
    file = file_in(tmp_path)
    labels = file.read()
    labels[0] = 2
    file.save(labels)

    assert names(tmp_path) == ["a.labels.zarr"]
    assert file_in(tmp_path).read()[0, 0] == 2


def test_labels_of_the_other_kind_are_kept(tmp_path):
    file_in(tmp_path, large=0).save(np.ones((4, 5), np.int32))
    saved = file_in(tmp_path).save(np.full((4, 5), 2, np.int32))

    assert saved.kept == tmp_path / "a.labels.old.zarr"
    assert names(tmp_path) == ["a.labels.old.zarr", "a.labels.tif"]


@pytest.mark.parametrize("large", [1 << 28, 0])
def test_on_a_full_disk_nothing_is_lost(tmp_path, large):
    file = file_in(tmp_path, large)
    file.save(NOISE)
    with full_disk(), pytest.raises(FormatError, match="can't write"):
        file.save(NOISE + 1)
    np.testing.assert_array_equal(file_in(tmp_path, large).read()[...], NOISE)
    others = file_in(tmp_path, large)
    with full_disk(), pytest.raises(FormatError, match="can't write"):
        others.save(NOISE + 2)
    assert len(names(tmp_path)) == 1

    file.save(NOISE + 1)
    np.testing.assert_array_equal(file_in(tmp_path, large).read()[...], NOISE + 1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"II nonsense", "not a readable image"),
        (np.ones((4, 5), np.float32), "labels are integers, not float32"),
    ],
)
def test_what_is_no_labels_is_said_and_kept(tmp_path, content, reason):
    path = tmp_path / "a.labels.tif"
    path.write_bytes(content) if isinstance(content, bytes) else tifffile.imwrite(path, content)
    file = file_in(tmp_path)

    with pytest.raises(FormatError, match=reason):
        file.read()
    assert file.save(np.ones((4, 5), np.int32)).kept == tmp_path / "a.labels.old.tif"


def test_a_zarr_that_is_no_labels_is_said(tmp_path):
    path = tmp_path / "a.labels.zarr"
    path.mkdir()
    with pytest.raises(FormatError, match="not a readable zarr"):
        file_in(tmp_path).read()
    zarr.open_group(path)
    with pytest.raises(FormatError, match="one zarr array"):
        file_in(tmp_path).read()
    zarr.create_array(path, shape=(2, 2), dtype="float32", overwrite=True)
    with pytest.raises(FormatError, match="integers, not float32"):
        file_in(tmp_path).read()


def test_labels_below_zero_are_refused(tmp_path):
    with pytest.raises(FormatError, match=r"below 0 \(down to -3\)"):
        file_in(tmp_path).save(np.full((2, 2), -3, np.int32))


def test_folders_are_made_below_the_results_and_nowhere_else(tmp_path):
    results = tmp_path / "results"
    file = LabelsFile(results / "day 1" / "a.labels", results)
    with pytest.raises(FormatError, match="isn't there any more"):
        file.save(np.ones((2, 2), int))
    results.mkdir()
    file.save(np.ones((2, 2), int))

    assert (results / "day 1" / "a.labels.tif").is_file()


def test_a_zarr_between_two_renames_is_put_back(tmp_path):
    """What a process leaves that is killed in that moment."""
    path, before = tmp_path / "a.labels.zarr", tmp_path / ".a.labels.before.zarr"
    file_in(tmp_path, large=0).save(np.ones((2, 2), int))
    path.rename(before)
    assert np.all(file_in(tmp_path, large=0).read()[...] == 1)

    file_in(tmp_path, large=0).save(np.full((2, 2), 2))
    (tmp_path / "a.labels.old.zarr").rename(before)
    recover(path)
    assert np.all(file_in(tmp_path, large=0).read()[...] == 2)
    assert names(tmp_path) == ["a.labels.zarr"]


def test_painting_while_saving_never_breaks(tmp_path):
    """Chunks come and go under the saving thread; the last save has it all."""
    labels, file = in_memory((512, 512), (8, 8)), file_in(tmp_path, large=0)
    stop = threading.Event()
    found = []

    def save():
        try:
            while not stop.is_set():
                file.save(labels)
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=save)
    thread.start()
    for k in range(300):
        labels[k : k + 1, :8] = k % 3
    stop.set()
    thread.join()
    file.save(labels)

    assert found == []
    np.testing.assert_array_equal(file_in(tmp_path, large=0).read()[...], labels[...])
