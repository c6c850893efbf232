"""What a checkpoint is when it isn't a plain SAM: its kind by name, and the way out.

Told from the names of its tensors, or from what ``config.json`` says it is. Reading and checking
a SAM is in ``checkpoints``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_OTHER_FAMILY = "which isn't supported; choose a SAM or MobileSAM checkpoint"
_NOT_WITHOUT = (
    "and the answers would be wrong without its own layers; choose a plain SAM or MobileSAM "
    "checkpoint"
)
_MERGE = "merge them into the model first, in peft with merge_and_unload(), and save its state dict"

# A pattern of the names that only this kind has, and what to say. The first that fits wins.
_KINDS = [
    (
        r"\blora_|\.w_[ab]_linear|(^|\.)w_[ab]_\d+$|\.linear_[ab]_[qv]\.",
        f"it has LoRA layers that aren't merged: {_MERGE}",
    ),
    (r"\bhf_(token|mlp)\b|\bhq_(token|mask_mlp)\b", f"it is a SAM-HQ checkpoint, {_OTHER_FAMILY}"),
    (
        r"^detector\.(backbone|transformer)\.|^tracker\.sam_mask_decoder\.|^(detector|tracker)_model\.",
        f"it is a SAM 3 checkpoint, {_OTHER_FAMILY}",
    ),
    (
        r"\bspatial_perceiver\.|_encoder\.backbone\.timm_model\.",
        f"it is an EdgeTAM checkpoint, {_OTHER_FAMILY}",
    ),
    (
        r"\bsam_mask_decoder\.|^memory_(attention|encoder)\.|\bobj_score_token\b",
        f"it is a SAM 2 checkpoint, {_OTHER_FAMILY}",
    ),
    (r"\bfinal_output_upscaling_layers\.", f"it is an EfficientSAM checkpoint, {_OTHER_FAMILY}"),
    (
        r"\bimage_encoder\.backbone\.(input_stem|stages)\.",
        f"it is an EfficientViT-SAM checkpoint, {_OTHER_FAMILY}",
    ),
    (
        r"\bimage_encoder\.features\.",
        f"it is an EdgeSAM or RepViT-SAM checkpoint, {_OTHER_FAMILY}",
    ),
    (
        r"coder\..*\b[Aa]dapter\w*\.",
        f"it is an altered SAM with adapters, such as SAM-Med2D, {_NOT_WITHOUT}",
    ),
    (
        r"^(module\.)?W2$",
        "it is a Cellpose-SAM checkpoint, which takes no prompts; open it in Cellpose",
    ),
    (
        r"^model\.\d+\.(conv|cv\d|m|proto)\.",
        f"it seems to be a YOLO network such as FastSAM, {_OTHER_FAMILY}",
    ),
]
_COMPILED = [(re.compile(pattern), told) for pattern, told in _KINDS]

_LORA = re.compile(r"\blora_|\.w_[ab]_linear|\.linear_[ab]_[qv]\.")
_OF_SAM = {"image_encoder", "vision_encoder", "prompt_encoder", "mask_decoder"}

_MODEL_TYPES = {
    "sam2": "SAM 2",
    "sam2_video": "SAM 2",
    "sam3": "SAM 3",
    "sam_hq": "SAM-HQ",
    "edgetam": "EdgeTAM",
}
_ENCODER = re.compile(r"\b(image|vision)_encoder\.|^patch_embed\.|^blocks\.\d")
_DECODER = re.compile(r"\bmask_decoder\.")


def foreign_kind(names: Iterable[str], stated: Mapping[str, Any]) -> str | None:
    """Say what a checkpoint is that isn't a plain SAM.

    Parameters
    ----------
    names
        Of its tensors, as they are in the file.
    stated
        What ``config.json`` holds; may be empty.

    Returns
    -------
    str or None
        A clause with what to do; None where nothing speaks against a SAM.
    """
    names = list(names)
    for pattern, told in _COMPILED:
        if any(pattern.search(name) for name in names):
            return told
    model_type = stated.get("model_type", "sam")
    if isinstance(model_type, str) and model_type not in ("sam", "sam_vision_model"):
        known = next((_MODEL_TYPES[t] for t in _MODEL_TYPES if model_type.startswith(t)), None)
        what = f"a {known} checkpoint" if known else f"a model of the type {model_type!r}"
        return f"by its config.json it is {what}, {_OTHER_FAMILY}"
    return None


def without_lora_of_others(names: Iterable[str], prefix: str) -> list[str]:
    """Names without those of LoRA layers that belong to another model beside SAM.

    Another model has tensors of its own besides; where there are LoRA layers alone, nothing tells
    that they aren't SAM's.

    Parameters
    ----------
    names
        Of the tensors of a file.
    prefix
        What stands before the names of SAM's.
    """
    names = list(names)
    groups = [name.removeprefix(prefix).split(".")[0] for name in names]
    is_lora = [_LORA.search(name) is not None for name in names]
    others = {group for group, is_one in zip(groups, is_lora, strict=True) if not is_one} - _OF_SAM
    return [
        name
        for name, group, is_one in zip(names, groups, is_lora, strict=True)
        if not (is_one and group in others)
    ]


def without_decoder(names: Iterable[str]) -> bool:
    """Whether names are those of an image encoder that has no mask decoder beside it."""
    names = list(names)
    is_encoder = any(_ENCODER.search(name) for name in names)
    return is_encoder and not any(_DECODER.search(name) for name in names)
