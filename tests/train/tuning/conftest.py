"""Small models of every family with random weights, and a few small labelled fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from napari_cutout.sam.compact.config import CompactConfig
from napari_cutout.sam.compact.loading import save_compact
from napari_cutout.sam.compact.network import CompactNetwork
from napari_cutout.sam.export import save_own
from napari_cutout.sam.sam import Sam
from napari_cutout.train.data import from_arrays
from napari_cutout.train.tuning import TuningOptions
from small_sams import small_tiny_vit, small_vit

if TYPE_CHECKING:
    from napari_cutout.sam.config import SamConfig

COMPACT = CompactConfig(
    input_size=64, stride2=8, stride4=16, stride8=16, stride16=32, stride32=32, blocks4=1,
    blocks8=1, blocks16=1, blocks32=1, heads=2, skip2=8, skip4=8, skip8=16, dense=8, embedding=32,
    decoder_layers=1, decoder_heads=2,
)  # fmt: skip
VIT, TINY_VIT = small_vit(depth=2, heads=4), small_tiny_vit(input_size=64, heads=4)


@pytest.fixture(autouse=True)
def one_thread():
    """The same sums in the same order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def random_sam(config: SamConfig, path):
    """Write a SAM of random weights."""
    generator = torch.Generator().manual_seed(0)
    sam = Sam(config)
    for name, tensor in sam.state_dict().items():
        if name.endswith("running_var") or (tensor.ndim == 1 and "norm" in name):
            tensor.copy_(1 + 0.1 * torch.rand(tensor.shape, generator=generator))
        elif tensor.is_floating_point():
            scale = tensor[0].numel() ** -0.5 if tensor.ndim > 1 else 0.1
            tensor.copy_(torch.randn(tensor.shape, generator=generator) * scale)
    save_own(sam, sam.state_dict(), path, {})
    return path


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """Paths of small models by family."""
    folder = tmp_path_factory.mktemp("models")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = CompactNetwork(COMPACT)
    save_compact(network.state_dict(), COMPACT, folder / "compact.safetensors")
    return {
        "compact": folder / "compact.safetensors",
        "vit": random_sam(VIT, folder / "vit.safetensors"),
        "tiny_vit": random_sam(TINY_VIT, folder / "tiny_vit.safetensors"),
    }


def field(number: int, side: int = 64):
    """A field of bright discs and its labels."""
    rng = np.random.default_rng(number)
    rows, cols = np.mgrid[:side, :side]
    labels = np.zeros((side, side), np.uint16)
    for value in range(1, 6):
        row, col = rng.integers(9, side - 9, 2)
        labels[np.hypot(rows - row, cols - col) < rng.integers(5, 9)] = value
    image = (labels > 0) * 140 + rng.integers(0, 60, labels.shape)
    return image.astype(np.uint8), labels


@pytest.fixture
def data():
    """Four fields of five discs or fewer."""
    return from_arrays([(f"discs/{number}", *field(number)) for number in range(4)])


@pytest.fixture
def quick():
    """Options for a run of a few seconds."""
    return TuningOptions(what="decoder", steps=4, objects_per_step=4, accumulate=2, remember=0)
