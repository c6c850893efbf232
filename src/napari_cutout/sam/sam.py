"""SAM as a family: image encoder, prompt encoder and mask decoder behind our coordinates.

SAM's own coordinates, (x, y) in pixels of its square input, exist from here downwards only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import torch
from torch import Tensor, nn

from napari_cutout.sam.config import SamConfig, TinyVitConfig
from napari_cutout.sam.family import Features, ModelInfo, PromptBatch
from napari_cutout.sam.fingerprint import fingerprint
from napari_cutout.sam.last_image import LastImage
from napari_cutout.sam.mask_decoder import MaskDecoder, MaskDraft
from napari_cutout.sam.preprocess import input_extent, mask_logits, network_input, upscale_logits
from napari_cutout.sam.prompt_encoder import PromptEncoder
from napari_cutout.sam.tiny_vit import TinyViT
from napari_cutout.sam.vit import ImageEncoderViT

if TYPE_CHECKING:
    from napari_cutout.sam.two_way_attention import SharedImage

CERTAIN = 10.0
"""What a mask prompt says for certain: the order of SAM's own logits well inside and outside of
an object, and what SAM 2 gives to a mask drawn by hand."""

# A CPU decodes as many prompts at once as keep their image embeddings in its cache: a published
# model's is 4 MB in float32. It also keeps what is allocated small enough for the C library to
# hand out again: fresh pages cost a quarter of the time.
_CACHED_BYTES = 2**22
_LARGEST_CHUNK = 64


class Sam(nn.Module):
    """A Segment Anything Model; a :class:`~napari_cutout.sam.family.Family`.

    The parameters have Meta's names, so that ``state_dict()`` is Meta's checkpoint. A new model
    is not initialised for anything but being overwritten: load weights with
    :func:`napari_cutout.sam.load_model`.

    The parameters of a loaded model are frozen, so its answers carry no graph. Those of a copy
    that asks for gradients do: the same methods serve training.

    Parameters
    ----------
    config
        Its sizes.
    notes
        What :attr:`info` tells of where its weights are from.

    References
    ----------
    .. [1] Kirillov et al., "Segment Anything", ICCV 2023. https://arxiv.org/abs/2304.02643
    .. [2] Zhang et al., "Faster Segment Anything: Towards Lightweight SAM for Mobile
       Applications", 2023. https://arxiv.org/abs/2306.14289
    .. [3] Ma et al., "Segment anything in medical images", Nature Communications 2024.
    """

    def __init__(self, config: SamConfig, notes: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.config = config
        self._notes = notes
        self._fingerprint: tuple[tuple[tuple[int, int], ...], str] | None = None
        self._decoder_precision = torch.float32
        self._last_image: LastImage[SharedImage] = LastImage()
        encoder = config.encoder
        self.image_encoder: nn.Module
        if isinstance(encoder, TinyVitConfig):
            self.image_encoder = TinyViT(encoder)
        else:
            self.image_encoder = ImageEncoderViT(encoder)
        self.prompt_encoder = PromptEncoder(config.decoder, encoder.input_size, encoder.grid)
        self.mask_decoder = MaskDecoder(config.decoder)

    def prepare(self, device: torch.device | str, precision: torch.dtype) -> Self:
        """Make the model ready for use: in evaluation mode, frozen, on its device.

        Parameters
        ----------
        device
            Where it computes.
        precision
            Of the image encoder. The mask decoder's products with the image are in bfloat16 when
            that is bfloat16, and in float32 otherwise; prompts, tokens and scores are in float32
            always.
        """
        self.eval().requires_grad_(False).to(device)
        self.image_encoder.to(precision)
        # In float16, the sums of the decoder could overflow.
        self._decoder_precision = precision if precision == torch.bfloat16 else torch.float32
        return self

    def prepare_training(self, device: torch.device | str, products: torch.dtype) -> Self:
        """Make the model ready to be trained: as :meth:`prepare`, but in float32 throughout.

        Parameters
        ----------
        device
            Where it computes.
        products
            What the mask decoder's products with the image are computed in.
        """
        self.eval().requires_grad_(False).to(device).float()
        self._decoder_precision = products
        return self

    @property
    def info(self) -> ModelInfo:
        """The model's sizes."""
        config, encoder = self.config, self.config.encoder
        stride = encoder.input_size // (4 * encoder.grid)
        size = encoder.grid**2 * config.decoder.dim * self._decoder_precision.itemsize
        chunk = _LARGEST_CHUNK
        if self._device.type == "cpu":
            chunk = min(chunk, max(1, _CACHED_BYTES // size))
        precision = str(self._precision).removeprefix("torch.")
        sizes = encoder.input_size, stride, chunk
        return ModelInfo("sam", config.architecture, *sizes, self._notes, precision)

    @property
    def fingerprint(self) -> str:
        """A hash of weights and sizes, computed when first asked for and after a change."""
        state = self.state_dict()
        versions = tuple((tensor.data_ptr(), tensor._version) for tensor in state.values())
        if self._fingerprint is None or self._fingerprint[0] != versions:
            own = self.config.normalisation
            sizes = self.config if own is None else (self.config, own)
            self._fingerprint = versions, fingerprint(state, sizes)
        return self._fingerprint[1]

    def encode(self, pixels: Tensor) -> Features:
        """Encode an image.

        Parameters
        ----------
        pixels
            ``(rows, cols, 3)`` uint8 RGB of any size, on any device.

        Returns
        -------
        Features
            One map, ``"image"``, ``(1, 256, 64, 64)`` float32 for the published sizes.

        Raises
        ------
        ValueError
            If ``pixels`` is anything else, or empty.
        """
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != torch.uint8:
            raise ValueError(
                f"encode() was given {pixels.dtype} pixels of shape {tuple(pixels.shape)}; it "
                "takes uint8 of shape (rows, cols, 3): repeat a grey channel three times"
            )
        rows, cols = pixels.shape[:2]
        if not rows or not cols:
            raise ValueError(f"encode() was given an empty image, shape {tuple(pixels.shape)}")
        side, framing = self.config.encoder.input_size, self.config.framing
        levels = network_input(pixels, side, framing, self.config.normalisation)
        image = levels.to(self._device, self._precision)
        embedding: Tensor = self.image_encoder(image).float()
        extent = input_extent(rows, cols, side, framing)
        return Features({"image": embedding}, (rows, cols), extent)

    def decode(
        self, features: Features, prompts: PromptBatch, multimask: bool | None
    ) -> tuple[Tensor, Tensor]:
        """Predict masks.

        Parameters
        ----------
        features
            From :meth:`encode`; the map may be of any precision and on any device.
        prompts
            ``P`` objects.
        multimask
            Whether three masks are wanted for each, or one. None, for training: the one, then
            the three.

        Returns
        -------
        logits : Tensor
            ``(P, K, h, w)`` float32, ``h`` and ``w`` 256 for the published sizes; K = 3 or 1,
            or 4 in training.
        scores : Tensor
            ``(P, K)`` float32, the predicted IoU.
        """
        draft = self.draft(features, prompts, multimask)
        return draft.all_logits(), draft.scores

    def draft(self, features: Features, prompts: PromptBatch, multimask: bool | None) -> MaskDraft:
        """Predict the IoU of masks, and make masks when asked for; see :meth:`decode`."""
        device, logits = self._device, prompts.logits
        sparse, dense = self.prompt_encoder(
            _to_input(prompts.points.to(device), features),
            prompts.positive.to(device),
            None if prompts.boxes is None else self._corners(prompts.boxes, features),
            None if logits is None else logits.to(device, torch.float32),
        )
        embedding = features.maps["image"]
        positions = self.prompt_encoder.dense_positions(self._decoder_precision)
        image: Tensor | SharedImage
        if logits is None:
            image = self._shared(embedding, dense, positions)
        else:
            image = self._rows(embedding, dense)
        similarity, target = prompts.similarity, prompts.target
        draft: MaskDraft = self.mask_decoder(
            image,
            positions,
            sparse,
            multimask,
            None if similarity is None else similarity.to(device).flatten(1)[:, None],
            None if target is None else target.to(device)[:, None],
        )
        return draft

    def _shared(self, embedding: Tensor, dense: Tensor, positions: Tensor) -> SharedImage:
        """What all prompts share, made anew for every call where gradients are wanted."""

        def make() -> SharedImage:
            transformer = self.mask_decoder.transformer
            return transformer.share(self._rows(embedding, dense), positions)

        first = self.mask_decoder.transformer.layers[0]
        weights = [dense, *self.prompt_encoder.pe_layer.buffers(), *first.parameters()]
        if torch.is_grad_enabled() and any(w.requires_grad for w in [embedding, *weights]):
            return make()
        versions = tuple((w.data_ptr(), w._version) for w in weights)
        return self._last_image.get(embedding, (versions, positions.dtype, positions.device), make)

    def _rows(self, embedding: Tensor, dense: Tensor) -> Tensor:
        """The embedding and the prompts' map together, ``(P, L, C)`` in the decoder's precision.

        It is ``(1, L, C)`` where there is no map.
        """
        placed = embedding.to(self._device, torch.float32) + dense
        return placed.flatten(2).mT.contiguous().to(self._decoder_precision)

    def input_extent(self, pixel_size: tuple[int, int]) -> tuple[int, int]:
        """``(rows, cols)`` of the network's input that pixels cover, before padding."""
        return input_extent(*pixel_size, self.config.encoder.input_size, self.config.framing)

    def logits_size(self, pixel_size: tuple[int, int]) -> tuple[int, int]:
        """``(h, w)`` of the low-resolution logits: always the whole square, padding included."""
        side = 4 * self.config.encoder.grid
        return side, side

    def upscale(self, logits: Tensor, pixel_size: tuple[int, int]) -> Tensor:
        """Bring logits to the pixels.

        Parameters
        ----------
        logits
            ``(P, K, h, w)`` from :meth:`decode`.
        pixel_size
            ``(rows, cols)`` of the pixels that were encoded.

        Returns
        -------
        Tensor
            ``(P, K, rows, cols)`` float32; the mask is where it is above 0.
        """
        side, framing = self.config.encoder.input_size, self.config.framing
        return upscale_logits(logits.float(), side, pixel_size, framing)

    def mask_prompt(self, masks: Tensor) -> Tensor:
        """Turn masks ``(P, rows, cols)`` bool into the mask prompt ``(P, 1, h, w)`` float32.

        Inside is +10, outside -10, and the cells on the edge lie between in proportion to what
        the mask covers of them.
        """
        side, framing = self.config.encoder.input_size, self.config.framing
        low_res = 4 * self.config.encoder.grid
        return mask_logits(masks.to(self._device), side, low_res, framing, CERTAIN)

    @property
    def _device(self) -> torch.device:
        return self.mask_decoder.iou_token.weight.device

    @property
    def _precision(self) -> torch.dtype:
        return next(self.image_encoder.parameters()).dtype

    def _corners(self, boxes: Tensor, features: Features) -> Tensor:
        corners = boxes.to(self._device).view(-1, 2, 2)
        return _to_input(corners, features).flatten(1)


def _to_input(positions: Tensor, features: Features) -> Tensor:
    """Turn (row, col) of the pixels, ``(P, N, 2)``, into SAM's (x, y) of the input.

    Each axis has its own scale, because the extents are rounded. The prompt encoder adds the
    half pixel afterwards, in the input's frame, as the reference does.
    """
    ratios = [new / old for new, old in zip(features.input_size, features.pixel_size, strict=True)]
    return (positions.float() * positions.new_tensor(ratios, dtype=torch.float32)).flip(-1)
