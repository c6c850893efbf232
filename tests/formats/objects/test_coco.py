"""COCO: written and read, loaded by pycocotools, from others, and refused with a reason."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools.coco import COCO

from annotated_images import SHAPE, annotated, full, images, two_rectangles
from full_disk import full_disk
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.coco import open_coco
from napari_cutout.formats.objects.coco_writing import write_coco
from napari_cutout.segment.rle import Rle

# The decoder of pycocotools 2.0.11 isn't one for numpy 2 yet.
THEIR_WARNING = pytest.mark.filterwarnings("ignore:__array__ implementation")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("coco")


@pytest.fixture
def value():
    """A file of one image without annotations."""
    return {
        "images": [{"id": 5, "width": 11, "height": 9, "file_name": "a.png"}],
        "categories": [{"id": 2, "name": "cell"}],
        "annotations": [],
    }


def read(path, value, place=0):
    path = path / "instances.json"
    path.write_text(json.dumps(value))
    return open_coco(path).read(place)


def loaded(path):
    """The file as pycocotools has it, which tells how it is going."""
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


@given(images(), st.booleans())
def test_an_image_comes_back_as_it_was(folder, image, polygons):
    write_coco(folder / "a.json", [image], polygons=polygons)

    assert open_coco(folder / "a.json").read(0) == image


@given(st.lists(images(), max_size=3), st.booleans())
def test_images_come_back_in_order(folder, several, polygons):
    several = [replace(one, id=place) for place, one in enumerate(several)]
    write_coco(folder / "a.json", iter(several), polygons=polygons)
    coco = open_coco(folder / "a.json")

    assert [coco.read(place) for place in range(len(coco.images))] == several


@THEIR_WARNING
@given(st.lists(images(), min_size=1, max_size=3), st.booleans())
def test_pycocotools_reads_what_is_written(folder, several, polygons):
    write_coco(folder / "a.json", several, polygons=polygons)
    api = loaded(folder / "a.json")
    expected = [(image, one) for image in several for one in image.objects]
    given = list(api.anns.values())

    assert len(api.imgs) == len(several)
    assert len(api.anns) == len(expected)
    for annotation, (image, one) in zip(given, expected, strict=True):
        assert (api.annToMask(annotation) == full(one)).all()
        assert annotation["area"] == one.area
        assert annotation["iscrowd"] == one.is_crowd
        assert api.imgs[annotation["image_id"]]["file_name"] == image.file_name
        if one.area:
            x, y, width, height = annotation["bbox"]
            assert (y, x, y + height - 1, x + width - 1) == one.box


def test_frames_of_a_stack_keep_their_place(folder):
    frames = [replace(two_rectangles(), frame=(t, 4), id=t) for t in range(2)]
    write_coco(folder / "a.json", frames)
    coco = open_coco(folder / "a.json")

    assert [coco.read(place) for place in range(2)] == frames


def test_ids_are_unique_in_the_file(folder):
    write_coco(folder / "a.json", [two_rectangles(), two_rectangles()])
    written = json.loads((folder / "a.json").read_text())

    assert [one["id"] for one in written["images"]] == [3, 4]
    assert [one["id"] for one in written["annotations"]] == [1, 7, 2, 3]


def test_polygons_are_written_where_there_are_no_holes(folder):
    ring = np.ones((3, 3), bool)
    ring[1, 1] = False
    image = replace(two_rectangles(), objects=(annotated(1, np.eye(2)), annotated(2, ring)))
    write_coco(folder / "a.json", [image], polygons=True)
    first, second = json.loads((folder / "a.json").read_text())["annotations"]

    assert first["segmentation"] == [[1, 0, 1, 1, 0, 1, 0, 0], [2, 1, 2, 2, 1, 2, 1, 1]]
    assert second["segmentation"]["size"] == list(SHAPE)


def test_crowds_are_run_lengths(folder):
    write_coco(folder / "a.json", [two_rectangles(is_crowd=True)], polygons=True)
    first, _ = json.loads((folder / "a.json").read_text())["annotations"]

    assert first["segmentation"]["size"] == list(SHAPE)


def test_writing_takes_one_image_after_the_other(folder):
    def each():
        for place in range(3):
            assert place == 0 or list(folder.glob(".a.*.part.json"))
            yield two_rectangles()

    write_coco(folder / "a.json", each())
    assert len(open_coco(folder / "a.json").images) == 3


def test_uncompressed_runs_and_crowds_are_read(tmp_path, value):
    mask = full(two_rectangles().objects[0])
    runs = Rle.encode(mask).runs().tolist()
    value["annotations"] = [
        {"id": 8, "image_id": 5, "category_id": 2, "iscrowd": 1, "bbox": [0, 0, 1, 1],
         "segmentation": {"size": [9, 11], "counts": runs}, "area": 12.0}
    ]  # fmt: skip
    (one,) = read(tmp_path, value).objects

    assert (full(one) == mask).all()
    assert (one.id, one.class_name, one.is_crowd) == (8, "cell", True)


def test_polygons_of_several_parts_add_up(tmp_path, value):
    parts = [[1, 1, 4, 1, 4, 4, 1, 4], [3, 3, 8, 3, 8, 6, 3, 6], [2, 2, 3, 2, 3, 3, 2, 3]]
    value["annotations"] = [{"image_id": 5, "segmentation": parts}]
    (one,) = read(tmp_path, value).objects
    expected = np.zeros(SHAPE, bool)
    expected[1:4, 1:4] = expected[3:6, 3:8] = True

    assert (full(one) == expected).all()
    assert (one.id, one.class_name, one.is_crowd) == (1, "", False)


@pytest.mark.parametrize("categories", [[], None])
def test_classes_that_nobody_names_are_told_apart_by_number(tmp_path, value, categories):
    value["annotations"] = [{"image_id": 5, "segmentation": [], "category_id": n} for n in (3, 7)]

    found = read(tmp_path, value | {"categories": categories}).objects
    assert [one.class_name for one in found] == ["3", "7"]


def test_whole_numbers_may_have_a_point(tmp_path, value):
    value["images"] = [{"id": 5.0, "width": 11.0, "height": 9.0, "file_name": "a.png"}]
    value["annotations"] = [{"id": 1.0, "image_id": 5, "segmentation": []}]

    assert read(tmp_path, value).shape == (9, 11)


def test_empty_parts_add_nothing(tmp_path, value):
    part = [1, 1, 4, 1, 4, 4, 1, 4]
    value["annotations"] = [
        {"image_id": 5, "segmentation": parts} for parts in ([part, []], [[]], [])
    ]

    assert [one.area for one in read(tmp_path, value).objects] == [9, 0, 0]


SLOPED = st.lists(st.floats(-4, 14, width=16), min_size=6, max_size=16).filter(
    lambda numbers: len(numbers) % 2 == 0
)


@THEIR_WARNING
@given(st.lists(SLOPED, min_size=1, max_size=3))
def test_any_polygons_are_read_as_pycocotools_does(folder, parts):
    value = {
        "images": [{"id": 5, "width": 11, "height": 9, "file_name": "a.png"}],
        "annotations": [{"id": 1, "image_id": 5, "segmentation": parts}],
    }
    (one,) = read(folder, value).objects
    api = loaded(folder / "instances.json")

    assert (full(one) == api.annToMask(api.anns[1])).all()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"segmentation": {"size": [11, 9], "counts": "k3"}}, "11 rows and 9 columns, the image 9"),
        ({"segmentation": {"size": [9, 11], "counts": [90, 3]}}, "add up to 99, not to 93"),
        ({"segmentation": {"size": [9, 11], "counts": [100, -1]}}, "list of whole numbers >= 0"),
        ({"segmentation": {"size": [9, 11], "counts": "~~"}}, "not the runs of a mask"),
        ({"segmentation": [[1, 1, 2, 2]]}, "not a list of 4 numbers"),
        ({"segmentation": [[1, 1, 2, 2, 3, 3, 4]]}, "not a list of 7 numbers"),
        ({"segmentation": [[1, 1, 2, 2, 1e12, 3]]}, "1e.12, far outside"),
        ({"segmentation": [[1, 1, 2, 2, "3", 3]]}, "a list of numbers"),
        ({"segmentation": None}, "not as None"),
        ({"category_id": 9}, "category 9 isn't among"),
        ({"iscrowd": 2}, "iscrowd is 0 or 1"),
    ],
)
def test_a_wrong_annotation_is_named(tmp_path, value, changes, reason):
    good = {"id": 8, "image_id": 5, "category_id": 2, "segmentation": []}
    value["annotations"] = [good, {**good, "id": 9} | changes]

    with pytest.raises(FormatError, match=rf"instances\.json: annotation 1 \(id 9\): .*{reason}"):
        read(tmp_path, value)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"images": [{"id": 5, "file_name": "a.png"}]}, "image 5: an image has no 'height'"),
        ({"images": [{"id": 5, "width": 1, "height": 1}]}, "no 'file_name'"),
        ({"images": []}, "annotation 0: its image 5 isn't among"),
        ({"annotations": [{"image_id": "5"}]}, "annotation 0: .*a whole number"),
        ({"annotations": ["x"]}, "annotation 0: an annotation is written as"),
        ({"annotations": None}, "which this is not"),
        ({"categories": [{"id": 1}]}, "no 'name'"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path, value, changes, reason):
    value["annotations"] = [{"image_id": 5, "segmentation": []}]

    with pytest.raises(FormatError, match=rf"instances\.json: .*{reason}"):
        read(tmp_path, value | changes)


def test_two_images_of_one_id_are_refused(tmp_path, value):
    value["images"] *= 2

    with pytest.raises(FormatError, match="two images have the id 5"):
        read(tmp_path, value)


def test_a_file_that_was_cut_off_is_refused(tmp_path):
    path = tmp_path / "a.json"
    write_coco(path, [two_rectangles()])
    path.write_bytes(path.read_bytes()[:-40])

    with pytest.raises(FormatError, match=r"a\.json is not whole JSON"):
        open_coco(path)


def test_a_full_disk_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.json"
    write_coco(path, [two_rectangles()])
    before = path.read_bytes()
    with full_disk(), pytest.raises(FormatError, match=r"can't write .*a\.json"):
        write_coco(path, [two_rectangles()] * 3)

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
