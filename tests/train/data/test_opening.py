"""What was given, told by looking at it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from skimage.io import imsave
from tifffile import imwrite

from annotated_images import two_rectangles
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.coco_writing import write_coco
from napari_cutout.formats.objects.ome_labels import write_ome_labels
from napari_cutout.formats.objects.sa1b import write_sa1b
from napari_cutout.train.data import open_data

LABELS = np.zeros((9, 11), np.uint16)
LABELS[2:5, 2:5], LABELS[5:8, 6:9] = 3, 300
IMAGE = np.arange(99, dtype=np.uint8).reshape(9, 11)


def put(path, array=IMAGE):
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".npy":
        np.save(path, array)
    elif path.suffix == ".tif":
        imwrite(path, array)
    else:
        imsave(path, array, check_contrast=False)
    return path


def two_folders(folder, images="images", labels="labels", names=("a", "b")):
    for name in names:
        put(folder / images / f"{name}.png")
        put(folder / labels / f"{name}.tif", LABELS)
    return folder


def names_of(data):
    return [source.name for source in data.sources]


def only(data):
    (frame,) = data.frames()
    return frame


@pytest.mark.parametrize(("images", "labels"), [("images", "labels"), ("images", "masks")])
def test_folders_of_images_and_labels(tmp_path, images, labels):
    data = open_data(two_folders(tmp_path / "cells", images, labels))
    assert names_of(data) == ["cells/a.png", "cells/b.png"]
    frame = next(data.frames())
    np.testing.assert_array_equal(frame.frame, IMAGE)
    np.testing.assert_array_equal(frame.labels > 0, LABELS > 0)
    assert frame.labels.max() == 2


def test_a_folder_of_such_folders(tmp_path):
    two_folders(tmp_path / "cells")
    two_folders(tmp_path / "more", labels="masks", names="c")
    put(tmp_path / "other" / "x.png")
    assert names_of(open_data(tmp_path)) == ["cells/a.png", "cells/b.png", "more/c.png"]


def test_two_folders_that_are_named_apart(tmp_path):
    two_folders(tmp_path / "cells", "raw", "truth")
    data = open_data(tmp_path / "cells" / "raw", tmp_path / "cells" / "truth")
    assert names_of(data) == ["cells/a.png", "cells/b.png"]


def test_images_without_labels_are_left_aside(tmp_path):
    put(two_folders(tmp_path) / "images" / "c.png")
    assert len(open_data(tmp_path)) == 2


@pytest.mark.parametrize(
    ("image", "labels"),
    [
        ("x.tif", "x_mask.tif"),
        ("x.tif", "x_masks.png"),
        ("x.tif", "x_cp_masks.png"),
        ("x.png", "x_labels.tif"),
        ("x.jpg", "x-label.png"),
        ("x.tif", "x.labels.tif"),
        ("000_img.png", "000_masks.png"),
        ("x.npy", "x_gt.npy"),
    ],
)
def test_labels_beside_their_image(tmp_path, image, labels):
    put(tmp_path / "d" / image)
    put(tmp_path / "d" / labels, LABELS)
    put(tmp_path / "d" / "other.png")
    for data in (open_data(tmp_path / "d"), open_data(tmp_path / "d" / image)):
        assert names_of(data) == [f"d/{image}"]
        np.testing.assert_array_equal(only(data).labels > 0, LABELS > 0)


def test_an_image_and_its_labels(tmp_path):
    image, labels = put(tmp_path / "x" / "one.png"), put(tmp_path / "y.tif", LABELS)
    assert only(open_data(image, labels)).name == "x/one.png"


def test_labels_of_floats_or_of_a_palette_are_ids(tmp_path):
    put(tmp_path / "images" / "a.png")
    put(tmp_path / "images" / "b.png")
    put(tmp_path / "labels" / "a.tif", LABELS.astype(np.float32))
    indexed = Image.fromarray(np.where(LABELS == 300, 1, LABELS).astype(np.uint8))
    indexed.putpalette([0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 9])
    indexed.save(tmp_path / "labels" / "b.png")

    expected = [[int((LABELS == 3).sum()), int((LABELS == 300).sum())]] * 2
    found = [sorted(np.bincount(one.labels.ravel())[1:]) for one in open_data(tmp_path).frames()]
    assert found == [sorted(each) for each in expected]


def test_wrong_labels_are_named_not_their_image(tmp_path):
    put(tmp_path / "images" / "a.png")
    put(tmp_path / "labels" / "a.tif", LABELS + 0.5)

    with pytest.raises(FormatError, match=r"labels.a\.tif: labels are whole numbers"):
        list(open_data(tmp_path).frames())


def test_one_image_of_a_folder_of_labels(tmp_path):
    two_folders(tmp_path)
    data = open_data(tmp_path / "images" / "b.png", tmp_path / "labels")
    assert names_of(data) == [f"{tmp_path.name}/b.png"]


def test_ome_zarr_with_its_labels(tmp_path):
    path = ome_zarr(tmp_path / "d" / "cells.zarr")
    for place in (path, path.parent):
        frames = list(open_data(place).frames())
        assert [frame.name for frame in frames] == ["d/cells.zarr[0]", "d/cells.zarr[1]"]
        np.testing.assert_array_equal(frames[1].labels > 0, LABELS > 0)
        assert frames[1].frame.min() == 7


def test_which_of_several_labels_of_a_zarr_is_to_be_said(tmp_path):
    path = ome_zarr(tmp_path / "cells.zarr")
    write_ome_labels(path, np.stack([LABELS, LABELS]) // 300, "large")
    with pytest.raises(FormatError, match=r"labels, large.*open_data"):
        open_data(path)
    frame = next(open_data(path, path / "labels" / "large").frames())
    assert frame.labels.max() == 1


def test_labels_of_a_zarr_are_no_image(tmp_path):
    with pytest.raises(FormatError, match="without an image"):
        open_data(ome_zarr(tmp_path / "cells.zarr") / "labels" / "labels")


def test_several_are_added_up(tmp_path):
    first, second = two_folders(tmp_path / "one"), two_folders(tmp_path / "two", names="c")
    assert names_of(open_data([first, second])) == ["one/a.png", "one/b.png", "two/c.png"]


def test_a_channel_is_taken(tmp_path):
    put(tmp_path / "images" / "a.tif", np.stack([IMAGE, IMAGE * 2]))
    put(tmp_path / "labels" / "a.tif", LABELS)
    np.testing.assert_array_equal(only(open_data(tmp_path, channel=1)).frame, IMAGE * 2)
    with pytest.raises(FormatError, match=r"a\.tif has 2 channels.*channel=K"):
        next(open_data(tmp_path).frames())


def test_a_colour_image_has_no_transparency(tmp_path):
    put(tmp_path / "images" / "a.png", np.stack([IMAGE] * 4, axis=-1))
    put(tmp_path / "labels" / "a.tif", LABELS)
    assert only(open_data(tmp_path)).frame.shape == (9, 11, 3)


def coco(folder):
    write_coco(folder / "instances.json", [two_rectangles()])


def sa1b(folder):
    write_sa1b(folder / "cells.json", two_rectangles())


def siblings(folder):
    put(folder / "x.tif")
    put(folder / "x_mask.tif", LABELS)


@pytest.mark.parametrize(
    ("makers", "said"),
    [
        ((two_folders, coco), "images/ with labels in labels/ and 1 file of COCO"),
        ((two_folders, siblings), "labels/ and 1 image with labels beside them"),
        ((siblings, sa1b), "1 image with labels beside them and 1 file of COCO or SA-1B"),
    ],
)
def test_what_can_be_taken_for_two_kinds_is_refused_with_both(tmp_path, makers, said):
    for make in makers:
        make(tmp_path)
    put(tmp_path / "cells.png")
    with pytest.raises(FormatError, match=f"{said}.*either"):
        open_data(tmp_path)


def test_what_can_be_taken_for_two_kinds_is_opened_when_it_is_said(tmp_path):
    siblings(tmp_path)
    coco(tmp_path)
    put(tmp_path / "cells.png")
    assert names_of(open_data(tmp_path / "instances.json")) == [f"{tmp_path.name}/cells.png"]
    image, labels = tmp_path / "x.tif", tmp_path / "x_mask.tif"
    assert names_of(open_data(image, labels)) == [f"{tmp_path.name}/x.tif"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("labels/a_mask.png", r"two files of labels, a\.tif and a_mask\.png"),
        ("images/a.tif", r"two images, a\.png and a\.tif"),
        ("masks/a.png", "labels/ and masks/"),
    ],
)
def test_two_files_for_one_are_refused_with_both(tmp_path, more, said):
    put(two_folders(tmp_path) / more, LABELS)
    with pytest.raises(FormatError, match=said):
        open_data(tmp_path)


def test_an_exact_name_comes_first(tmp_path):
    siblings(tmp_path)
    put(tmp_path / "x_img.tif")
    assert names_of(open_data(tmp_path)) == [f"{tmp_path.name}/x.tif"]


@pytest.mark.parametrize("given", ["nothing", "x.png", "empty", "empty.json"])
def test_what_holds_no_labelled_image_is_refused(tmp_path, given):
    put(tmp_path / "x.png")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty.json").write_text("{}")
    with pytest.raises(FormatError, match=r"no such file|no labelled image"):
        open_data(tmp_path / given)


def test_no_place_at_all_is_refused():
    with pytest.raises(FormatError, match="no folder or file"):
        open_data([])


def test_labels_of_several_folders_are_refused(tmp_path):
    with pytest.raises(FormatError, match="give no list"):
        open_data([tmp_path], tmp_path)


def test_one_label_file_for_a_folder_is_refused(tmp_path):
    two_folders(tmp_path)
    with pytest.raises(FormatError, match="labels of one image"):
        open_data(tmp_path / "images", tmp_path / "labels" / "a.tif")


def test_cellpose_objects_are_not_unpickled(tmp_path):
    put(tmp_path / "x.tif")
    put(tmp_path / "x_seg.npy", np.array({"masks": LABELS}, object))
    with pytest.raises(FormatError, match="no labelled image"):
        open_data(tmp_path)


def test_files_are_read_when_it_is_their_turn(tmp_path):
    two_folders(tmp_path)
    (tmp_path / "labels" / "b.tif").write_bytes(b"cut off")
    frames = open_data(tmp_path).frames()
    assert next(frames).name.endswith("a.png")
    with pytest.raises(FormatError, match=r"b\.tif"):
        next(frames)


def ome_zarr(path):
    import zarr

    path.parent.mkdir(exist_ok=True)
    group = zarr.create_group(path, zarr_format=3)
    pixels = group.create_array("0", shape=(1, 2, 9, 11), dtype=np.uint8)
    pixels[:, 1] = 7
    names = [("c", "channel"), ("z", "space"), ("y", "space"), ("x", "space")]
    scale = [{"type": "scale", "scale": [1, 1, 1, 1]}]
    dataset = {"path": "0", "coordinateTransformations": scale}
    axes = [{"name": name, "type": kind} for name, kind in names]
    stated = {"version": "0.5", "multiscales": [{"axes": axes, "datasets": [dataset]}]}
    group.attrs.update({"ome": stated})
    write_ome_labels(path, np.stack([LABELS, LABELS]))
    return path
