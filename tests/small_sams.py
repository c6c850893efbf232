"""Small SAMs as configurations: every part of a large one, few channels."""

from __future__ import annotations

from napari_cutout.sam.config import DecoderConfig, SamConfig, TinyVitConfig, VitConfig


def small_vit(depth: int, heads: int = 8) -> SamConfig:
    """A ViT of some blocks; a window of 3 on a grid of 8: the padding of windows takes part."""
    encoder = VitConfig(48, depth, 4, (1,), head_dim=12, mlp_dim=64, window=3, patch=8,
                        input_size=64, out_channels=32)  # fmt: skip
    return SamConfig(f"vit_48x{depth}", encoder, _decoder(heads))


def small_tiny_vit(input_size: int, heads: int = 8) -> SamConfig:
    """A TinyViT for images of some size."""
    encoder = TinyVitConfig((16, 32, 64, 80), (1, 1, 1, 1), (2, 1, 2, 4), (7, 3, 4, 3),
                            input_size=input_size, out_channels=32, classes=10)  # fmt: skip
    return SamConfig("vit_t_80x4", encoder, _decoder(heads))


def _decoder(heads: int) -> DecoderConfig:
    return DecoderConfig(
        dim=32, heads=heads, cross_dim=16, mlp_dim=48, mask_channels=8, iou_hidden=24
    )
