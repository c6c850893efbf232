"""Sizes from shapes."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_cutout.sam.config import ARCHITECTURES, DecoderConfig, SamConfig, VitConfig
from napari_cutout.sam.detect import detect_config
from napari_cutout.sam.errors import WeightsError
from napari_cutout.sam.sam import Sam


def shapes_of(config):
    with torch.device("meta"):
        return Sam(config).state_dict()


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_published_models(name):
    assert detect_config(shapes_of(ARCHITECTURES[name])) == ARCHITECTURES[name]


def test_another_input_size_is_the_same_architecture():
    config = ARCHITECTURES["vit_b"]
    config = replace(config, encoder=replace(config.encoder, input_size=512))
    assert detect_config(shapes_of(config)) == config


def test_tiny_vit_without_its_classifier():
    config = ARCHITECTURES["vit_t"]
    config = replace(config, encoder=replace(config.encoder, classes=0))
    assert detect_config(shapes_of(config)) == config


@settings(deadline=None, max_examples=30)
@given(
    heads=st.integers(1, 4),
    head_dim=st.integers(1, 5),
    depth=st.integers(1, 5),
    grid=st.integers(5, 9),
    window=st.integers(1, 4),
    patch=st.sampled_from([4, 8]),
    chosen=st.sets(st.integers(0, 4)),
)
def test_reduced_models(heads, head_dim, depth, grid, window, patch, chosen):
    global_blocks = tuple(sorted(i for i in chosen if i < depth))
    encoder = VitConfig(
        heads * head_dim, depth, heads, global_blocks, head_dim, 12,
        window if len(global_blocks) < depth else VitConfig.window, patch, grid * patch, 16,
    )  # fmt: skip
    decoder = DecoderConfig(16, 1, cross_dim=8, mlp_dim=4, mask_channels=4, iou_hidden=8)
    detected = detect_config(shapes_of(SamConfig("", encoder, decoder)))
    assert (detected.encoder, detected.decoder) == (encoder, decoder)


def test_a_missing_part_is_named():
    state = shapes_of(ARCHITECTURES["vit_b"])
    del state["mask_decoder.mask_tokens.weight"]
    with pytest.raises(WeightsError, match=r"no 'mask_decoder\.mask_tokens\.weight'"):
        detect_config(state)
