"""Small SAMs with seeded random weights, and transformers' twin of one."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from napari_cutout.sam.export import save_huggingface
from napari_cutout.sam.sam import Sam
from small_sams import small_tiny_vit, small_vit

SMALL_VIT, SMALL_TINY = small_vit(depth=3), small_tiny_vit(input_size=128)


def randomised(model: nn.Module, seed: int = 0) -> nn.Module:
    """Give every parameter and buffer a value that its output depends on."""
    generator = torch.Generator().manual_seed(seed)
    wide = ("rel_pos", "embed.weight", "iou_token", "mask_tokens", "biases", "gauss")

    def normal(tensor: torch.Tensor, scale: float) -> torch.Tensor:
        return torch.randn(tensor.shape, generator=generator) * scale

    for name, tensor in model.state_dict().items():
        if not tensor.is_floating_point():
            continue
        if name.endswith("running_var"):
            tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)
        elif tensor.ndim == 1:
            centre = 1.0 if "norm" in name.split(".")[-2] and name.endswith("weight") else 0.0
            tensor.copy_(normal(tensor, 0.3) + centre)
        elif any(part in name for part in wide):
            tensor.copy_(normal(tensor, 1.0))
        else:
            tensor.copy_(normal(tensor, 1.5 * tensor[0].numel() ** -0.5))
    return model


@pytest.fixture(scope="session", name="randomised")
def randomised_fixture():
    return randomised


@pytest.fixture(scope="session")
def small_sam() -> Sam:
    return randomised(Sam(SMALL_VIT)).prepare("cpu", torch.float32)


@pytest.fixture(scope="session")
def small_tiny() -> Sam:
    return randomised(Sam(SMALL_TINY)).prepare("cpu", torch.float32)


@pytest.fixture(scope="session")
def huggingface_folder(small_sam, tmp_path_factory):
    folder = tmp_path_factory.mktemp("huggingface")
    save_huggingface(small_sam, folder)
    return folder


@pytest.fixture(scope="session")
def huggingface_twin(huggingface_folder):
    transformers = pytest.importorskip("transformers")
    return transformers.SamModel.from_pretrained(huggingface_folder).eval()


@pytest.fixture(scope="session")
def twin_as_meta(huggingface_twin):
    """The twin with the epsilon of Meta's two-way blocks, 1e-5, where transformers has 1e-6."""
    twin = copy.deepcopy(huggingface_twin)
    for layer in twin.mask_decoder.transformer.layers:
        for number in (1, 2, 3, 4):
            getattr(layer, f"layer_norm{number}").eps = 1e-5
    return twin


@pytest.fixture
def pixels() -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (40, 50, 3), generator=generator, dtype=torch.uint8)
