"""Writing a SAM: Meta's file, Hugging Face's folder, and a file of this project's own."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from napari_cutout.sam.config import SamConfig, TinyVitConfig
from napari_cutout.sam.naming import to_huggingface
from napari_cutout.sam.stated_input import input_to_state

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cutout.sam.sam import Sam

CONFIG = "napari_cutout_sam"
"""What a safetensors file of this project calls the sizes in its metadata."""

_INSTANCE = "instance_decoder."


def save_meta(model: Sam, path: Path) -> None:
    """Write Meta's ``.pth``: a state dict, which segment-anything and MobileSAM read.

    Parameters
    ----------
    model
        The model; its weights are written in float32.
    path
        The file, replaced as a whole.
    """
    path = Path(path)
    partial = path.with_name(path.name + ".part")
    torch.save(_state(model), partial)
    os.replace(partial, path)


def save_huggingface(model: Sam, folder: Path) -> None:
    """Write a folder that ``transformers.SamModel.from_pretrained`` reads.

    Parameters
    ----------
    model
        The model; its weights are written in float32.
    folder
        Made if need be; gets ``model.safetensors``, ``config.json`` and
        ``preprocessor_config.json``.

    Raises
    ------
    ValueError
        For a MobileSAM, which transformers does not have.
    """
    if isinstance(model.config.encoder, TinyVitConfig):
        raise ValueError(
            f"transformers has no model for {model.config.architecture}, only for SAM with a "
            "plain vision transformer; write it with save_meta()"
        )
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / "model.safetensors.part"
    save_file(to_huggingface(_state(model)), partial, metadata={"format": "pt"})
    os.replace(partial, folder / "model.safetensors")
    stated = {
        "config.json": huggingface_config(model.config),
        "preprocessor_config.json": input_to_state(model.config),
    }
    for name, values in stated.items():
        (folder / name).write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


def save_own(
    model: Sam, state: Mapping[str, Tensor], path: Path, remarks: Mapping[str, str]
) -> None:
    """Write a safetensors file that states the sizes of its model, and more.

    Parameters
    ----------
    model
        Whose sizes they are.
    state
        Its weights; those of an instance decoder among them are kept as micro-sam names them.
    path
        The file, replaced as a whole.
    remarks
        For its metadata, by name.
    """
    path = Path(path)
    partial = path.with_name(path.name + ".part")
    tensors = {
        f"decoder_state.{name.removeprefix(_INSTANCE)}" if name.startswith(_INSTANCE) else name: (
            value.detach().cpu().contiguous()
        )
        for name, value in state.items()
    }
    save_file(tensors, partial, {**remarks, CONFIG: model.config.to_json()})
    partial.chmod(0o644)  # safetensors makes files that only their owner can read
    os.replace(partial, path)


def huggingface_config(config: SamConfig) -> dict[str, Any]:
    """Make what stands in ``config.json`` for a SAM of these sizes.

    Raises
    ------
    ValueError
        For a size that transformers does not let choose.
    """
    encoder, decoder = config.encoder, config.decoder
    if isinstance(encoder, TinyVitConfig):
        raise ValueError("transformers has no TinyViT")
    if encoder.heads * encoder.head_dim != encoder.embed_dim:
        raise ValueError("transformers expects embed_dim = heads * head_dim")
    return {
        "architectures": ["SamModel"],
        "model_type": "sam",
        "torch_dtype": "float32",
        "vision_config": {
            "hidden_size": encoder.embed_dim,
            "output_channels": encoder.out_channels,
            "num_hidden_layers": encoder.depth,
            "num_attention_heads": encoder.heads,
            "image_size": encoder.input_size,
            "patch_size": encoder.patch,
            "mlp_dim": encoder.mlp_dim,
            "mlp_ratio": encoder.mlp_dim / encoder.embed_dim,
            "window_size": encoder.window,
            "global_attn_indexes": list(encoder.global_blocks),
            "num_pos_feats": decoder.dim // 2,
        },
        "prompt_encoder_config": {
            "hidden_size": decoder.dim,
            "image_size": encoder.input_size,
            "patch_size": encoder.patch,
            "image_embedding_size": encoder.grid,
            "mask_input_channels": decoder.mask_channels,
        },
        "mask_decoder_config": {
            "hidden_size": decoder.dim,
            "num_hidden_layers": decoder.depth,
            "num_attention_heads": decoder.heads,
            "attention_downsample_rate": decoder.dim // decoder.cross_dim,
            "mlp_dim": decoder.mlp_dim,
            "num_multimask_outputs": decoder.multimasks,
            "iou_head_hidden_dim": decoder.iou_hidden,
            "iou_head_depth": decoder.iou_depth,
        },
    }


def _state(model: Sam) -> dict[str, Tensor]:
    """SAM's own tensors, contiguous on the CPU, floats as float32."""
    return {
        name: (value.float() if value.is_floating_point() else value).detach().cpu().contiguous()
        for name, value in model.state_dict().items()
        if not name.startswith(_INSTANCE)
    }
