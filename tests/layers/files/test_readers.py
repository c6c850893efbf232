"""SA-1B and COCO opened in napari, as by File > Open."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from napari.components import ViewerModel
from npe2 import PluginManager
from skimage.io import imsave

from annotated_images import SHAPE, annotated, full, two_rectangles
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.annotated import AnnotatedImage
from napari_cutout.formats.objects.coco_writing import write_coco
from napari_cutout.formats.objects.geojson import write_geojson
from napari_cutout.formats.objects.sa1b import write_sa1b
from napari_cutout.layers import run_at_once
from napari_cutout.layers.files.readers import get_reader, read_layers
from napari_cutout.layers.target.target import Target
from napari_cutout.segment.windows import Window

PIXELS = np.random.default_rng(0).integers(0, 255, SHAPE).astype(np.uint8)


@pytest.fixture
def viewer():
    manager = PluginManager.instance()
    if "napari" not in manager:
        manager.discover()
    return ViewerModel()


def opened(viewer, path, **options):
    return viewer.open(str(path), plugin="napari-cutout", **options)


def test_sa1b_beside_its_image_gives_image_and_labels(viewer, tmp_path):
    known = {"score": 0.5, "stability": 0.75, "point": (2.0, 3.0), "crop_box": Window(0, 1, 9, 8)}
    write_sa1b(tmp_path / "cells.json", two_rectangles(**known))
    imsave(tmp_path / "cells.png", PIXELS, check_contrast=False)
    image, labels = opened(viewer, tmp_path / "cells.json")

    assert (image.data == PIXELS).all()
    assert (image.name, labels.name) == ("cells", "cells objects")
    expected = np.zeros(SHAPE, int)
    for one in two_rectangles().objects[::-1]:
        expected[full(one)] = one.id
    assert (labels.data == expected).all()
    assert labels.features.to_dict("records") == [
        {
            "index": number, "class": "", "area": area, "box": box, "score": 0.5,
            "stability": 0.75, "model": "", "prompts": 0, "point row": 2.0, "point col": 3.0,
            "crop row": 0.0, "crop col": 1.0, "crop rows": 9.0, "crop cols": 8.0,
        }
        for number, area, box in [(1, 12, "1, 2, 3, 5"), (7, 20, "3, 5, 7, 8")]
    ]  # fmt: skip


def test_without_the_image_there_are_the_labels(viewer, tmp_path):
    write_sa1b(tmp_path / "cells.json", two_rectangles())
    (labels,) = opened(viewer, tmp_path / "cells.json")

    assert labels.data.shape == SHAPE
    assert list(labels.features.columns) == [
        "index", "class", "area", "box", "score", "stability", "model", "prompts",
    ]  # fmt: skip


def test_coco_of_one_image_has_classes_and_crowds(viewer, tmp_path):
    write_coco(tmp_path / "a.json", [two_rectangles(class_name="cell", is_crowd=True)])
    (labels,) = opened(viewer, tmp_path / "a.json")

    assert labels.features["class"].tolist() == ["cell", "cell"]
    assert labels.features["crowd"].tolist() == [True, True]


def test_colours_and_channels_are_those_of_the_image(viewer, tmp_path):
    write_sa1b(tmp_path / "a.json", replace(two_rectangles(), file_name="a.png"))
    imsave(tmp_path / "a.png", np.stack([PIXELS] * 3, -1), check_contrast=False)
    image, _ = opened(viewer, tmp_path / "a.json")

    assert image.rgb


def test_frames_of_one_stack_are_one_layer(viewer, tmp_path):
    first, second = (replace(two_rectangles(), file_name="a.npy", frame=(t,)) for t in (0, 2))
    write_coco(tmp_path / "a.json", [first, second])
    np.save(tmp_path / "a.npy", np.zeros((4, *SHAPE), np.uint8))
    image, labels = opened(viewer, tmp_path / "a.json")

    assert image.data.shape == labels.data.shape == (4, *SHAPE)
    assert [np.unique(frame).tolist() for frame in labels.data] == [[0, 1, 7], [0], [0, 1, 7], [0]]
    assert labels.features["index"].tolist() == [1, 7]
    assert labels.features["area"].tolist() == [24, 40]
    assert labels.features["box"].tolist() == ["1, 2, 3, 5", "3, 5, 7, 8"]


def test_several_images_are_refused_or_the_first_are_opened(viewer, tmp_path):
    several = [replace(two_rectangles(), file_name=f"{k}.png") for k in range(3)]
    write_coco(tmp_path / "a.json", several)

    with pytest.raises(FormatError, match="holds 3 images, and one is opened at a time"):
        opened(viewer, tmp_path / "a.json")
    names = [options["name"] for _, options, _ in read_layers(tmp_path / "a.json", first=2)]
    assert names == ["0 objects", "1 objects"]
    assert len(read_layers(tmp_path / "a.json", first=9)) == 3


def test_ids_that_are_no_labels_are_kept_in_a_column(viewer, tmp_path):
    image = AnnotatedImage("a", SHAPE, (annotated(0, np.eye(3)), annotated(9, np.eye(2))))
    write_sa1b(tmp_path / "a.json", image)
    (labels,) = opened(viewer, tmp_path / "a.json")

    assert labels.features["index"].tolist() == [1, 2]
    assert labels.features["id"].tolist() == [0, 9]


@pytest.mark.parametrize("shape", [(9, 12), (3, *SHAPE), (9,)])
def test_an_image_of_another_size_is_refused(tmp_path, shape):
    write_sa1b(tmp_path / "a.json", replace(two_rectangles(), file_name="a.npy"))
    np.save(tmp_path / "a.npy", np.zeros(shape, np.uint8))

    with pytest.raises(FormatError, match=r"a\.npy has shape .* an image of \(9, 11\)"):
        read_layers(tmp_path / "a.json")


def test_a_damaged_file_is_refused_with_its_reason(viewer, tmp_path):
    path = tmp_path / "a.json"
    write_sa1b(path, two_rectangles())
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(FormatError, match=r"a\.json is not whole JSON"):
        opened(viewer, path)


def test_json_of_others_is_not_ours(viewer, tmp_path):
    write_geojson(tmp_path / "a.json", [two_rectangles()])
    (tmp_path / "b.json").write_text(json.dumps({"kind": "head", "images": 3}))

    for name in ("a.json", "b.json", "none.json"):
        assert get_reader(str(tmp_path / name)) is None
    with pytest.raises(ValueError, match="refused the file"):
        opened(viewer, tmp_path / "a.json")


def test_several_files_are_not_stacked(tmp_path):
    write_sa1b(tmp_path / "a.json", two_rectangles())

    assert get_reader([str(tmp_path / "a.json")] * 2) is None


def test_the_object_table_of_a_session_takes_the_columns_for_its_own(viewer, tmp_path):
    write_coco(tmp_path / "a.json", [two_rectangles(class_name="cell", score=0.5, stability=0.75)])
    imsave(tmp_path / "cells.png", PIXELS, check_contrast=False)
    image, labels = opened(viewer, tmp_path / "a.json")
    target = Target(viewer, image, run_at_once, lambda *_: None, lambda *_: None)
    target.use(labels)
    rows = {row.id: (row.class_name, row.area) for row in target.objects.rows()}

    assert rows == {1: ("cell", 12), 7: ("cell", 19)}
    assert "area (objects)" not in labels.features
    assert labels.features["score"].tolist() == [0.5, 0.5]
    assert labels.features["stability"].tolist() == [0.75, 0.75]
