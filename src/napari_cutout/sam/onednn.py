"""Linear layers and convolutions of whole images on a CPU, by oneDNN where torch has it.

torch's own way to a product in oneDNN lays out the weight anew each time, and in float32 it doesn't
go there at all; and what follows a product, GELU or an addition, is another pass over the result.
The kernels used here aren't a part of torch's public interface and have no gradient: where they
are missing or other than they were, or on another device, or while training, torch's public
functions do the same.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import torch
from torch.nn import functional as F

if TYPE_CHECKING:
    from torch import Tensor

# How far a result may lie from that of torch's functions: a few roundings.
_TOLERANCES = {torch.float32: 1e-4, torch.bfloat16: 0.05}

# Rows of a product that a weight is laid out for; oneDNN takes any number then.
ROWS_AT_ONCE = 1024


class PackedLinear:
    """A weight laid out once for the products of one pass, and not kept.

    Laying it out takes a hundredth of the pass; keeping it would double the memory of a model.

    Parameters
    ----------
    weight
        ``(out, in)``, or that of a convolution that is a product with each patch.
    bias
        ``(out,)``, or None.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        self._weight, self._bias = weight.flatten(1), bias
        self._packed: Tensor | None = None
        if _is_fused(weight) and not _has_gradient(bias):
            self._packed = _pack(self._weight)

    def __call__(self, x: Tensor, plus: Tensor | None = None) -> Tensor:
        """Map ``(..., in)`` to ``(..., out)``, and add to that what is given."""
        if self._packed is None or _has_gradient(x, plus):
            mapped = F.linear(x, self._weight, self._bias)
            return mapped if plus is None else mapped + plus
        if plus is None:
            return _map(x, self._packed, self._bias)
        return _map_and_add(x, plus, self._packed, self._bias)

    def gelu(self, x: Tensor) -> Tensor:
        """Map ``(..., in)`` to ``(..., out)``, and take the exact GELU of that."""
        if self._packed is None or _has_gradient(x):
            return F.gelu(F.linear(x, self._weight, self._bias))
        return _map(x, self._packed, self._bias, "gelu")


def convolve_gelu(x: Tensor, weight: Tensor, bias: Tensor, stride: int, groups: int) -> Tensor:
    """Convolve ``(B, C, h, w)`` with an odd kernel, padded by zeros, and take the exact GELU."""
    if not _is_fused(weight) or _has_gradient(x, bias):
        padding = weight.shape[-1] // 2
        return F.gelu(F.conv2d(x, weight, bias, stride, padding, groups=groups))
    return _convolve_gelu(x, weight, bias, stride, groups)


def _is_fused(weight: Tensor) -> bool:
    """Whether the kernels are there, and made for what has such a weight."""
    if weight.device.type != "cpu" or not torch.backends.mkldnn.enabled or _has_gradient(weight):
        return False
    # Autocast, of which they know nothing, gives values and weights of two precisions.
    if torch.is_autocast_enabled("cpu"):
        return False
    return weight.dtype in _TOLERANCES and _works(weight.dtype)


@cache
def _works(dtype: torch.dtype) -> bool:
    """Whether the kernels take what they are given here, and give what torch's functions do.

    Tried once, on little: another torch may have them under the same names, with other arguments.
    """
    if dtype == torch.bfloat16 and not _has_bfloat16():
        return False
    chance = torch.Generator().manual_seed(0)
    x, plus, bias, weight, patches, kernel = (
        torch.randn(*shape, generator=chance, device="cpu", dtype=torch.float32).to(dtype)
        for shape in ((3, 4), (3, 8), (8,), (8, 4), (1, 8, 5, 5), (8, 1, 3, 3))
    )
    mapped, convolved = F.linear(x, weight, bias), F.conv2d(patches, kernel, bias, 1, 1, groups=8)
    expected = mapped, F.linear(x, weight), mapped + plus, F.gelu(mapped), F.gelu(convolved)
    try:
        packed = _pack(weight)
        found = (
            _map(x, packed, bias),
            _map(x, packed, None),
            _map_and_add(x, plus, packed, bias),
            _map(x, packed, bias, "gelu"),
            _convolve_gelu(patches, kernel, bias, 1, 8),
        )
        tolerance = _TOLERANCES[dtype]
        return all(
            torch.allclose(one, other, rtol=tolerance, atol=tolerance)
            for one, other in zip(found, expected, strict=True)
        )
    # Whatever a private function does with arguments that it doesn't know.
    except Exception:
        return False


def _has_bfloat16() -> bool:
    ask = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", None)
    return ask is not None and bool(ask())


def _pack(weight: Tensor) -> Tensor:
    """Lay out a weight ``(out, in)``."""
    packed: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), ROWS_AT_ONCE)
    return packed


def _map(x: Tensor, packed: Tensor, bias: Tensor | None, then: str = "none") -> Tensor:
    """Map ``(..., in)`` to ``(..., out)``, and take the exact GELU where that is said."""
    kernel, how = torch.ops.mkldnn._linear_pointwise, "none" if then == "gelu" else None
    mapped: Tensor = kernel(x, packed, bias, then, [], how)
    return mapped


def _map_and_add(x: Tensor, plus: Tensor, packed: Tensor, bias: Tensor | None) -> Tensor:
    """Map ``(..., in)`` to ``(..., out)``, and add ``plus`` to it."""
    kernel = torch.ops.mkldnn._linear_pointwise.binary
    added: Tensor = kernel(x, plus, packed, bias, "add")
    return added


def _convolve_gelu(x: Tensor, weight: Tensor, bias: Tensor, stride: int, groups: int) -> Tensor:
    """See :func:`convolve_gelu`."""
    sizes = [weight.shape[-1] // 2] * 2, [stride] * 2, [1, 1], groups
    kernel = torch.ops.mkldnn._convolution_pointwise
    convolved: Tensor = kernel(x, weight, bias, *sizes, "gelu", [], "none")
    return convolved


def _has_gradient(*tensors: Tensor | None) -> bool:
    """Whether a gradient is wanted of any."""
    return torch.is_grad_enabled() and any(x is not None and x.requires_grad for x in tensors)
