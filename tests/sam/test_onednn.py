"""The fused kernels against torch's public functions."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from napari_cutout.sam import onednn
from napari_cutout.sam.onednn import PackedLinear, convolve_gelu

# Leaving the setting sets another along, of which torch has something to say.
pytestmark = pytest.mark.filterwarnings("ignore:TF32 acceleration")
TOLERANCE = {torch.float32: 1e-5, torch.bfloat16: 2e-2, torch.float16: 2e-3}


@pytest.fixture(params=[True, False], ids=["fused", "not fused"], autouse=True)
def fused(request):
    with torch.backends.mkldnn.flags(enabled=request.param):
        yield request.param


def normal(*shape, dtype=torch.float32):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape))).to(dtype)


def assert_close(actual, expected, dtype=torch.float32):
    assert actual.dtype == dtype
    tolerance = TOLERANCE[dtype]
    torch.testing.assert_close(actual.float(), expected, rtol=tolerance, atol=tolerance * 5)


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_linear(dtype):
    x, weight, bias = normal(3, 5, 24), normal(40, 24), normal(40)
    x, weight, bias = (part.to(dtype) for part in (x, weight, bias))
    expected = F.linear(x.float(), weight.float(), bias.float())
    plus = normal(3, 5, 40).to(dtype)
    linear = PackedLinear(weight, bias)
    assert_close(linear(x), expected, dtype)
    assert_close(linear(x, plus=plus), expected + plus.float(), dtype)
    assert_close(linear.gelu(x), F.gelu(expected), dtype)


def test_linear_without_bias_on_what_is_not_contiguous():
    x, weight = normal(24, 9).mT, normal(24, 40).mT
    assert_close(PackedLinear(weight)(x), x @ weight.mT)


@pytest.mark.parametrize(("stride", "groups"), [(1, 1), (2, 1), (1, 8), (2, 8)])
def test_convolution(stride, groups):
    x, weight, bias = normal(2, 8, 7, 9), normal(8, 8 // groups, 3, 3), normal(8)
    x = x.contiguous(memory_format=torch.channels_last)
    expected = F.gelu(F.conv2d(x, weight, bias, stride, 1, groups=groups))
    assert_close(convolve_gelu(x, weight, bias, stride, groups), expected)


def test_weights_that_are_trained_get_gradients():
    x, weight = normal(6, 24), normal(40, 24).requires_grad_(True)
    kernel = normal(8, 8, 3, 3).requires_grad_(True)
    PackedLinear(weight)(x).sum().backward()
    convolve_gelu(normal(1, 8, 5, 5), kernel, normal(8), 1, 1).sum().backward()
    torch.testing.assert_close(weight.grad, x.sum(0).expand(40, 24))
    assert kernel.grad.abs().sum() > 0


def test_biases_that_alone_are_trained_get_gradients():
    bias, of_linear = (normal(size).requires_grad_(True) for size in (8, 40))
    convolve_gelu(normal(1, 8, 5, 5), normal(8, 8, 3, 3), bias, 1, 1).sum().backward()
    PackedLinear(normal(40, 24), of_linear)(normal(6, 24)).sum().backward()
    assert bias.grad.abs().sum() > 0
    torch.testing.assert_close(of_linear.grad, torch.full((40,), 6.0))


def test_inputs_that_are_trained_get_gradients():
    x, weight = normal(6, 24).requires_grad_(True), normal(40, 24)
    PackedLinear(weight)(x).sum().backward()
    torch.testing.assert_close(x.grad, weight.sum(0).expand(6, 24))


def other_arguments(x, weight):
    raise TypeError("mkldnn::_linear_pointwise() is missing value for argument 'scale'")


def other_results(*args):
    return torch.zeros(3, 8)


def other_shapes(*args):
    return torch.zeros(7)


@pytest.fixture
def changed():
    """What is known of the kernels is found out anew, and again after the test."""
    onednn._works.cache_clear()
    yield
    onednn._works.cache_clear()


@pytest.mark.parametrize("kernel", [other_arguments, other_results, other_shapes])
@pytest.mark.parametrize(
    "name", ["_reorder_linear_weight", "_linear_pointwise", "_convolution_pointwise"]
)
def test_kernels_that_are_others_are_not_used(monkeypatch, changed, name, kernel):
    monkeypatch.setattr(torch.ops.mkldnn, name, kernel)
    x, weight, bias = normal(3, 24), normal(40, 24), normal(40)
    linear = PackedLinear(weight, bias)
    expected = F.linear(x, weight, bias)
    assert_close(linear(x), expected)
    assert_close(linear(x, plus=expected), expected + expected)
    assert_close(linear.gelu(x), F.gelu(expected))
    image, patch = normal(1, 8, 5, 5), normal(8, 1, 3, 3)
    convolved = F.conv2d(image, patch, normal(8), 1, 1, groups=8)
    assert_close(convolve_gelu(image, patch, normal(8), 1, 8), F.gelu(convolved))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_kernels_of_this_torch_are_used(changed, dtype):
    """Else all would be as right as it is now, and slower."""
    if dtype == torch.bfloat16 and not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        pytest.skip("this processor has no bfloat16")
    assert onednn._works(dtype)
