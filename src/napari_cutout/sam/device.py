"""Where a model computes, and in which precision."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import torch

from napari_cutout.sam.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The precisions that a model can compute in.
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def resolve_device(device: str | torch.device = "auto") -> torch.device:
    """Choose the device that is meant, and make sure that it is there.

    Parameters
    ----------
    device
        ``"auto"`` for the first of CUDA, Apple's MPS and the CPU; or a torch device such as
        ``"cpu"``, ``"cuda"``, ``"cuda:1"``, ``"mps"``.

    Raises
    ------
    DeviceError
        If it isn't a device, or this machine or this torch doesn't have it.
    """
    if device == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if _count(kind)))
    try:
        wanted = torch.device(device)
    except RuntimeError:
        raise DeviceError(f"{device!r} is not a device; give one of {_choices()}") from None
    if (wanted.index or 0) >= _count(wanted.type):
        raise DeviceError(
            f"device {str(wanted)!r} was asked for, but torch {torch.__version__} finds none "
            f"on this machine; give one of {_choices()}"
        )
    return wanted


def resolve_precision(precision: str, device: torch.device) -> str:
    """Choose a model's precision, a key of :data:`DTYPES`.

    Parameters
    ----------
    precision
        ``"float32"``, ``"bfloat16"``, ``"float16"``, or ``"auto"``, which is bfloat16 on a CPU that
        multiplies in it, and float32 elsewhere.
    device
        Where it will compute.

    Raises
    ------
    DeviceError
        If it isn't one of these, or not offered by the device.
    """
    if precision == "auto":
        return "bfloat16" if device.type == "cpu" and _cpu_has_bfloat16() else "float32"
    if precision not in DTYPES:
        raise DeviceError(
            f"{precision!r} is not a precision; give one of 'auto', {_quoted(DTYPES)}"
        )
    if precision == "bfloat16" and device.type == "cuda" and not torch.cuda.is_bf16_supported():
        raise DeviceError(f"{device} has no bfloat16; give 'float16' or 'float32'")
    return precision


def _count(kind: str) -> int:
    """How many devices of a kind there are."""
    if kind == "cuda":
        return torch.cuda.device_count() if torch.cuda.is_available() else 0
    if kind == "mps":
        return int(torch.backends.mps.is_available())
    return int(kind == "cpu")


def _cpu_has_bfloat16() -> bool:
    """Whether this CPU has instructions for products in bfloat16, and torch uses them.

    Others can compute in it as well, by way of float32 and no faster than in that.
    """
    onednn = torch.ops.mkldnn
    if not hasattr(onednn, "_is_mkldnn_bf16_supported"):
        return False
    if platform.machine().lower() in ("aarch64", "arm64"):
        # Only here does this ask for the instructions; on x86 it's true of any AVX-512.
        return bool(onednn._is_mkldnn_bf16_supported())
    asked = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, bool)() for name in asked)


def _choices() -> str:
    return _quoted(["auto", *(kind for kind in ("cuda", "mps", "cpu") if _count(kind))])


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)
