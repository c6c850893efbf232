"""Linear layers and convolutions of whole images on a CPU, by oneDNN where torch has it.

torch's own way to a product in oneDNN lays out the weight anew each time, and in float32 it doesn't
go there at all; and what follows a product, GELU or an addition, is another pass over the result.
The kernels used here aren't a part of torch's public interface and have no gradient: where they
are missing, or on another device, or while training, torch's public functions do the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional as F

if TYPE_CHECKING:
    from torch import Tensor

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
            pack = torch.ops.mkldnn._reorder_linear_weight
            self._packed = pack(self._weight.contiguous(), ROWS_AT_ONCE)

    def __call__(self, x: Tensor, plus: Tensor | None = None) -> Tensor:
        """Map ``(..., in)`` to ``(..., out)``, and add to that what is given."""
        if self._packed is None or _has_gradient(x, plus):
            mapped = F.linear(x, self._weight, self._bias)
            return mapped if plus is None else mapped + plus
        kernel = torch.ops.mkldnn._linear_pointwise
        if plus is None:
            out: Tensor = kernel(x, self._packed, self._bias, "none", [], None)
        else:
            out = kernel.binary(x, plus, self._packed, self._bias, "add")
        return out

    def gelu(self, x: Tensor) -> Tensor:
        """Map ``(..., in)`` to ``(..., out)``, and take the exact GELU of that."""
        if self._packed is None or _has_gradient(x):
            return F.gelu(F.linear(x, self._weight, self._bias))
        kernel = torch.ops.mkldnn._linear_pointwise
        out: Tensor = kernel(x, self._packed, self._bias, "gelu", [], "none")
        return out


def convolve_gelu(x: Tensor, weight: Tensor, bias: Tensor, stride: int, groups: int) -> Tensor:
    """Convolve ``(B, C, h, w)`` with an odd kernel, padded by zeros, and take the exact GELU."""
    padding = weight.shape[-1] // 2
    if not _is_fused(weight) or _has_gradient(x, bias):
        return F.gelu(F.conv2d(x, weight, bias, stride, padding, groups=groups))
    kernel = torch.ops.mkldnn._convolution_pointwise
    sizes = [padding] * 2, [stride] * 2, [1, 1], groups
    out: Tensor = kernel(x, weight, bias, *sizes, "gelu", [], "none")
    return out


def _is_fused(weight: Tensor) -> bool:
    """Whether the kernels are there, and made for what has such a weight."""
    if weight.device.type != "cpu" or not torch.backends.mkldnn.enabled or _has_gradient(weight):
        return False
    ops = torch.ops.mkldnn
    names = "_reorder_linear_weight", "_linear_pointwise", "_convolution_pointwise"
    if not all(hasattr(ops, name) for name in names):
        return False
    return weight.dtype == torch.float32 or (
        weight.dtype == torch.bfloat16 and bool(ops._is_mkldnn_bf16_supported())
    )


def _has_gradient(*tensors: Tensor | None) -> bool:
    """Whether a gradient is wanted of any."""
    return torch.is_grad_enabled() and any(x is not None and x.requires_grad for x in tensors)
