"""A file that holds no weights is called what it is."""

from __future__ import annotations

from zipfile import ZipFile

import pytest
import torch

from napari_cutout.sam.errors import WeightsError
from napari_cutout.sam.weight_files import read_weights


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\n<!DOCTYPE html><html><body>Not found", "a web page"),
        (b"<HTML>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 375042383\n", "git lfs"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
    ],
)
@pytest.mark.parametrize("name", ["sam.pth", "model.safetensors"])
def test_from_its_first_bytes(content, kind, name, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WeightsError, match=rf"{name}: .*{kind}"):
        read_weights(tmp_path / name)


def test_an_archive_of_weights(tmp_path):
    with ZipFile(tmp_path / "sam.zip", "w") as archive:
        archive.writestr("sam_vit_b.pth", b"weights")
    with pytest.raises(WeightsError, match=r"zip archive with sam_vit_b\.pth in it; unpack it"):
        read_weights(tmp_path / "sam.zip")


@pytest.mark.filterwarnings("ignore")  # torch gives these programs up
def test_a_torchscript_program(tmp_path):
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), tmp_path / "sam.pt")
    with pytest.raises(WeightsError, match=r"TorchScript program, .*; save the state dict"):
        read_weights(tmp_path / "sam.pt")


def test_others_are_called_damaged(tmp_path):
    (tmp_path / "sam.pt").write_bytes(b"hello")
    with pytest.raises(WeightsError, match="not a whole torch or safetensors file"):
        read_weights(tmp_path / "sam.pt")
