"""Reading weights files that are not to be trusted."""

from __future__ import annotations

import argparse
import collections
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from napari_cutout.sam.errors import WeightsError
from napari_cutout.sam.weight_files import read_weights


class Foreign:
    """A class that a training script might pickle beside its weights."""


class Malicious:
    """Runs a command when it is unpickled."""

    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        """Say how to be made again."""
        return os.system, (self.command,)


@pytest.mark.parametrize(
    "save", [torch.save, lambda obj, path: path.write_bytes(pickle.dumps(obj))]
)
def test_code_is_refused_and_not_run(save, tmp_path):
    trace = tmp_path / "trace"
    path = tmp_path / "sam.pt"
    save({"weight": Malicious(f"touch {trace}")}, path)
    with pytest.raises(WeightsError):
        read_weights(path)
    assert not trace.exists()


def test_the_refusal_says_what_it_found(tmp_path):
    for found, name in [(Malicious("true"), "system"), (Foreign(), r"test_weight_files\.Foreign")]:
        torch.save({"weight": found}, tmp_path / "sam.pt")
        with pytest.raises(WeightsError, match=rf"refused, .* run code .*{name}"):
            read_weights(tmp_path / "sam.pt")


@pytest.mark.parametrize("kind", ["torch", "legacy", "safetensors"])
@pytest.mark.parametrize("kept", [0, 1, 9, 100, 0.5, 0.99])
def test_truncated_files(kind, kept, tmp_path):
    path = tmp_path / "sam.pth"
    tensors = {"weight": torch.ones(1000)}
    if kind == "safetensors":
        save_file(tensors, path)
    else:
        torch.save(tensors, path, _use_new_zipfile_serialization=kind == "torch")
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content)) if isinstance(kept, float) else kept])
    with pytest.raises(WeightsError, match=r"sam\.pth: .*get it again"):
        read_weights(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 no zip", bytes(range(256)) * 9])
def test_files_that_are_something_else(content, tmp_path):
    path = tmp_path / "sam.safetensors"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="get it again"):
        read_weights(path)


def test_the_suffix_means_nothing(tmp_path):
    save_file({"weight": torch.ones(2)}, tmp_path / "a.pth", {"architecture": "x"})
    torch.save({"weight": torch.ones(2)}, tmp_path / "b.safetensors")
    first, second = read_weights(tmp_path / "a.pth"), read_weights(tmp_path / "b.safetensors")
    assert torch.equal(first.content["weight"], second.content["weight"])
    assert first.metadata == {"architecture": "x"}


def test_metrics_as_numpy_numbers_are_read(tmp_path):
    content = {"best": np.float64(0.5), "epoch": np.int64(3), "weight": torch.ones(1)}
    torch.save(content, tmp_path / "best.pt")
    assert read_weights(tmp_path / "best.pt").content["epoch"] == 3


def test_arguments_and_paths_are_read(tmp_path):
    content = {
        "hyper_parameters": argparse.Namespace(lr=0.1, data=Path("images")),
        "folder": tmp_path,
        "metrics": collections.defaultdict(list, loss=[0.5]),
        "weight": torch.ones(1),
    }
    torch.save(content, tmp_path / "last.ckpt")
    read = read_weights(tmp_path / "last.ckpt").content
    assert read["hyper_parameters"].lr == 0.1
    assert read["metrics"] == {"loss": [0.5]}


def test_no_code_comes_in_with_arguments(tmp_path):
    trace = tmp_path / "trace"
    arguments = argparse.Namespace(hook=Malicious(f"touch {trace}"))
    torch.save({"hyper_parameters": arguments}, tmp_path / "last.ckpt")
    with pytest.raises(WeightsError, match=r"refused, .* run code"):
        read_weights(tmp_path / "last.ckpt")
    assert not trace.exists()


class Pickled:
    """Becomes, when it is read, what a function makes of arguments."""

    def __init__(self, function, *arguments):
        self._made = function, arguments

    def __reduce__(self):
        return self._made


_SCALAR = np.float64(0).__reduce__()[0]


def test_numbers_of_either_byte_order_are_read(tmp_path):
    backwards = Pickled(_SCALAR, np.dtype(">f4"), np.array(1.5, ">f4").tobytes())
    torch.save({"own": np.float32(1.5), "other": backwards}, tmp_path / "last.ckpt")
    content = read_weights(tmp_path / "last.ckpt").content
    assert (content["own"], content["other"]) == (1.5, 1.5)


def test_no_memory_is_read_at_an_address_of_the_file(tmp_path):
    memory = np.array([7.0])
    arguments = argparse.Namespace(__array_interface__=memory.__array_interface__)
    torch.save({"loss": Pickled(np.float64, arguments)}, tmp_path / "last.ckpt")
    assert not isinstance(
        read_weights(tmp_path / "last.ckpt").content["loss"], np.generic | np.ndarray
    )


def test_no_array_is_taken_for_python_objects(tmp_path):
    address = Pickled(np.float64, [1.0])
    torch.save(
        {"loss": Pickled(_SCALAR, Pickled(np.dtype, [("a", "O")]), address)}, tmp_path / "last.ckpt"
    )
    assert read_weights(tmp_path / "last.ckpt").content["loss"] is None


def test_numpys_own_dtypes_stay_as_they_are(tmp_path):
    torch.save({"loss": Pickled(_SCALAR, Pickled(np.dtype, "S"))}, tmp_path / "last.ckpt")
    read_weights(tmp_path / "last.ckpt")
    assert np.dtype("S").itemsize == 0


def test_a_folder_with_other_files_names_them(tmp_path):
    torch.save({"weight": torch.ones(1)}, tmp_path / "sam_vit_b.pth")
    with pytest.raises(WeightsError, match=r"but sam_vit_b\.pth; choose the weights file itself"):
        read_weights(tmp_path)


@pytest.mark.parametrize("text", ["[]", "{}", "7", '{"weight_map": [1]}', "[" * 100_000])
def test_a_damaged_index(text, tmp_path):
    (tmp_path / "model.safetensors.index.json").write_text(text)
    with pytest.raises(WeightsError, match="not an index of weights files"):
        read_weights(tmp_path)


def test_a_lone_tensor_is_no_checkpoint(tmp_path):
    torch.save(torch.ones(1), tmp_path / "sam.pt")
    with pytest.raises(WeightsError, match="state dict was expected"):
        read_weights(tmp_path / "sam.pt")


def test_nothing_there(tmp_path):
    with pytest.raises(WeightsError, match="no such file"):
        read_weights(tmp_path / "sam.pt")
    with pytest.raises(WeightsError, match="has none of"):
        read_weights(tmp_path)


def test_an_index_cannot_point_elsewhere(tmp_path):
    save_file({"weight": torch.ones(1)}, tmp_path / "outside.safetensors")
    folder = tmp_path / "model"
    folder.mkdir()
    index = '{"weight_map": {"weight": "../outside.safetensors"}}'
    (folder / "model.safetensors.index.json").write_text(index)
    with pytest.raises(WeightsError, match="not beside it"):
        read_weights(folder)
