"""What is learned from is the same from memory and from disk, and lies where the network has it."""

import numpy as np
import pytest
import torch

from napari_cutout.sam.loading import load_model
from napari_cutout.train.tuning.examples import Shelf
from napari_cutout.train.tuning.gathering import make_example
from napari_cutout.train.tuning.views import View


@pytest.fixture
def view():
    labels = np.zeros((32, 48), np.int32)
    labels[4:20, 10:30] = 5
    pixels = np.repeat((labels > 0).astype(np.uint8)[..., None] * 200, 3, axis=2)
    return View(pixels, labels)


@pytest.fixture(params=["compact", "vit", "tiny_vit"])
def model(models, request):
    return load_model(models[request.param], "cpu", "float32")


def test_objects_lie_where_the_network_has_them(model, view):
    example = make_example(view, model, keep_features=True, keep_pixels=False)

    # 48 pixels become 64.
    (box,) = example.scene.boxes
    assert np.abs(box - np.array([4, 10, 20, 30]) * 64 / 48).max() <= 1
    rows, cols = model.logits_size((32, 48))
    assert example.scene.distance.shape == (rows, cols)
    assert example.features.pixel_size == example.features.input_size == (43, 64)
    assert example.pixels is None


def test_pixels_are_kept_where_the_encoder_learns(model, view):
    example = make_example(view, model, keep_features=False, keep_pixels=True)

    assert example.features is None
    assert (example.pixels == view.pixels).all()


def test_an_object_of_a_few_pixels_is_no_example(model, view):
    tiny = View(view.pixels, np.pad([[1]], ((8, 23), (8, 39))).astype(np.int32))

    assert make_example(tiny, model, keep_features=True, keep_pixels=False) is None


def test_a_shelf_gives_the_same_from_disk_as_from_memory(model, view, tmp_path):
    example = make_example(view, model, keep_features=True, keep_pixels=True)
    shelf = Shelf(tmp_path / "shelf", memory=example.nbytes)
    shelf.add(example)
    shelf.add(example)

    assert [path.name for path in (tmp_path / "shelf").iterdir()] == ["000001.npz"]
    held, read = shelf[0], shelf[1]
    assert held is example
    for name, value in vars(held.scene).items():
        assert np.array_equal(value, getattr(read.scene, name)), name
    for name, value in held.features.maps.items():
        assert torch.equal(value, read.features.maps[name]), name
    assert read.features.input_size == held.features.input_size
    assert (read.pixels == held.pixels).all()


def test_nothing_is_left_of_a_shelf(model, view, tmp_path):
    (tmp_path / "shelf").mkdir()
    (tmp_path / "shelf" / "of-a-killed-run.npz").touch()
    shelf = Shelf(tmp_path / "shelf", memory=0)
    shelf.add(make_example(view, model, keep_features=True, keep_pixels=False))
    assert [path.name for path in (tmp_path / "shelf").iterdir()] == ["000000.npz"]
    shelf.close()

    assert list(tmp_path.iterdir()) == []
