"""Parameter names: Meta's, which are ours, and those of Hugging Face's transformers.

Pure functions on names and on dictionaries; nothing here looks at a tensor's values.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

#: The parameter that every SAM has under the same name in both namings.
MARKER = "mask_decoder.iou_token.weight"

_SHARED_PE = "shared_image_embedding.positional_embedding"
_OWN_PE = "prompt_encoder.shared_embedding.positional_embedding"

# Prefixes, Meta's and Hugging Face's; {} stands for an index that both have. The first that fits
# wins, so what is inside of another stands before it.
_PAIRS = [
    ("image_encoder.patch_embed.proj", "vision_encoder.patch_embed.projection"),
    *[(f"image_encoder.blocks.{{}}.norm{n}", f"vision_encoder.layers.{{}}.layer_norm{n}")
      for n in (1, 2)],
    ("image_encoder.blocks.{}", "vision_encoder.layers.{}"),
    ("image_encoder.neck.0", "vision_encoder.neck.conv1"),
    ("image_encoder.neck.1", "vision_encoder.neck.layer_norm1"),
    ("image_encoder.neck.2", "vision_encoder.neck.conv2"),
    ("image_encoder.neck.3", "vision_encoder.neck.layer_norm2"),
    ("image_encoder", "vision_encoder"),
    ("prompt_encoder.pe_layer.positional_encoding_gaussian_matrix", _OWN_PE),
    ("prompt_encoder.point_embeddings.{}", "prompt_encoder.point_embed.{}"),
    ("prompt_encoder.mask_downscaling.0", "prompt_encoder.mask_embed.conv1"),
    ("prompt_encoder.mask_downscaling.1", "prompt_encoder.mask_embed.layer_norm1"),
    ("prompt_encoder.mask_downscaling.3", "prompt_encoder.mask_embed.conv2"),
    ("prompt_encoder.mask_downscaling.4", "prompt_encoder.mask_embed.layer_norm2"),
    ("prompt_encoder.mask_downscaling.6", "prompt_encoder.mask_embed.conv3"),
    *[(f"mask_decoder.transformer.layers.{{}}.norm{n}",
       f"mask_decoder.transformer.layers.{{}}.layer_norm{n}") for n in (1, 2, 3, 4)],
    ("mask_decoder.transformer.norm_final_attn", "mask_decoder.transformer.layer_norm_final_attn"),
    ("mask_decoder.output_upscaling.0", "mask_decoder.upscale_conv1"),
    ("mask_decoder.output_upscaling.1", "mask_decoder.upscale_layer_norm"),
    ("mask_decoder.output_upscaling.3", "mask_decoder.upscale_conv2"),
    ("mask_decoder.output_hypernetworks_mlps.{}.layers.0",
     "mask_decoder.output_hypernetworks_mlps.{}.proj_in"),
    ("mask_decoder.output_hypernetworks_mlps.{}.layers.1",
     "mask_decoder.output_hypernetworks_mlps.{}.layers.0"),
    ("mask_decoder.output_hypernetworks_mlps.{}.layers.2",
     "mask_decoder.output_hypernetworks_mlps.{}.proj_out"),
    ("mask_decoder.iou_prediction_head.layers.0", "mask_decoder.iou_prediction_head.proj_in"),
    ("mask_decoder.iou_prediction_head.layers.1", "mask_decoder.iou_prediction_head.layers.0"),
    ("mask_decoder.iou_prediction_head.layers.2", "mask_decoder.iou_prediction_head.proj_out"),
]  # fmt: skip


def _rules(pairs: list[tuple[str, str]]) -> list[tuple[re.Pattern[str], str]]:
    """Patterns for whole leading parts of a name, and what replaces them."""
    return [
        (re.compile(re.escape(old).replace(r"\{\}", r"(\d+)") + r"(?=\.|$)"),
         new.replace("{}", r"\1"))
        for old, new in pairs
    ]  # fmt: skip


_TO_HUGGINGFACE = _rules(_PAIRS)
_TO_META = _rules([(hugging_face, meta) for meta, hugging_face in _PAIRS])


def _renamed(name: str, rules: list[tuple[re.Pattern[str], str]]) -> str:
    for pattern, replacement in rules:
        if match := pattern.match(name):
            return match.expand(replacement) + name[match.end() :]
    return name


def huggingface_name(name: str) -> str:
    """Give the transformers name of a parameter with Meta's name.

    Examples
    --------
    >>> huggingface_name("image_encoder.blocks.3.norm1.weight")
    'vision_encoder.layers.3.layer_norm1.weight'
    """
    return _renamed(name, _TO_HUGGINGFACE)


def meta_name(name: str) -> str:
    """Give Meta's name of a parameter with its transformers name.

    Examples
    --------
    >>> meta_name("vision_encoder.layers.3.layer_norm1.weight")
    'image_encoder.blocks.3.norm1.weight'
    """
    return _renamed(name, _TO_META)


def is_huggingface(tensors: Mapping[str, Tensor]) -> bool:
    """Whether a state dict has transformers' names."""
    return any(name.startswith("vision_encoder.") for name in tensors)


def to_huggingface(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Give a Meta state dict transformers' names and its second copy of the frequencies."""
    renamed = {huggingface_name(name): tensor for name, tensor in tensors.items()}
    renamed[_SHARED_PE] = renamed[_OWN_PE].clone()
    return renamed


def to_meta(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Give a transformers state dict Meta's names.

    transformers ties two copies of the frequencies; a file may hold either or both.
    """
    single = dict(tensors)
    shared = single.pop(_SHARED_PE, None)
    if shared is not None:
        single.setdefault(_OWN_PE, shared)
    return {meta_name(name): tensor for name, tensor in single.items()}
