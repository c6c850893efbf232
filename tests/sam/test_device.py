"""Choosing device and precision."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from napari_cutout.sam.device import DTYPES, resolve_device, resolve_precision
from napari_cutout.sam.errors import DeviceError

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


def test_auto_is_float32_elsewhere():
    assert resolve_precision("auto", torch.device("cuda")) == "float32"
