"""Folders of SA-1B and COCO: what is in them, which images belong to them, which files don't."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from annotated_images import two_rectangles
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.annotated_folder import open_annotated_folder
from napari_cutout.formats.objects.coco_writing import write_coco
from napari_cutout.formats.objects.geojson import write_geojson
from napari_cutout.formats.objects.image_beside import find_image
from napari_cutout.formats.objects.json_kind import json_kind
from napari_cutout.formats.objects.sa1b import write_sa1b


def made(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    return path


def test_a_folder_of_sa1b_is_in_natural_order(tmp_path):
    for number in (10, 9, 1):
        image = replace(two_rectangles(), file_name=f"sa_{number}.jpg", id=number)
        write_sa1b(tmp_path / f"sa_{number}.json", image)
        made(tmp_path / f"sa_{number}.jpg")
    (tmp_path / "notes.json").write_text('{"author": "somebody"}')
    folder = open_annotated_folder(tmp_path)

    assert [entry.name for entry in folder] == ["sa_1.json", "sa_9.json", "sa_10.json"]
    assert [entry.read().id for entry in folder] == [1, 9, 10]
    assert folder[1].image_path() == tmp_path / "sa_9.jpg"
    assert len(folder) == 3


def test_sa1b_is_opened_when_it_is_its_turn(tmp_path):
    write_sa1b(tmp_path / "a.json", two_rectangles())
    path = tmp_path / "b.json"
    write_sa1b(path, two_rectangles())
    path.write_bytes(path.read_bytes()[:-30])
    good, bad = open_annotated_folder(tmp_path)

    assert [one.id for one in good.read().objects] == [1, 7]
    with pytest.raises(FormatError, match=r"b\.json is not whole JSON"):
        bad.read()


@pytest.mark.parametrize("end", ['"annotations"', '"width"', '"file_name"'])
def test_sa1b_that_was_cut_off_before_its_annotations_is_listed(tmp_path, end):
    path = tmp_path / "a.json"
    write_sa1b(path, two_rectangles())
    path.write_bytes(path.read_bytes().partition(end.encode())[0])
    (entry,) = open_annotated_folder(tmp_path)

    assert (entry.name, entry.problem) == ("a.json", "")
    with pytest.raises(FormatError, match=r"a\.json is not whole JSON"):
        entry.read()


def cut_off_coco(path):
    write_coco(path, [two_rectangles()])
    path.write_bytes(path.read_bytes()[:-30])


def test_a_broken_file_of_coco_does_not_hide_the_others(tmp_path):
    write_coco(tmp_path / "a.json", [two_rectangles()])
    cut_off_coco(tmp_path / "b.json")
    (tmp_path / "c.json").write_text('{"images": [{"id": "x"}], "annotations": []}')
    good, cut_off, wrong = open_annotated_folder(tmp_path)

    assert (good.name, good.problem) == ("cells.png", "")
    assert (cut_off.name, wrong.name) == ("b.json", "c.json")
    assert "b.json is not whole JSON" in cut_off.problem
    assert "c.json: " in wrong.problem
    assert cut_off.count_objects() is None
    with pytest.raises(FormatError, match=r"b\.json is not whole JSON"):
        cut_off.read()


def test_a_broken_file_that_is_given_is_refused(tmp_path):
    cut_off_coco(tmp_path / "a.json")
    with pytest.raises(FormatError, match=r"a\.json is not whole JSON"):
        open_annotated_folder(tmp_path / "a.json")


def test_objects_are_counted_without_reading_them(tmp_path):
    write_sa1b(tmp_path / "s.json", two_rectangles())
    write_sa1b(tmp_path / "emptied.json", two_rectangles())
    write_coco(tmp_path / "c.json", [two_rectangles()])
    entries = list(open_annotated_folder(tmp_path))
    (tmp_path / "emptied.json").write_bytes(b"")

    counts = {entry.path.name: entry.count_objects() for entry in entries}
    assert counts == {"s.json": 2, "emptied.json": None, "c.json": 2}


def test_an_image_that_sa1b_names_otherwise_is_found_once_it_was_read(tmp_path):
    write_sa1b(tmp_path / "a.json", two_rectangles())
    image = made(tmp_path / "cells.png")
    (entry,) = open_annotated_folder(tmp_path)

    assert entry.image_path() is None
    assert entry.image_path(entry.read()) == image


@pytest.mark.parametrize("inside", ["instances.json", "annotations/instances.json"])
def test_a_folder_of_coco_has_the_images_of_its_file(tmp_path, inside):
    path = made(tmp_path / inside)
    several = [replace(two_rectangles(), file_name=f"{name}.png", id=place)
               for place, name in enumerate("ba")]  # fmt: skip
    write_coco(path, several)
    found = made(tmp_path / "images" / "a.png")
    folder = open_annotated_folder(tmp_path)

    assert [entry.name for entry in folder] == ["b.png", "a.png"]
    assert [entry.read() for entry in folder] == several
    assert [entry.image_path() for entry in folder] == [None, found]
    assert [entry.name for entry in open_annotated_folder(path)] == ["b.png", "a.png"]


def test_frames_are_named_by_their_place(tmp_path):
    write_coco(tmp_path / "a.json", [replace(two_rectangles(), frame=(2, 5))])

    assert [entry.name for entry in open_annotated_folder(tmp_path)] == ["cells.png [2, 5]"]


def test_a_folder_without_annotations_is_refused(tmp_path):
    made(tmp_path / "a.png")
    with pytest.raises(FormatError, match="no annotated image"):
        open_annotated_folder(tmp_path)
    with pytest.raises(FormatError, match="no such file or folder"):
        open_annotated_folder(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("cells.png", "cells.png"),
        ("images/cells.png", "cells.png"),
        ("train/cells.png", "train/cells.png"),
        ("cells.png", "somewhere/else/cells.png"),
        ("cells.png", "/root/cells.png"),
        ("cells.png", "..\\..\\cells.png"),
        ("../images/val2017/cells.png", "cells.png"),
        ("../val2017/cells.png", "cells.png"),
        ("val2017.tif", ""),
    ],
)
def test_images_are_found_where_data_sets_keep_them(tmp_path, where, name):
    annotations = tmp_path / "annotations" / "instances_val2017.json"
    annotations.parent.mkdir()
    if not name:
        annotations = tmp_path / "annotations" / "val2017.coco.json"
    image = made(annotations.parent / where)

    found = find_image(annotations, name)
    assert found is not None
    assert found.resolve() == image.resolve()


def test_names_that_lead_upwards_are_not_followed(tmp_path):
    made(tmp_path / "secret" / "a.png")
    annotations = tmp_path / "set" / "annotations" / "a.json"
    annotations.parent.mkdir(parents=True)

    assert find_image(annotations, "../../secret/a.png") is None
    assert find_image(annotations, str(tmp_path / "secret" / "a.png")) is None


def test_kinds_are_told_apart(tmp_path):
    write_sa1b(tmp_path / "s.json", two_rectangles())
    write_coco(tmp_path / "c.json", [two_rectangles()] * 600)
    write_coco(tmp_path / "few.json", [])
    write_geojson(tmp_path / "g.json", [two_rectangles()])

    kinds = {path.name: json_kind(path) for path in tmp_path.iterdir()}
    assert kinds == {"s.json": "sa1b", "c.json": "coco", "few.json": "coco", "g.json": None}
    assert (tmp_path / "c.json").stat().st_size > 1 << 16


PADDING = "x" * (1 << 16)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"images": [PADDING], "annotations": []}, "coco"),
        ({"image": {"file_name": PADDING}, "annotations": []}, "sa1b"),
        ({"categories": [], "images": [PADDING]}, "coco"),
        ({"info": {"images": 3}}, None),
        ({"image": "a.png"}, None),
        ({"image": "a.png", "objects": []}, None),
        ({"text": '"images": [], "annotations": []'}, None),
        ({"version": 1, "images": [PADDING], "annotations": []}, None),
        ([{"segmentation": {}, "stability_score": 0.5}], "sa1b"),
        ([{"segmentation": {}, "image_id": 5, "score": 0.5}], None),
        ([], None),
        ("images", None),
        (3, None),
    ],
)
def test_a_kind_is_told_by_the_outermost_keys(tmp_path, value, kind):
    (tmp_path / "a.json").write_text(json.dumps(value))

    assert json_kind(tmp_path / "a.json") == kind


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ('{"image": {"image_id": 5', "sa1b"),
        ('{"image": {"image_id": 5}', "sa1b"),
        ('{"image": {"image_id": 5}}', None),
        ('{"images": [{"id": 1', "coco"),
        ('{"info": {"year": 2014}, "images": []}', None),
        ('{"author": {"name": "me"', None),
    ],
)
def test_what_was_cut_off_has_the_kind_that_it_began_with(tmp_path, content, kind):
    (tmp_path / "a.json").write_text(content)

    assert json_kind(tmp_path / "a.json") == kind


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"{", b"{images: [}", b"\x00" * 99])
def test_what_is_no_json_has_no_kind(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)

    assert json_kind(tmp_path / "a.json") is None
    assert json_kind(tmp_path) is None
