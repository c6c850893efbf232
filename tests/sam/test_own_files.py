"""Files of this project state the sizes of their model, and those count."""

import json
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from napari_cutout.sam.config import ARCHITECTURES, SamConfig
from napari_cutout.sam.errors import WeightsError
from napari_cutout.sam.export import CONFIG, save_own
from napari_cutout.sam.loading import load_model


@given(st.sampled_from(list(ARCHITECTURES.values())), st.sampled_from(["longest_side", "square"]))
def test_a_config_is_read_as_it_was_written(config, framing):
    config = replace(config, framing=framing)

    assert SamConfig.from_json(config.to_json()) == config


@pytest.mark.parametrize("model", ["small_sam", "small_tiny"])
def test_sizes_that_no_weight_tells_are_kept(model, request, tmp_path):
    sam = request.getfixturevalue(model)
    sam_config = sam.config
    stated = replace(sam_config, framing="square", decoder=replace(sam_config.decoder, heads=4))
    path = tmp_path / "own.safetensors"
    sam.config = stated
    try:
        save_own(sam, sam.state_dict(), path, {"more": "x"})
    finally:
        sam.config = sam_config
    loaded = load_model(path, "cpu", "float32")

    assert loaded.config == stated
    assert loaded.info.notes == ()


def test_a_file_answers_as_the_model_that_was_written(small_sam, pixels, tmp_path):
    path = tmp_path / "own.safetensors"
    save_own(small_sam, small_sam.state_dict(), path, {})
    loaded = load_model(path, "cpu", "float32")

    assert torch.equal(loaded.encode(pixels).maps["image"], small_sam.encode(pixels).maps["image"])
    assert loaded.fingerprint == small_sam.fingerprint


@pytest.mark.parametrize("text", ["{}", "[]", "not JSON", '{"encoder": {}, "decoder": {}}'])
def test_sizes_that_are_none_are_refused(small_sam, tmp_path, text):
    path = tmp_path / "own.safetensors"
    save_file(dict(small_sam.state_dict()), path, {CONFIG: text})

    with pytest.raises(WeightsError, match="don't hold the sizes of a SAM"):
        load_model(path, "cpu")


def test_sizes_that_the_weights_contradict_are_refused(small_sam, tmp_path):
    path = tmp_path / "own.safetensors"
    save_own(small_sam, small_sam.state_dict(), path, {})
    sizes = json.loads(small_sam.config.to_json())
    sizes["encoder"]["embed_dim"] = 96
    save_file(load_file(path), path, {CONFIG: json.dumps(sizes)})

    with pytest.raises(WeightsError, match="has shape"):
        load_model(path, "cpu")


def test_all_four_masks_are_the_single_one_and_the_three(small_sam, pixels):
    from napari_cutout.sam.family import PromptBatch

    prompts = PromptBatch(torch.tensor([[[10.0, 20.0]]]), torch.tensor([[True]]))
    features = small_sam.encode(pixels)
    parts = [small_sam.decode(features, prompts, multimask) for multimask in (False, True)]
    logits, scores = small_sam.decode(features, prompts, None)

    torch.testing.assert_close(logits, torch.cat([part[0] for part in parts], dim=1))
    torch.testing.assert_close(scores, torch.cat([part[1] for part in parts], dim=1))
