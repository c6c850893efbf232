"""Parameter names: Meta's, which are ours, and those of Hugging Face's transformers.

Pure functions on names and on dictionaries; nothing here looks at a tensor's values.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
]  # fmt: skip

_IOU_HEAD = "mask_decoder.iou_prediction_head."
_IOU_DEPTH = 3

# What wrappers of a network put into the names of what they wrap, wherever they wrapped.
_WRAPPERS = re.compile(
    r"(?:^|(?<=\.))(?:_orig_mod|module|_fsdp_wrapped_module|_checkpoint_wrapped_module)\."
)


def _rules(pairs: list[tuple[str, str]]) -> list[tuple[re.Pattern[str], str]]:
    """Patterns for whole leading parts of a name, and what replaces them."""
    return [
        (re.compile(re.escape(old).replace(r"\{\}", r"(\d+)") + r"(?=\.|$)"),
         new.replace("{}", r"\1"))
        for old, new in pairs
    ]  # fmt: skip


def _iou_head(depth: int) -> list[tuple[str, str]]:
    """The pairs of a head of any depth: transformers' first and last layer stand by themselves."""
    ours = [f"{_IOU_HEAD}layers.{i}" for i in range(depth)]
    theirs = ["proj_in", *(f"layers.{i}" for i in range(depth - 2)), "proj_out"]
    return [(meta, _IOU_HEAD + their) for meta, their in zip(ours, theirs, strict=False)]


@cache
def _to_huggingface(iou_depth: int) -> list[tuple[re.Pattern[str], str]]:
    return _rules([*_PAIRS, *_iou_head(iou_depth)])


@cache
def _to_meta(iou_depth: int) -> list[tuple[re.Pattern[str], str]]:
    pairs = [*_PAIRS, *_iou_head(iou_depth)]
    return _rules([(hugging_face, meta) for meta, hugging_face in pairs])


def _renamed(name: str, rules: list[tuple[re.Pattern[str], str]]) -> str:
    for pattern, replacement in rules:
        if match := pattern.match(name):
            return match.expand(replacement) + name[match.end() :]
    return name


def _iou_depth(names: Iterable[str]) -> int:
    """How many layers the IoU head has, in either naming."""
    return sum(name.startswith(_IOU_HEAD) and name.endswith(".weight") for name in names)


def huggingface_name(name: str, iou_depth: int = _IOU_DEPTH) -> str:
    """Give the transformers name of a parameter with Meta's name.

    Parameters
    ----------
    name
        Meta's.
    iou_depth
        Layers of the head that predicts the IoU, on which its names depend.

    Examples
    --------
    >>> huggingface_name("image_encoder.blocks.3.norm1.weight")
    'vision_encoder.layers.3.layer_norm1.weight'
    """
    return _renamed(name, _to_huggingface(iou_depth))


def meta_name(name: str, iou_depth: int = _IOU_DEPTH) -> str:
    """Give Meta's name of a parameter with its transformers name.

    Parameters
    ----------
    name
        That of transformers.
    iou_depth
        See :func:`huggingface_name`.

    Examples
    --------
    >>> meta_name("vision_encoder.layers.3.layer_norm1.weight")
    'image_encoder.blocks.3.norm1.weight'
    """
    return _renamed(name, _to_meta(iou_depth))


def without_wrappers(name: str) -> str:
    """A parameter's name without what torch.compile and parallel training put into it.

    Examples
    --------
    >>> without_wrappers("module.image_encoder._orig_mod.pos_embed")
    'image_encoder.pos_embed'
    """
    return _WRAPPERS.sub("", name)


def is_huggingface(tensors: Mapping[str, Tensor]) -> bool:
    """Whether a state dict has transformers' names."""
    return any(name.startswith("vision_encoder.") for name in tensors)


def to_huggingface(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Give a Meta state dict transformers' names and its second copy of the frequencies."""
    depth = _iou_depth(tensors)
    renamed = {huggingface_name(name, depth): tensor for name, tensor in tensors.items()}
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
    depth = _iou_depth(single)
    return {meta_name(name, depth): tensor for name, tensor in single.items()}
