"""From names and paths to models; what importing the package costs."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from napari_cutout import sam as room
from napari_cutout.sam import load_model, save_huggingface, save_meta
from napari_cutout.sam.errors import DeviceError, WeightsError


def test_a_path(small_sam, pixels, tmp_path):
    save_meta(small_sam, tmp_path / "my.pth")
    loaded = load_model(tmp_path / "my.pth", device="cpu", precision="float32")
    assert torch.equal(loaded.encode(pixels).maps["image"], small_sam.encode(pixels).maps["image"])
    again = load_model(str(tmp_path / "my.pth"), device="cpu", precision="float32")
    assert again.fingerprint == loaded.fingerprint


def test_a_loaded_model_is_frozen(small_tiny, tmp_path):
    save_meta(small_tiny, tmp_path / "my.pth")
    loaded = load_model(tmp_path / "my.pth", device="cpu", precision="bfloat16")
    assert loaded.info.precision == "bfloat16"
    assert not loaded.training
    assert not any(parameter.requires_grad for parameter in loaded.parameters())
    assert {p.dtype for p in loaded.image_encoder.parameters()} == {torch.bfloat16}


def test_a_hub_repository_that_is_on_disk(small_sam, tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_CUTOUT_HOME", str(tmp_path))
    save_huggingface(small_sam, tmp_path / "someone--sam-small")
    loaded = load_model("someone/sam-small", device="cpu", precision="float32")
    assert loaded.config == small_sam.config


def test_a_catalogue_row_says_how_images_are_framed(small_sam, tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_CUTOUT_HOME", str(tmp_path))
    save_huggingface(small_sam, tmp_path / "wanglab--medsam-vit-base")
    loaded = load_model("medsam", device="cpu", precision="float32")
    assert loaded.config == replace(small_sam.config, framing="square")
    assert loaded.encode(torch.zeros(10, 20, 3, dtype=torch.uint8)).input_size == (64, 64)


def test_notes_of_a_checkpoint_come_with_the_model(small_sam, tmp_path):
    path = tmp_path / "best.pt"
    torch.save({"model_state": small_sam.state_dict(), "optimizer": {}}, path)
    assert load_model(path, device="cpu").info.notes == (
        "the model is the file's entry 'model_state'",
        "left out what is not SAM's: optimizer",
    )


def test_an_unknown_name():
    with pytest.raises(WeightsError, match="did you mean 'vit_b'"):
        load_model("vitb")


@pytest.mark.parametrize("suffix", ["pth", "pt", "ckpt", "bin", "safetensors"])
def test_a_path_that_is_not_there(suffix):
    with pytest.raises(WeightsError, match="no such file"):
        load_model(f"weights/my.{suffix}")


def test_the_device_is_checked_before_anything_is_read():
    with pytest.raises(DeviceError):
        load_model("no such model", device="cuda:99")


def test_every_public_name_resolves():
    assert {name for name in room.__all__ if getattr(room, name) is None} == set()
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = room.nonsense


def test_importing_takes_no_torch():
    code = (
        "import sys, napari_cutout.sam as sam; sam.find('vit_b'); sam.fetch; sam.is_on_disk;"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
