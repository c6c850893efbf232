"""config.json tells what shapes don't, and may not contradict them."""

from __future__ import annotations

import copy
import json
import shutil
from dataclasses import replace

import pytest
import torch

from napari_cutout.sam import load_model, save_huggingface
from napari_cutout.sam.errors import WeightsError
from napari_cutout.sam.family import PromptBatch
from napari_cutout.sam.sam import Sam

ONE_POINT = PromptBatch(torch.tensor([[[10.0, 20.0]]]), torch.ones(1, 1, dtype=torch.bool))


@pytest.fixture
def folder(huggingface_folder, tmp_path):
    return shutil.copytree(huggingface_folder, tmp_path / "copy")


def state(folder, part, key, value):
    """Change what config.json states."""
    path = folder / "config.json"
    stated = json.loads(path.read_text("utf-8"))
    stated[part][key] = value
    path.write_text(json.dumps(stated), encoding="utf-8")


@pytest.fixture
def four_heads(small_sam):
    """The small SAM's weights, in a decoder of 4 heads."""
    config = replace(small_sam.config, decoder=replace(small_sam.config.decoder, heads=4))
    sam = Sam(config)
    sam.load_state_dict(copy.deepcopy(small_sam.state_dict()))
    return sam.prepare("cpu", torch.float32)


@pytest.mark.parametrize("name", ["", "model.safetensors"])
def test_the_decoders_heads_are_as_stated(four_heads, small_sam, pixels, tmp_path, name):
    save_huggingface(four_heads, tmp_path)
    loaded = load_model(tmp_path / name, device="cpu", precision="float32")
    assert loaded.config == four_heads.config
    features = loaded.encode(pixels)
    answer, eight = (sam.decode(features, ONE_POINT, True)[0] for sam in (loaded, small_sam))
    assert torch.equal(answer, four_heads.decode(features, ONE_POINT, True)[0])
    assert not torch.allclose(answer, eight)


def test_transformers_agrees_on_four_heads(four_heads, pixels, tmp_path):
    transformers = pytest.importorskip("transformers")
    save_huggingface(four_heads, tmp_path)
    twin = transformers.SamModel.from_pretrained(tmp_path).eval()
    loaded = load_model(tmp_path, device="cpu", precision="float32")
    features = loaded.encode(pixels)
    scale = torch.tensor(features.input_size) / torch.tensor(features.pixel_size)
    xy = (ONE_POINT.points * scale).flip(-1)
    with torch.no_grad():
        expected = twin(
            image_embeddings=features.maps["image"],
            input_points=xy[None],
            input_labels=torch.ones(1, 1, 1, dtype=torch.long),
        ).pred_masks[0]
    torch.testing.assert_close(
        loaded.decode(features, ONE_POINT, True)[0], expected, rtol=1e-3, atol=1e-3
    )


@pytest.mark.parametrize("part", ["vision_config", "mask_decoder_config"])
def test_what_is_not_stated_is_sams_own(folder, small_sam, part):
    path = folder / "config.json"
    stated = json.loads(path.read_text("utf-8"))
    del stated[part]
    path.write_text(json.dumps(stated), encoding="utf-8")
    assert load_model(folder, device="cpu").config == small_sam.config


def test_no_config_is_needed(folder, small_sam):
    (folder / "config.json").unlink()
    assert load_model(folder, device="cpu").config == small_sam.config


@pytest.mark.parametrize(
    ("part", "key", "value", "told"),
    [
        ("vision_config", "hidden_size", 768, "48"),
        ("vision_config", "num_attention_heads", 12, "4"),
        ("vision_config", "window_size", 14, "3"),
        ("vision_config", "global_attn_indexes", [0, 2], r"\[1\]"),
        ("mask_decoder_config", "num_hidden_layers", 3, "2"),
        ("mask_decoder_config", "attention_downsample_rate", 4, "2"),
    ],
)
def test_what_the_shapes_contradict_is_named(folder, part, key, value, told):
    state(folder, part, key, value)
    with pytest.raises(WeightsError, match=rf"states {part}\.{key} = .* tell {told}: "):
        load_model(folder, device="cpu")


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("vision_config", "hidden_act", "relu"),
        ("vision_config", "layer_norm_eps", 1e-3),
        ("vision_config", "use_rel_pos", False),
        ("vision_config", "use_abs_pos", False),
        ("vision_config", "qkv_bias", False),
        ("prompt_encoder_config", "hidden_act", "relu"),
        ("mask_decoder_config", "hidden_act", "gelu"),
        ("mask_decoder_config", "layer_norm_eps", 0.1),
    ],
)
def test_what_no_shape_shows_and_sam_has_not(folder, part, key, value):
    state(folder, part, key, value)
    with pytest.raises(WeightsError, match=rf"states {part}\.{key} = {value!r}, .* altered SAM"):
        load_model(folder, device="cpu")


def test_both_sides_may_be_stated(folder, small_sam):
    state(folder, "vision_config", "image_size", [64, 64])
    state(folder, "vision_config", "patch_size", [8, 8])
    assert load_model(folder, device="cpu").config == small_sam.config


@pytest.mark.parametrize("heads", [0, -8, 5, 2.5, "8", True, [8]])
def test_heads_that_cannot_be(folder, heads):
    state(folder, "mask_decoder_config", "num_attention_heads", heads)
    with pytest.raises(WeightsError, match=r"num_attention_heads = .* can't be divided"):
        load_model(folder, device="cpu")


@pytest.mark.parametrize("text", ["{", "[]", "[" * 100_000, "\xff"])
def test_a_damaged_config(folder, text):
    (folder / "config.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(WeightsError, match=r"config\.json: .*get it again"):
        load_model(folder, device="cpu")
