"""COCO and SA-1B as labelled frames: from our own writers and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.io import imsave
from tifffile import imwrite

from annotated_images import SHAPE, annotated, full, images, two_rectangles
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.annotated import AnnotatedImage
from napari_cutout.formats.objects.coco_writing import write_coco
from napari_cutout.formats.objects.sa1b import write_sa1b
from napari_cutout.train.data import open_data

PIXELS = np.arange(SHAPE[0] * SHAPE[1], dtype=np.uint8).reshape(SHAPE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("annotated")
    imsave(folder / "cells.png", PIXELS, check_contrast=False)
    return folder


def written(folder, image, kind):
    path = folder / f"{kind}.json"
    if kind == "coco":
        write_coco(path, [image])
    else:
        write_sa1b(path, image)
    return path


def visible(image, crowds):
    """The masks that are seen, smaller ones on top, equal ones in the order of the file."""
    left = [one for one in image.objects[::-1] if one.area and (crowds or not one.is_crowd)]
    covered, masks = np.zeros(SHAPE, bool), []
    for one in sorted(left, key=lambda one: one.area):
        masks.append(full(one) & ~covered)
        covered |= full(one)
    return {mask.tobytes() for mask in masks if mask.any()}


@given(images(), st.sampled_from(["coco", "sa1b"]))
def test_objects_come_back_smaller_ones_on_top_and_without_crowds(folder, image, kind):
    data = open_data(written(folder, image, kind))
    frames = list(data.frames())
    found = {
        (frame.labels == number).tobytes()
        for frame in frames
        for number in range(1, frame.labels.max() + 1)
    }
    # SA-1B says nothing of crowds.
    wanted = visible(image, crowds=kind == "sa1b")
    assert found == wanted
    assert data.summary().without_objects == (0 if wanted else 1)
    for frame in frames:
        np.testing.assert_array_equal(frame.frame, PIXELS)


def test_a_hidden_object_leaves_no_gap_in_the_ids(folder):
    mask = np.zeros(SHAPE, bool)
    mask[2:5, 2:5] = True
    image = AnnotatedImage("cells.png", SHAPE, (annotated(1, mask), annotated(2, mask)))
    (frame,) = open_data(written(folder, image, "coco")).frames()
    assert np.unique(frame.labels).tolist() == [0, 1]


def test_a_folder_of_sa1b_has_a_source_for_each_image(tmp_path):
    for name in ("sa_10", "sa_2"):
        imsave(tmp_path / f"{name}.jpg", PIXELS, check_contrast=False)
        write_sa1b(tmp_path / f"{name}.json", replace(two_rectangles(), file_name=f"{name}.jpg"))
    data = open_data(tmp_path)
    assert [source.name.split("/")[1] for source in data.sources] == ["sa_2.json", "sa_10.json"]
    assert data.summary().objects == 4


def test_the_frames_of_a_stack_are_one_source(tmp_path):
    imwrite(tmp_path / "t.tif", np.stack([PIXELS + k for k in range(3)]), photometric="minisblack")
    frames = [replace(two_rectangles(), file_name="t.tif", frame=(k,), id=k) for k in (0, 2)]
    write_coco(tmp_path / "a.json", frames)
    data = open_data(tmp_path)
    assert len(data) == 1
    found = {frame.name.split("/")[1]: frame.frame.min() for frame in data.frames()}
    assert found == {"t.tif[0]": 0, "t.tif[2]": 2}


def test_a_frame_that_a_stack_has_not_is_refused(tmp_path):
    imwrite(tmp_path / "t.tif", np.stack([PIXELS, PIXELS + 1]))
    write_coco(tmp_path / "a.json", [replace(two_rectangles(), file_name="t.tif", frame=(5,))])
    with pytest.raises(FormatError, match=r"frame \[5\] of .*t\.tif"):
        list(open_data(tmp_path).frames())


@pytest.mark.parametrize("kind", ["coco", "sa1b"])
def test_images_may_lie_in_another_folder(tmp_path, kind):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "said").mkdir()
    imsave(tmp_path / "pictures" / "cells.png", PIXELS, check_contrast=False)
    path = written(tmp_path / "said", two_rectangles(), kind)
    for labels in (path, path.parent):
        (frame,) = open_data(tmp_path / "pictures", labels).frames()
        np.testing.assert_array_equal(frame.frame, PIXELS)


@pytest.mark.parametrize("kind", ["coco", "sa1b"])
def test_an_image_that_is_not_found_is_named(tmp_path, kind):
    path = written(tmp_path, two_rectangles(), kind)
    with pytest.raises(FormatError, match=r"cells\.png.*put"):
        list(open_data(path).frames())


def test_images_of_coco_that_are_missing_are_counted_before_any_is_read(tmp_path, folder):
    several = [replace(two_rectangles(), file_name=name, id=k) for k, name in enumerate("ab")]
    empty = AnnotatedImage("c", SHAPE, id=9)
    write_coco(tmp_path / "a.json", [*several, empty])
    with pytest.raises(FormatError, match="2 of 2 images aren't found"):
        open_data(tmp_path / "a.json")


def test_a_name_does_not_lead_out_of_the_folder(tmp_path):
    (tmp_path / "pictures").mkdir()
    imsave(tmp_path / "cells.png", PIXELS, check_contrast=False)
    path = written(tmp_path, replace(two_rectangles(), file_name="../cells.png"), "coco")
    with pytest.raises(FormatError, match="aren't found"):
        open_data(tmp_path / "pictures", path)


def test_an_image_of_another_size_is_refused(tmp_path):
    imsave(tmp_path / "cells.png", PIXELS[:-1], check_contrast=False)
    with pytest.raises(FormatError, match=r"cells\.png: its shape .* does not match"):
        list(open_data(written(tmp_path, two_rectangles(), "coco")).frames())


def test_a_broken_file_of_a_folder_is_named(tmp_path):
    (tmp_path / "a.json").write_text('{"images": [], "annotations": [')
    with pytest.raises(FormatError, match=r"a\.json"):
        open_data(tmp_path)
