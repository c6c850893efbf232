"""Other implementations of SAM, where they are installed: their networks with our weights.

How ONNX Runtime and OpenVINO run such a network is in runtimes.py; the peers' ways to find every
object are in automatic_peers.py.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from functools import cache, partial
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import TYPE_CHECKING, Any

import torch

from napari_cutout.sam import save_huggingface

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import nn

    from napari_cutout.sam.config import VitConfig
    from napari_cutout.sam.sam import Sam

PACKAGES = {
    "Meta": ("segment_anything",),
    "transformers": ("transformers",),
    "onnxruntime": ("onnxruntime", "onnx", "segment_anything"),
    "OpenVINO": ("openvino", "segment_anything"),
}
"""What each needs; the runtimes run Meta's network."""


def missing(peer: str) -> str:
    """What a peer needs and isn't installed, in words; empty where all is there, as of ours."""
    lacking = [name for name in PACKAGES.get(peer, ()) if importlib.util.find_spec(name) is None]
    return " and ".join(lacking)


def left_out(names: Iterable[str]) -> list[str]:
    """Notes that say which rows ``"peer, precision"`` aren't there, and why."""
    reasons: dict[str, list[str]] = {}
    for name in names:
        lacking = missing(name.split(", ")[0])
        reason = f"{lacking} not installed" if lacking else "there is none"
        reasons.setdefault(reason, []).append(name)
    return [f"Left out, {reason}: {'; '.join(them)}." for reason, them in reasons.items()]


@cache
def meta() -> ModuleType:
    """``segment_anything.modeling``, without the package's own imports, which want torchvision."""
    spec = importlib.util.find_spec("segment_anything")
    assert spec is not None
    package = ModuleType("segment_anything")
    package.__path__ = list(spec.submodule_search_locations or ())
    package.__spec__ = spec
    sys.modules["segment_anything"] = package
    return importlib.import_module("segment_anything.modeling")


def metas_encoder(sam: Sam, config: VitConfig) -> nn.Module:
    """Meta's image encoder."""
    encoder: nn.Module = meta().ImageEncoderViT(
        img_size=config.input_size,
        patch_size=config.patch,
        depth=config.depth,
        embed_dim=config.embed_dim,
        num_heads=config.heads,
        mlp_ratio=config.mlp_dim / config.embed_dim,
        norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
        use_rel_pos=True,
        global_attn_indexes=config.global_blocks,
        window_size=config.window,
        out_chans=config.out_channels,
    )
    encoder.load_state_dict(sam.image_encoder.state_dict())
    return encoder.eval()


class MetasDecoder(torch.nn.Module):
    """Meta's prompt encoder and mask decoder, for one click on each object.

    Parameters
    ----------
    sam
        Whose weights it has.
    grid, side
        Of the embedding and of the input, in cells and in pixels.
    """

    def __init__(self, sam: Sam, grid: int, side: int) -> None:
        super().__init__()
        transformer = meta().TwoWayTransformer(2, 256, 8, 2048)
        self.prompts = meta().PromptEncoder(256, (grid, grid), (side, side), mask_in_chans=16)
        self.masks = meta().MaskDecoder(transformer_dim=256, transformer=transformer)
        self.prompts.load_state_dict(sam.prompt_encoder.state_dict())
        self.masks.load_state_dict(sam.mask_decoder.state_dict())
        self.eval()

    def forward(self, image: torch.Tensor, clicks: torch.Tensor) -> torch.Tensor:
        """Logits ``(P, 3, 4 grid, 4 grid)`` of clicks ``(P, 2)`` (row, col) on an embedding."""
        sparse, dense = self.embed(clicks)
        positions = self.prompts.get_dense_pe()
        logits: torch.Tensor
        logits, _ = self.masks(image, positions, sparse, dense, multimask_output=True)
        return logits

    def embed(self, clicks: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Tokens of the clicks and of the mask that isn't there."""
        points = clicks[:, None].flip(-1), torch.ones_like(clicks[:, :1])
        tokens: tuple[torch.Tensor, torch.Tensor] = self.prompts(points, None, None)
        return tokens


class MetasDecoderToExport(MetasDecoder):
    """The same without assignments to a choice of elements, which runtimes don't take.

    Meta's own exporter does without them, too.
    """

    def embed(self, clicks: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Tokens of the clicks and of the mask that isn't there."""
        prompts = self.prompts
        centres = clicks[:, None].flip(-1) + 0.5
        waves = prompts.pe_layer.forward_with_coords(centres, prompts.input_image_size)
        point = waves + prompts.point_embeddings[1].weight
        none = prompts.not_a_point_embed.weight.expand_as(point)
        size = (len(clicks), -1, *prompts.image_embedding_size)
        dense = prompts.no_mask_embed.weight[..., None, None].expand(size)
        return torch.cat([point, none], dim=1), dense


def huggingfaces(sam: Sam, **options: Any) -> Any:
    """The model of transformers."""
    from transformers import SamModel

    with TemporaryDirectory() as folder:
        save_huggingface(sam, folder)
        return SamModel.from_pretrained(folder, **options).eval()
