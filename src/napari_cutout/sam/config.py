"""The sizes of every SAM, as data. No tensors and no torch: a config is a value to compare.

The named configurations are those of the papers; :mod:`napari_cutout.sam.detect` reads a
config from the shapes in a checkpoint, so a pruned or reduced model needs no name.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

#: How pixels become the network's input; see :mod:`napari_cutout.sam.preprocess`.
Framing = Literal["longest_side", "square"]


@dataclass(frozen=True)
class VitConfig:
    """A plain vision transformer with windowed and global attention (SAM, appendix A).

    Parameters
    ----------
    embed_dim
        Channels of a token.
    depth
        Number of transformer blocks.
    heads
        Attention heads of each block.
    global_blocks
        Indices of the blocks that attend over the whole grid; the others attend in windows.
    head_dim
        Channels of one head; ``embed_dim / heads`` in every published model.
    mlp_dim
        Hidden channels of each block's MLP.
    window
        Side of a window, in tokens.
    patch
        Side of a patch, in input pixels.
    input_size
        Side of the square network input, in pixels.
    out_channels
        Channels of the image embedding.
    """

    embed_dim: int
    depth: int
    heads: int
    global_blocks: tuple[int, ...]
    head_dim: int = 64
    mlp_dim: int = 3072
    window: int = 14
    patch: int = 16
    input_size: int = 1024
    out_channels: int = 256

    @property
    def grid(self) -> int:
        """Side of the token grid."""
        return self.input_size // self.patch


@dataclass(frozen=True)
class TinyVitConfig:
    """MobileSAM's TinyViT: a convolutional stage, then stages of windowed attention.

    Parameters
    ----------
    embed_dims, depths, heads, windows
        One entry a stage; the first stage is convolutional, its heads and window unused.
    strides
        Stride of the merging between one stage and the next. MobileSAM keeps the last stage
        at the resolution of the one before, so that the grid is SAM's.
    expand
        Channel expansion of the convolutional blocks.
    mlp_ratio
        Hidden channels of an attention block's MLP, as a multiple of its channels.
    input_size
        Side of the square network input, in pixels.
    out_channels
        Channels of the image embedding.
    classes
        Outputs of the ImageNet classifier that MobileSAM's file carries along, unused;
        0 for a checkpoint without it.
    """

    embed_dims: tuple[int, ...] = (64, 128, 160, 320)
    depths: tuple[int, ...] = (2, 2, 6, 2)
    heads: tuple[int, ...] = (2, 4, 5, 10)
    windows: tuple[int, ...] = (7, 7, 14, 7)
    strides: tuple[int, ...] = (2, 2, 1)
    expand: int = 4
    mlp_ratio: int = 4
    input_size: int = 1024
    out_channels: int = 256
    classes: int = 1000

    @property
    def grid(self) -> int:
        """Side of the grid of the image embedding."""
        side = self.input_size // 4
        for stride in self.strides:
            side //= stride
        return side


@dataclass(frozen=True)
class DecoderConfig:
    """Prompt encoder and mask decoder, which every SAM shares (SAM, appendix A).

    Parameters
    ----------
    dim
        Channels of tokens and of the image embedding.
    depth
        Two-way transformer blocks.
    heads
        Attention heads; the one size that no shape in a checkpoint tells.
    cross_dim
        Inner channels of the attention between tokens and image.
    mlp_dim
        Hidden channels of a two-way block's MLP.
    mask_channels
        Hidden channels of the convolutions that read a mask prompt.
    multimasks
        Masks offered for an ambiguous prompt; one more is predicted for the unambiguous case.
    iou_hidden, iou_depth
        Hidden channels and layers of the head that predicts the masks' IoU.
    """

    dim: int = 256
    depth: int = 2
    heads: int = 8
    cross_dim: int = 128
    mlp_dim: int = 2048
    mask_channels: int = 16
    multimasks: int = 3
    iou_hidden: int = 256
    iou_depth: int = 3


@dataclass(frozen=True)
class Normalisation:
    """How grey levels, 0 to 255, become the network's input: less the mean, by the deviation.

    Parameters
    ----------
    mean, std
        Of red, green and blue, in grey levels.
    """

    mean: tuple[float, float, float]
    std: tuple[float, float, float]


@dataclass(frozen=True)
class SamConfig:
    """A whole SAM.

    Parameters
    ----------
    architecture
        A name for people, for example ``"vit_b"``.
    encoder
        The image encoder's sizes; the type says which encoder it is.
    decoder
        The prompt encoder's and mask decoder's sizes.
    framing
        How pixels of any size become the square input: ``"longest_side"`` as SAM does it,
        ``"square"`` as MedSAM does.
    normalisation
        Of the grey levels, where it isn't SAM's own; None for that, and with ``"square"``.
    """

    architecture: str
    encoder: VitConfig | TinyVitConfig
    decoder: DecoderConfig = field(default_factory=DecoderConfig)
    framing: Framing = "longest_side"
    # Left out of the text, which the fingerprints of all models are made of, and told there apart.
    normalisation: Normalisation | None = field(default=None, repr=False)

    def to_json(self) -> str:
        """The config as one line of JSON; which encoder it is shows in the names of its sizes."""
        values = asdict(self)
        if self.normalisation is None:
            # So that versions that know of none read it.
            del values["normalisation"]
        return json.dumps(values, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> SamConfig:
        """Read what :meth:`to_json` wrote; a name that is unknown or missing is an error.

        Raises
        ------
        ValueError, TypeError, KeyError
            If it isn't that.
        """
        values: dict[str, Any] = json.loads(text)
        encoder, decoder = (_with_tuples(values.pop(part)) for part in ("encoder", "decoder"))
        kind = TinyVitConfig if "embed_dims" in encoder else VitConfig
        if (stated := values.pop("normalisation", None)) is not None:
            values["normalisation"] = Normalisation(**_with_tuples(stated))
        return cls(**values, encoder=kind(**encoder), decoder=DecoderConfig(**decoder))


def _with_tuples(values: dict[str, Any]) -> dict[str, Any]:
    """JSON has lists alone."""
    return {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}


#: The published architectures by name.
ARCHITECTURES: dict[str, SamConfig] = {
    "vit_b": SamConfig("vit_b", VitConfig(768, 12, 12, (2, 5, 8, 11))),
    "vit_l": SamConfig("vit_l", VitConfig(1024, 24, 16, (5, 11, 17, 23), mlp_dim=4096)),
    "vit_h": SamConfig(
        "vit_h", VitConfig(1280, 32, 16, (7, 15, 23, 31), head_dim=80, mlp_dim=5120)
    ),
    "vit_t": SamConfig("vit_t", TinyVitConfig()),
}
