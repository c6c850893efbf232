"""SA-1B: written and read, from others, and refused with a reason."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from annotated_images import SHAPE, full, images, two_rectangles
from full_disk import full_disk
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.sa1b import read_sa1b, write_sa1b
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.windows import Window


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sa1b")


@pytest.fixture
def written(tmp_path):
    """A file as it is written, and what is in it."""
    known = {"score": 0.9, "stability": 0.95, "point": (2.5, 3.0), "crop_box": Window(1, 2, 5, 6)}
    path = tmp_path / "cells.json"
    write_sa1b(path, two_rectangles(**known))
    return path, json.loads(path.read_text())


def changed(path, value):
    path.write_text(json.dumps(value))
    return path


@given(images())
def test_files_come_back_as_they_were(folder, image):
    path = folder / "cells.json"
    write_sa1b(path, image)

    def known(one):
        crop = one.crop_box or Window(0, 0, *SHAPE)
        return replace(one, class_name="", is_crowd=False, crop_box=crop)

    assert read_sa1b(path) == replace(image, objects=tuple(map(known, image.objects)))


def test_files_have_the_fields_of_the_data_set(written):
    _, value = written
    annotation = value["annotations"][0]

    assert value["image"] == {"image_id": 3, "width": 11, "height": 9, "file_name": "cells.png"}
    assert annotation.pop("segmentation") == {
        "size": list(SHAPE),
        "counts": Rle.encode(full(two_rectangles().objects[0])).counts,
    }
    assert annotation == {
        "id": 1,
        "bbox": [2, 1, 4, 3],
        "area": 12,
        "predicted_iou": 0.9,
        "stability_score": 0.95,
        "point_coords": [[3.0, 2.5]],
        "crop_box": [2, 1, 6, 5],
    }


def test_what_is_unknown_is_null(tmp_path):
    write_sa1b(tmp_path / "cells.json", two_rectangles())
    annotation = json.loads((tmp_path / "cells.json").read_text())["annotations"][0]

    assert (annotation["predicted_iou"], annotation["stability_score"]) == (None, None)
    assert (annotation["point_coords"], annotation["crop_box"]) == ([], [0, 0, 11, 9])


def test_a_list_of_annotations_is_read(written):
    path, value = written
    image = read_sa1b(changed(path, value["annotations"]))

    assert (image.file_name, image.shape) == ("cells", SHAPE)
    assert [one.id for one in image.objects] == [1, 7]


def test_fractions_of_a_crop_box_are_rounded_outwards(written):
    path, value = written
    value["annotations"][0]["crop_box"] = [1.5, 0.0, 3.0, 4.25]

    assert read_sa1b(changed(path, value)).objects[0].crop_box == Window(0, 1, 5, 4)


@pytest.mark.parametrize(
    ("key", "wrong", "reason"),
    [
        ("segmentation", {"size": [9, 10], "counts": "1"}, "9 rows and 10 columns, the image 9"),
        ("segmentation", {"size": [9, 11], "counts": "1"}, "not the runs of a mask"),
        ("segmentation", {"size": [9, 11]}, "no 'counts'"),
        ("segmentation", "mask.png", "not as 'mask.png'"),
        ("predicted_iou", "high", "'predicted_iou' of an annotation is a number, not 'high'"),
        ("point_coords", [[1]], "rows of 2 numbers"),
        ("crop_box", [1, 2], "crop_box is"),
        ("id", 1.5, "a whole number"),
    ],
)
def test_a_wrong_annotation_is_named(written, key, wrong, reason):
    path, value = written
    value["annotations"][1][key] = wrong

    with pytest.raises(FormatError, match=rf"cells\.json: annotation 1: .*{reason}"):
        read_sa1b(changed(path, value))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"images": [], "annotations": []}, "which this is not"),
        ({"image": {"width": 3}, "annotations": []}, "no 'height'"),
        ({"image": {"width": 3, "height": 2}, "annotations": {}}, "is a list"),
        ([{"image_id": 3, "segmentation": {}}], "of one image"),
        ([{"segmentation": [[0, 0, 2, 0, 2, 2]]}], "size of the image isn't said"),
        ("text", "which this is not"),
    ],
)
def test_other_files_are_refused(tmp_path, value, reason):
    with pytest.raises(FormatError, match=rf"other\.json: .*{reason}"):
        read_sa1b(changed(tmp_path / "other.json", value))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"[" * 100_000, b"{'a': 1}"])
def test_what_is_no_json_is_refused(tmp_path, content):
    (tmp_path / "other.json").write_bytes(content)

    with pytest.raises(FormatError, match=r"other\.json"):
        read_sa1b(tmp_path / "other.json")


def test_a_file_that_was_cut_off_anywhere_is_refused(written):
    path, _ = written
    content = path.read_bytes().rstrip()
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        with pytest.raises(FormatError, match=r"cells\.json is not whole JSON"):
            read_sa1b(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FormatError, match=r"can't read .*none\.json: No such file"):
        read_sa1b(tmp_path / "none.json")


def test_a_full_disk_leaves_what_was_there(written):
    path, value = written
    with full_disk(), pytest.raises(FormatError, match=r"can't write .*cells\.json"):
        write_sa1b(path, two_rectangles())

    assert json.loads(path.read_text()) == value
    assert list(path.parent.iterdir()) == [path]


def test_a_frame_of_a_stack_is_refused(tmp_path):
    with pytest.raises(FormatError, match=r"frame \[2\] of a stack"):
        write_sa1b(tmp_path / "cells.json", replace(two_rectangles(), frame=(2,)))


def test_an_image_with_too_many_pixels_is_refused(tmp_path):
    image = replace(two_rectangles(), shape=(100_000, 100_000))

    with pytest.raises(FormatError, match="GeoJSON and OME-Zarr hold it"):
        write_sa1b(tmp_path / "cells.json", image)


def test_a_score_of_numpy_is_written(tmp_path):
    write_sa1b(tmp_path / "cells.json", two_rectangles(score=float(np.float32(0.5))))

    assert read_sa1b(tmp_path / "cells.json").objects[0].score == 0.5
