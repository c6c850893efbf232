"""Which SAM a state dict is, from its names and shapes alone; a file's name means nothing.

Everything but the decoder's number of heads and TinyViT's input size shows in some shape.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from napari_cutout.sam.config import (
    ARCHITECTURES,
    DecoderConfig,
    SamConfig,
    TinyVitConfig,
    VitConfig,
)
from napari_cutout.sam.errors import WeightsError

if TYPE_CHECKING:
    from torch import Tensor

Shapes = Mapping[str, tuple[int, ...]]


def detect_config(tensors: Mapping[str, Tensor]) -> SamConfig:
    """Read the sizes of a model from its state dict.

    Parameters
    ----------
    tensors
        With Meta's names; only names and shapes are looked at.

    Raises
    ------
    WeightsError
        If a part is missing that tells a size, or the sizes contradict each other.
    """
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    try:
        tiny = "image_encoder.patch_embed.seq.0.c.weight" in shapes
        encoder = _tiny_vit(shapes) if tiny else _vit(shapes)
        decoder = _decoder(shapes)
    except KeyError as error:
        raise WeightsError(
            f"the checkpoint has no {error.args[0]!r}, which every SAM has: the file is cut "
            "short or is another kind of model; get it again, or choose another"
        ) from None
    except (IndexError, ValueError, ZeroDivisionError) as error:
        raise WeightsError(
            f"the shapes in the checkpoint are not those of a SAM ({error}): choose a SAM or "
            "MobileSAM checkpoint"
        ) from None
    return SamConfig(_architecture(encoder), encoder, decoder)


def _vit(shapes: Shapes) -> VitConfig:
    encoder = "image_encoder"
    _, grid, _, embed_dim = shapes[f"{encoder}.pos_embed"]
    depth = _count(shapes, f"{encoder}.blocks")
    tables = [shapes[f"{encoder}.blocks.{i}.attn.rel_pos_h"] for i in range(depth)]
    head_dim = tables[0][1]
    windows = {length for length, _ in tables if length != 2 * grid - 1}
    if len(windows) > 1:
        raise ValueError(f"windows of several sizes: relative position tables of {windows}")
    config = VitConfig(
        embed_dim=embed_dim,
        depth=depth,
        heads=shapes[f"{encoder}.blocks.0.attn.qkv.weight"][0] // 3 // head_dim,
        head_dim=head_dim,
        global_blocks=tuple(i for i in range(depth) if tables[i][0] == 2 * grid - 1),
        mlp_dim=shapes[f"{encoder}.blocks.0.mlp.lin1.weight"][0],
        patch=shapes[f"{encoder}.patch_embed.proj.weight"][2],
        out_channels=shapes[f"{encoder}.neck.0.weight"][0],
    )
    window = (windows.pop() + 1) // 2 if windows else config.window
    return replace(config, window=window, input_size=grid * config.patch)


def _tiny_vit(shapes: Shapes) -> TinyVitConfig:
    layers = "image_encoder.layers"
    stages = range(_count(shapes, layers))
    # The first stage has no attention; its entries are placeholders.
    biases = [shapes[f"{layers}.{i}.blocks.0.attn.attention_biases"] for i in stages[1:]]
    first = shapes[f"{layers}.0.blocks.0.conv1.c.weight"]
    mlp = shapes[f"{layers}.1.blocks.0.mlp.fc1.weight"]
    default = TinyVitConfig()
    heads = tuple(count for count, _ in biases)
    windows = tuple(math.isqrt(offsets) for _, offsets in biases)
    return TinyVitConfig(
        embed_dims=(
            first[1], *(shapes[f"{layers}.{i}.blocks.0.mlp.fc1.weight"][1] for i in stages[1:])
        ),
        depths=tuple(_count(shapes, f"{layers}.{i}.blocks") for i in stages),
        heads=(default.heads[0], *heads),
        windows=(default.windows[0], *windows),
        expand=first[0] // first[1],
        mlp_ratio=mlp[0] // mlp[1],
        out_channels=shapes["image_encoder.neck.0.weight"][0],
        classes=shapes.get("image_encoder.head.weight", (0,))[0],
    )  # fmt: skip


def _decoder(shapes: Shapes) -> DecoderConfig:
    decoder = "mask_decoder"
    block = f"{decoder}.transformer.layers.0"
    head = f"{decoder}.iou_prediction_head.layers"
    return DecoderConfig(
        dim=shapes[f"{decoder}.iou_token.weight"][1],
        depth=_count(shapes, f"{decoder}.transformer.layers"),
        cross_dim=shapes[f"{block}.cross_attn_token_to_image.q_proj.weight"][0],
        mlp_dim=shapes[f"{block}.mlp.lin1.weight"][0],
        mask_channels=shapes["prompt_encoder.mask_downscaling.3.weight"][0],
        multimasks=shapes[f"{decoder}.mask_tokens.weight"][0] - 1,
        iou_hidden=shapes[f"{head}.0.weight"][0],
        iou_depth=_count(shapes, head),
    )


def _count(names: Iterable[str], prefix: str) -> int:
    """How many numbered parts ``prefix.0``, ``prefix.1``, ... there are."""
    numbered = re.compile(re.escape(prefix) + r"\.(\d+)\.")
    found = {int(match[1]) for name in names if (match := numbered.match(name))}
    # Else a name alone, with a huge number, would have a huge model made.
    absent = next(number for number in range(len(found) + 1) if number not in found)
    if not found or absent < max(found):
        raise KeyError(f"{prefix}.{absent}")
    return len(found)


def _architecture(encoder: VitConfig | TinyVitConfig) -> str:
    """Give the published name, or one made of the sizes; another input size is no other model."""
    for name, known in ARCHITECTURES.items():
        if _trunk(known.encoder) == _trunk(encoder):
            return name
    if isinstance(encoder, TinyVitConfig):
        return f"vit_t_{encoder.embed_dims[-1]}x{sum(encoder.depths)}"
    return f"vit_{encoder.embed_dim}x{encoder.depth}"


def _trunk(encoder: VitConfig | TinyVitConfig) -> tuple[object, ...]:
    if isinstance(encoder, TinyVitConfig):
        return encoder.embed_dims, encoder.depths
    return encoder.embed_dim, encoder.depth, encoder.mlp_dim
