"""What a Hugging Face folder's ``config.json`` states of a SAM, held against its weights.

One size shows in no shape, the decoder's number of heads: it is taken from here. Sizes that shapes
do tell have to agree, and so has what else SAM is made of. Nothing here reads a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_cutout.sam.errors import WeightsError
from napari_cutout.sam.export import huggingface_config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cutout.sam.config import SamConfig

_DECODER = "mask_decoder_config"
_COMPARED = (
    ("vision_config", "hidden_size"),
    ("vision_config", "num_hidden_layers"),
    ("vision_config", "num_attention_heads"),
    ("vision_config", "image_size"),
    ("vision_config", "patch_size"),
    (_DECODER, "hidden_size"),
    (_DECODER, "num_hidden_layers"),
    (_DECODER, "attention_downsample_rate"),
    (_DECODER, "num_multimask_outputs"),
)
# What isn't a size, and what our networks compute. A file without an entry means the first.
_COMPUTED: tuple[tuple[str, str, tuple[object, ...]], ...] = (
    ("vision_config", "hidden_act", ("gelu",)),
    ("vision_config", "layer_norm_eps", (1e-6,)),
    ("vision_config", "qkv_bias", (True,)),
    ("vision_config", "use_abs_pos", (True,)),
    ("vision_config", "use_rel_pos", (True,)),
    ("vision_config", "num_channels", (3,)),
    ("prompt_encoder_config", "hidden_act", ("gelu",)),
    ("prompt_encoder_config", "layer_norm_eps", (1e-6,)),
    ("prompt_encoder_config", "num_point_embeddings", (4,)),
    (_DECODER, "hidden_act", ("relu",)),
    # Meta's is 1e-5, and transformers states 1e-6 of the same weights.
    (_DECODER, "layer_norm_eps", (1e-6, 1e-5)),
)
# Where all blocks see the whole grid, a window as large as the grid says the same.
_WINDOWS = (("vision_config", "window_size"), ("vision_config", "global_attn_indexes"))


def check_computable(stated: Mapping[str, Any]) -> None:
    """Make sure that nothing is stated which no weight shows and our networks don't compute.

    Parameters
    ----------
    stated
        What stands in ``config.json``; may be empty, and any part of it may be left out.

    Raises
    ------
    WeightsError
        If there is: the answers would be wrong.
    """
    for part, key, computed in _COMPUTED:
        said = _entry(stated, part, key)
        if said is not None and said not in computed:
            raise WeightsError(
                f"config.json states {part}.{key} = {said!r}, where SAM has {computed[0]!r}: it is "
                "an altered SAM, of which the answers would be wrong; choose a plain one"
            )


def with_stated_sizes(config: SamConfig, stated: Mapping[str, Any]) -> SamConfig:
    """Complete the sizes that shapes tell with those that only ``config.json`` states.

    Parameters
    ----------
    config
        From :func:`~napari_cutout.sam.detect.detect_config`.
    stated
        What stands in ``config.json``; may be empty, and any part of it may be left out.

    Returns
    -------
    SamConfig
        With the decoder's number of heads as stated, or SAM's own 8.

    Raises
    ------
    WeightsError
        If ``config.json`` states a size that the shapes contradict.
    """
    heads = _entry(stated, _DECODER, "num_attention_heads")
    if heads is not None:
        decoder = replace(config.decoder, heads=_checked_heads(heads, config))
        config = replace(config, decoder=decoder)
    for part, key, told in _told(config):
        said = _entry(stated, part, key)
        if said not in (None, told, [told, told]):  # transformers takes a side, or both
            raise WeightsError(
                f"config.json states {part}.{key} = {said!r}, but the shapes in the weights "
                f"tell {told!r}: they are of two models; get both again"
            )
    return config


def _checked_heads(heads: object, config: SamConfig) -> int:
    dim, cross_dim = config.decoder.dim, config.decoder.cross_dim
    if type(heads) is not int or heads < 1 or dim % heads or cross_dim % heads:
        raise WeightsError(
            f"config.json states {_DECODER}.num_attention_heads = {heads!r}, by which the "
            f"decoder's {dim} and {cross_dim} channels can't be divided; get config.json again"
        )
    return heads


def _told(config: SamConfig) -> Iterator[tuple[str, str, Any]]:
    """What the shapes tell, under the names of ``config.json``."""
    try:
        ours = huggingface_config(config)
    except (ValueError, ZeroDivisionError):  # what transformers can't express, it hasn't written
        return
    vision = ours["vision_config"]
    is_windowed = len(vision["global_attn_indexes"]) < vision["num_hidden_layers"]
    for part, key in (*_COMPARED, *(_WINDOWS if is_windowed else ())):
        yield part, key, ours[part][key]


def _entry(stated: Mapping[str, Any], part: str, key: str) -> Any:
    """What is stated; None where nothing is, for which transformers takes SAM's own."""
    inner = stated.get(part)
    return inner.get(key) if isinstance(inner, Mapping) else None
