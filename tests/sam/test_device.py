"""Choosing device and precision."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest
import torch

from napari_cutout.sam.device import DTYPES, resolve_device, resolve_precision
from napari_cutout.sam.errors import DeviceError
from napari_cutout.sam.family import PromptBatch
from napari_cutout.sam.loading import load_model
from napari_cutout.sample_data import fluorescence

CPU = torch.device("cpu")


def test_auto_is_a_device_that_computes():
    device = resolve_device("auto")
    assert torch.ones(1, device=device).sum() == 1


@pytest.mark.parametrize("device", ["cpu", CPU])
def test_a_device_that_is_there(device):
    assert resolve_device(device) == CPU


@pytest.mark.parametrize("device", ["cuda:99", "xpu", "meta"])
def test_a_device_that_is_not_there(device):
    with pytest.raises(DeviceError, match=r"finds none .* 'auto', .*'cpu'"):
        resolve_device(device)


def test_no_device_at_all():
    with pytest.raises(DeviceError, match="'gpu' is not a device"):
        resolve_device("gpu")


def test_precisions():
    assert {resolve_precision(name, CPU) for name in DTYPES} == set(DTYPES)
    with pytest.raises(DeviceError, match="'int8' is not a precision"):
        resolve_precision("int8", CPU)


@pytest.mark.skipif(not Path("/proc/cpuinfo").exists(), reason="only Linux lists instructions")
def test_auto_is_bfloat16_where_the_cpu_multiplies_in_it():
    told = Path("/proc/cpuinfo").read_text()
    flags = {flag for line in told.splitlines() for flag in line.partition(":")[2].split()}
    native = flags & {"avx512_bf16", "amx_tile", "bf16"}
    assert resolve_precision("auto", CPU) == ("bfloat16" if native else "float32")


@pytest.fixture
def no_instructions(monkeypatch):
    """A processor without products in bfloat16, of either make."""
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.setattr(torch.cpu, name, lambda: False, raising=False)
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: False)


@pytest.mark.parametrize("machine", ["x86_64", "AMD64", "arm64", "aarch64"])
def test_auto_is_float32_where_the_cpu_does_not(no_instructions, monkeypatch, machine):
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert resolve_precision("auto", CPU) == "float32"


def test_auto_is_float32_where_torch_does_not_say(monkeypatch):
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.delattr(torch.cpu, name, raising=False)
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    assert resolve_precision("auto", CPU) == "float32"


def test_a_model_decodes_in_float32_where_the_cpu_has_nothing_else(no_instructions):
    prompts = PromptBatch(torch.tensor([[[200.0, 200.0]]]), torch.ones(1, 1, dtype=torch.bool))
    image = torch.from_numpy(fluorescence())[..., None].expand(-1, -1, 3)
    chosen, exact = (load_model("compact", "cpu", way) for way in ("auto", "float32"))
    found, expected = (
        one.decode(one.encode(image), prompts, multimask=True) for one in (chosen, exact)
    )
    assert chosen.info == exact.info
    assert all(map(torch.equal, found, expected))


def test_auto_is_float32_elsewhere():
    assert resolve_precision("auto", torch.device("cuda")) == "float32"
