"""A checkpoint of another kind is refused by its name, with a way out."""

from __future__ import annotations

import json
import shutil

import pytest
import torch
from safetensors.torch import save_file

from napari_cutout.sam.checkpoints import read_checkpoint
from napari_cutout.sam.errors import WeightsError
from napari_cutout.sam.naming import to_huggingface

MARKER = "mask_decoder.iou_token.weight"
QKV = "image_encoder.blocks.0.attn.qkv"


def read_names(names, tmp_path, nest=None):
    """Read a file with such tensors."""
    tensors = {name: torch.zeros(1) for name in names}
    torch.save(tensors if nest is None else {nest: tensors}, tmp_path / "foreign.pt")
    return read_checkpoint(tmp_path / "foreign.pt")


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        ([MARKER, "mask_decoder.hf_token.weight"], "SAM-HQ"),
        ([MARKER, "mask_decoder.hq_token.weight", "vision_encoder.pos_embed"], "SAM-HQ"),
        (["sam_mask_decoder.iou_token.weight", "image_encoder.trunk.pos_embed"], "SAM 2"),
        ([MARKER, "mask_decoder.obj_score_token.weight", "vision_encoder.backbone.p"], "SAM 2"),
        (["tracker.sam_mask_decoder.iou_token.weight", "detector.backbone.x.y"], "SAM 3"),
        ([f"tracker_model.{MARKER}", "detector_model.text_encoder.x"], "SAM 3"),
        ([MARKER, "vision_encoder.backbone.timm_model.x"], "EdgeTAM"),
        ([MARKER, "mask_decoder.final_output_upscaling_layers.0.0.weight"], "EfficientSAM"),
        ([MARKER, "image_encoder.backbone.input_stem.op_list.0.conv.weight"], "EfficientViT-SAM"),
        ([MARKER, "image_encoder.features.0.0.c.weight"], "EdgeSAM or RepViT-SAM"),
        ([MARKER, "image_encoder.blocks.0.Adapter.channel.0.weight"], "SAM-Med2D"),
        (["W2", "encoder.pos_embed", "out.weight"], "Cellpose-SAM"),
        (["model.0.conv.weight", "model.22.proto.cv1.conv.weight"], "YOLO"),
        ([f"base_model.model.{MARKER}", f"base_model.model.{QKV}.lora_A.weight"], "LoRA"),
        ([f"sam.{MARKER}", f"sam.{QKV}.w_a_linear_q.weight"], "LoRA"),
        (["w_a_000", "w_b_000"], "LoRA"),
    ],
)
@pytest.mark.parametrize("nest", [None, "model"])
def test_other_kinds_are_named(names, kind, nest, tmp_path):
    with pytest.raises(WeightsError, match=rf"foreign\.pt: .*{kind}.*[:;] (choose|merge|open)"):
        read_names(names, tmp_path, nest)


@pytest.mark.parametrize("prefix", ["", "image_encoder.", "vision_encoder."])
def test_an_encoder_alone(prefix, tmp_path):
    with pytest.raises(WeightsError, match="without a mask decoder"):
        read_names([f"{prefix}patch_embed.proj.weight", f"{prefix}pos_embed"], tmp_path)


@pytest.mark.parametrize(
    ("model_type", "kind"), [("sam2_video", "SAM 2"), ("sam3_tracker", "SAM 3"), ("detr", "'detr'")]
)
def test_config_json_may_say_it(huggingface_folder, model_type, kind, tmp_path):
    folder = shutil.copytree(huggingface_folder, tmp_path / "copy")
    stated = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps(stated | {"model_type": model_type}), "utf-8")
    with pytest.raises(WeightsError, match=f"{kind}.*choose"):
        read_checkpoint(folder)


@pytest.mark.parametrize("prefix", ["model.0.", "tracker.", "detector.", "adapter."])
def test_a_sam_inside_of_something_else_is_a_sam(small_sam, prefix, tmp_path):
    state = {prefix + name: value for name, value in small_sam.state_dict().items()}
    torch.save(state, tmp_path / "sam.pt")
    tensors = read_checkpoint(tmp_path / "sam.pt").tensors
    assert tensors.keys() == small_sam.state_dict().keys()


@pytest.mark.parametrize("prefix", ["", "sam.", "model.sam."])
@pytest.mark.parametrize("other", ["text_encoder.layers.0.q", "teacher.image_encoder.qkv"])
@pytest.mark.parametrize("layer", ["lora_A.default.weight", "linear_a_q.weight"])
def test_lora_of_another_model_beside_it_is_none_of_sams(small_sam, prefix, other, layer, tmp_path):
    state = {prefix + name: value for name, value in small_sam.state_dict().items()}
    state |= {f"{other}.weight": torch.zeros(1), f"{other}.{layer}": torch.zeros(1)}
    torch.save(state, tmp_path / "sam.pt")
    checkpoint = read_checkpoint(tmp_path / "sam.pt")
    assert checkpoint.tensors.keys() == small_sam.state_dict().keys()
    assert other.split(".")[0] in checkpoint.notes[-1]


@pytest.mark.parametrize("name", ["lora_layers.0.A", "lora_alpha", "adapters.0.lora_A.weight"])
def test_lora_that_may_be_of_sam_is_refused(small_sam, name, tmp_path):
    torch.save(small_sam.state_dict() | {name: torch.zeros(1)}, tmp_path / "sam.pt")
    with pytest.raises(WeightsError, match="LoRA"):
        read_checkpoint(tmp_path / "sam.pt")


def test_lora_in_an_encoder_that_is_wrapped_alone_is_named(small_sam, tmp_path):
    state = {
        name.replace("image_encoder.", "peft.image_encoder."): value
        for name, value in small_sam.state_dict().items()
    }
    torch.save(state | {f"peft.{QKV}.lora_A.weight": torch.zeros(1)}, tmp_path / "sam.pt")
    with pytest.raises(WeightsError, match="LoRA"):
        read_checkpoint(tmp_path / "sam.pt")


def test_an_adapters_folder(tmp_path):
    (tmp_path / "adapter_config.json").write_text("{}")
    save_file({"a.lora_A.weight": torch.zeros(1)}, tmp_path / "adapter_model.safetensors")
    with pytest.raises(WeightsError, match=r"peft adapter, .*; merge it"):
        read_checkpoint(tmp_path)


def test_one_file_of_several(small_sam, tmp_path):
    path = tmp_path / "model-00002-of-00003.safetensors"
    save_file(to_huggingface(small_sam.state_dict()), path)
    with pytest.raises(WeightsError, match=r"one of the 3 files of a model; choose the folder"):
        read_checkpoint(path)


def test_one_file_of_several_is_not_read_for_that(tmp_path):
    (tmp_path / "pytorch_model-00002-of-00003.bin").write_bytes(b"not a model at all")
    with pytest.raises(WeightsError, match=r"one of the 3 files of a model"):
        read_checkpoint(tmp_path / "pytorch_model-00002-of-00003.bin")


def test_the_only_file_of_one_is_the_model(small_sam, tmp_path):
    path = tmp_path / "model-00001-of-00001.safetensors"
    save_file(to_huggingface(small_sam.state_dict()), path)
    assert read_checkpoint(path).tensors.keys() == small_sam.state_dict().keys()
