"""Where models are saved, and which are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from napari.layers import Image

from full_disk import full_disk
from napari_cutout.layers.learning.files import (
    KEPT,
    data_folder,
    free_path,
    in_words,
    remember,
    trained_models,
)


def image(path=None, name="my nuclei"):
    metadata = {} if path is None else {"path": str(path)}
    return Image(np.zeros((4, 4)), name=name, metadata=metadata)


def test_beside_the_image(tmp_path):
    assert (
        free_path(image(tmp_path / "field.tif"), "vit_b") == tmp_path / "field-vit_b-1.safetensors"
    )


def test_in_a_folder_of_its_own_where_the_image_is_no_file():
    assert free_path(image(), "compact") == data_folder() / "my-nuclei-compact-1.safetensors"
    assert free_path(None, "compact") == data_folder() / "compact-1.safetensors"


def test_none_is_written_over(tmp_path):
    """Neither a model, nor what a training left that was interrupted."""
    (tmp_path / "field-compact-1.safetensors").touch()
    (tmp_path / "field-compact-2.state").touch()

    found = free_path(image(tmp_path / "field.tif"), "compact")

    assert found == tmp_path / "field-compact-3.safetensors"


def test_what_goes_on_from_a_trained_model_has_its_name_and_the_next_number(tmp_path):
    first = tmp_path / "field-compact-1.safetensors"
    first.touch()

    assert free_path(image(tmp_path / "field.tif"), first).name == "field-compact-2.safetensors"


def test_a_path_and_a_repository_are_names(tmp_path):
    one = free_path(image(tmp_path / "field.tif"), "facebook/sam-vit-base")
    other = free_path(image(tmp_path / "field.tif"), Path("/models/my own.pt"))

    assert one.name == "field-facebook-sam-vit-base-1.safetensors"
    assert other.name == "field-my-own-1.safetensors"


def test_the_latest_first_and_only_what_is_there(tmp_path):
    paths = [tmp_path / f"{number}.safetensors" for number in range(KEPT + 3)]
    for path in paths:
        path.touch()
        remember(path)
    remember(paths[5])
    paths[7].unlink()

    found = trained_models()

    assert found[:2] == [paths[5], paths[-1]]
    assert len(found) == KEPT - 1


def test_a_list_that_cannot_be_read_or_written_is_none(own_home, tmp_path):
    (tmp_path / "a.safetensors").touch()
    own_home.mkdir()
    (own_home / "trained.json").write_text("{ broken")
    assert trained_models() == []
    (own_home / "trained.json").write_text('{"a": 1}')
    assert trained_models() == []
    with full_disk(0):
        remember(tmp_path / "a.safetensors")
    assert trained_models() == []
    remember(tmp_path / "a.safetensors")
    assert trained_models() == [tmp_path / "a.safetensors"]


def test_a_file_of_ones_own_is_said_with_a_tilde(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))

    assert in_words(tmp_path / "fields" / "mine.safetensors") == str(
        Path("~/fields/mine.safetensors")
    )
    assert in_words(Path("/elsewhere/mine.safetensors")) == str(Path("/elsewhere/mine.safetensors"))
