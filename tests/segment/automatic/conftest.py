"""A random SAM with masks like those of a real one, and transformers' twin of its decoder."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from napari_cutout.sam.export import save_huggingface
from napari_cutout.sam.sam import Sam
from napari_cutout.sample_data import fluorescence
from napari_cutout.segment import Segmenter
from napari_cutout.segment.intensity import to_pixels
from random_sam import random_sam


@pytest.fixture(scope="session")
def cells():
    """``(320, 400, 3)`` uint8, of a real image."""
    return np.array(to_pixels(fluorescence()))[:320, :400]


@pytest.fixture(scope="session")
def blob_sam(cells):
    return random_sam(cells)


@pytest.fixture
def blob_segmenter(blob_sam):
    segmenter = Segmenter.from_family(blob_sam, "random")
    # The twin gets float32 features too.
    segmenter._storage = torch.float32
    return segmenter


@pytest.fixture(scope="session")
def twin(blob_sam, tmp_path_factory):
    """The same prompt encoder and mask decoder, by transformers, with Meta's epsilon."""
    transformers = pytest.importorskip("transformers")
    other = Sam(blob_sam.config)
    other.load_state_dict(
        {name: torch.nan_to_num(value) for name, value in other.state_dict().items()}
    )
    other.prompt_encoder.load_state_dict(blob_sam.prompt_encoder.state_dict())
    other.mask_decoder.load_state_dict(blob_sam.mask_decoder.state_dict())
    folder = tmp_path_factory.mktemp("twin")
    save_huggingface(other, folder)
    model = transformers.SamModel.from_pretrained(folder).eval()
    for layer in model.mask_decoder.transformer.layers:
        for number in (1, 2, 3, 4):
            getattr(layer, f"layer_norm{number}").eps = 1e-5
    return model
