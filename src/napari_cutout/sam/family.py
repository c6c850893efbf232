"""What every model family offers to the rooms above, and the values that pass between them.

A family is an image encoder, a prompt encoder and a mask decoder behind one small protocol.
Nothing above this package knows which family runs. Nothing here computes anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor


@dataclass(frozen=True)
class Features:
    """What an image encoder makes of one piece of a frame, once.

    Parameters
    ----------
    maps
        Named feature maps, each ``(1, C, h, w)``.
    pixel_size
        ``(rows, cols)`` of the pixels as they were given to :meth:`Family.encode`.
    input_size
        ``(rows, cols)`` that those pixels cover in the network's input, before padding.
    """

    maps: Mapping[str, Tensor]
    pixel_size: tuple[int, int]
    input_size: tuple[int, int]


@dataclass(frozen=True)
class PromptBatch:
    """Prompts for ``P`` objects of one piece of a frame, all of the same make-up.

    Every object has the same number of points; either all have a box or none has; either all
    have logits or none has. So nothing is padded and a batch answers as its members would alone.

    Parameters
    ----------
    points
        ``(P, N, 2)`` float32, (row, col), pixel centres at integers. ``N`` may be 0.
    positive
        ``(P, N)`` bool, the polarity of each point.
    boxes
        ``(P, 4)`` float32, (row0, col0, row1, col1), both corners inside, or None.
    logits
        ``(P, 1, h, w)`` float32 at :meth:`Family.logits_size`, the mask prompt, or None.
    similarity
        ``(P, h, w)`` float32 at the size of the map ``"image"``, or None: how much each place
        looks like what is sought, added to the scores with which tokens attend to it. SAM alone.
    target
        ``(P, C)`` float32, or None: the look of what is sought, added to the tokens before each
        layer. SAM alone.

    References
    ----------
    .. [1] Zhang et al., "Personalize Segment Anything Model with One Shot", ICLR 2024, for
       ``similarity`` and ``target``. https://arxiv.org/abs/2305.03048
    """

    points: Tensor
    positive: Tensor
    boxes: Tensor | None = None
    logits: Tensor | None = None
    similarity: Tensor | None = None
    target: Tensor | None = None


@dataclass(frozen=True)
class ModelInfo:
    """The sizes of a model that the rooms above need to know.

    Parameters
    ----------
    family
        ``"sam"`` or ``"compact"``.
    architecture
        For example ``"vit_b"``, ``"vit_t"``, ``"compact"``.
    input_size
        The long side, in pixels, that an image has in the network's input.
    logits_stride
        Input pixels that one low-resolution logit stands for.
    chunk
        Prompts that are best decoded at once where the model computes.
    notes
        What a user has to know of how the weights were read, a sentence each.
    precision
        That the image encoder computes in, which ``"auto"`` leaves to the model and the device.
    """

    family: str
    architecture: str
    input_size: int
    logits_stride: int
    chunk: int = 8
    notes: tuple[str, ...] = ()
    precision: str = "float32"


class Draft(Protocol):
    """The answers to a batch of prompts before masks are made: their scores are known first."""

    @property
    def scores(self) -> Tensor:
        """``(P, K)`` float32, the predicted IoU, in the model's own order."""
        ...

    def logits(self, prompts: Tensor, candidates: Tensor) -> Tensor:
        """The masks that are wanted.

        Parameters
        ----------
        prompts, candidates
            ``(M,)`` int64 each, which candidate of which prompt.

        Returns
        -------
        Tensor
            ``(M, h, w)`` float32, as :meth:`Family.decode` gives them.
        """
        ...


@runtime_checkable
class Family(Protocol):
    """A promptable segmentation model, ready to be used and not to be changed."""

    @property
    def info(self) -> ModelInfo:
        """The model's sizes."""
        ...

    @property
    def fingerprint(self) -> str:
        """A hash of the weights, which is part of every embedding's key."""
        ...

    def encode(self, pixels: Tensor) -> Features:
        """Encode ``(rows, cols, 3)`` uint8 RGB pixels of any size, once."""
        ...

    def decode(
        self, features: Features, prompts: PromptBatch, multimask: bool
    ) -> tuple[Tensor, Tensor]:
        """Masks for each prompt.

        Returns
        -------
        logits : Tensor
            ``(P, K, h, w)`` float32; K = 3 when ``multimask``, else 1; in the model's own order.
        scores : Tensor
            ``(P, K)`` float32, the predicted IoU.
        """
        ...

    def draft(self, features: Features, prompts: PromptBatch, multimask: bool) -> Draft:
        """Scores for each prompt now, and masks of those that are worth it when asked for."""
        ...

    def logits_size(self, pixel_size: tuple[int, int]) -> tuple[int, int]:
        """``(h, w)`` of the low-resolution logits for pixels of ``(rows, cols)``."""
        ...

    def upscale(self, logits: Tensor, pixel_size: tuple[int, int]) -> Tensor:
        """Low-resolution logits ``(P, K, h, w)`` as ``(P, K, rows, cols)`` of the pixels."""
        ...

    def mask_prompt(self, masks: Tensor) -> Tensor:
        """Masks ``(P, rows, cols)`` bool as the mask prompt ``(P, 1, h, w)`` float32 logits."""
        ...


@dataclass(frozen=True)
class DenseMaps:
    """Per-pixel maps from which all instances come in one pass; each ``(rows, cols)`` float32.

    Parameters
    ----------
    foreground
        Probability that the pixel belongs to an object.
    distance
        Distance to the edge of its object, 1 at the deepest point, 0 outside.
    """

    foreground: Tensor
    distance: Tensor


@runtime_checkable
class Dense(Protocol):
    """The optional capability of finding all instances from one pass."""

    def dense(self, features: Features) -> DenseMaps:
        """The dense maps at the size of the encoded pixels."""
        ...


@dataclass(frozen=True)
class DistanceMaps:
    """Per-pixel maps of which instances are the basins; each ``(rows, cols)`` float32, 0 to 1.

    Parameters
    ----------
    foreground
        Probability that the pixel belongs to an object.
    centre
        Distance to the centre of its object, 0 there.
    boundary
        1 at the edge of its object and outside, falling to 0 where it is deepest.
    """

    foreground: Tensor
    centre: Tensor
    boundary: Tensor


@runtime_checkable
class Distances(Protocol):
    """The optional capability of telling each pixel's place in its object, from one pass."""

    def distances(self, features: Features) -> DistanceMaps:
        """The maps at the size of the encoded pixels."""
        ...
