"""The library's front door: frames and prompts in, candidates out, whichever model runs.

How prompts become tensors is in batching.py, which window is looked at in windows.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

import numpy as np
import torch
from numpy.typing import NDArray

from napari_cutout.sam.device import resolve_device, resolve_precision
from napari_cutout.sam.family import Dense
from napari_cutout.sam.loading import load_model
from napari_cutout.segment import batching, windows
from napari_cutout.segment.cache import FeatureCache
from napari_cutout.segment.choice import choose, extent
from napari_cutout.segment.dense import FrameMaps, stitch
from napari_cutout.segment.embedding import Embedding, embedding_key
from napari_cutout.segment.errors import PromptError
from napari_cutout.segment.intensity import IntensityMapping, as_mapping, to_pixels
from napari_cutout.segment.prediction import Prediction
from napari_cutout.segment.prompts import LowResLogits, Prompts
from napari_cutout.segment.windows import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from napari_cutout.sam.family import Family, Features, ModelInfo

CACHE_BYTES = 1 << 30

Floats = NDArray[np.float32]


class Segmenter:
    """Segments frames with a promptable model.

    Parameters
    ----------
    model
        ``"compact"`` (in the package), a name of the catalogue such as ``"vit_b"``, a repository
        ``"owner/name"`` on the hub, or the path of a checkpoint file or folder.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"mps"``.
    precision
        ``"auto"``, ``"float32"``, ``"bfloat16"``, ``"float16"``. Embeddings are stored as float16
        unless float32 is asked for.
    cache_bytes
        Feature maps kept in memory.

    Raises
    ------
    WeightsError, DownloadError, DeviceError
        See :mod:`napari_cutout.sam`.

    Examples
    --------
    >>> from napari_cutout import Prompts, Segmenter
    >>> from napari_cutout.sample_data import fluorescence
    >>> segmenter = Segmenter("compact")
    >>> embedding = segmenter.encode(fluorescence())
    >>> prediction = segmenter.predict(embedding, Prompts(points=[[200, 200]]))
    >>> prediction.masks.shape[0]
    3
    """

    def __init__(
        self,
        model: str | Path = "compact",
        *,
        device: str = "auto",
        precision: str = "auto",
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        where = resolve_device(device)
        how = resolve_precision(precision, where)
        family = load_model(model, where, how)
        storage = torch.float32 if precision == "float32" else torch.float16
        self._set_up(family, str(model), how, storage, cache_bytes)

    @classmethod
    def from_family(
        cls,
        family: Family,
        name: str,
        *,
        precision: str = "float32",
        cache_bytes: int = CACHE_BYTES,
    ) -> Segmenter:
        """A segmenter for a model that is already in memory and computes in ``precision``."""
        self = cls.__new__(cls)
        self._set_up(family, name, precision, torch.float16, cache_bytes)
        return self

    def _set_up(
        self, family: Family, name: str, precision: str, storage: torch.dtype, cache_bytes: int
    ) -> None:
        self._family = family
        self._storage = storage
        self._precision = precision
        self.name = name
        self.cache = FeatureCache(cache_bytes)

    def __repr__(self) -> str:
        return f"Segmenter({self.name!r}, precision={self._precision!r})"

    @property
    def info(self) -> ModelInfo:
        """The model's sizes."""
        return self._family.info

    @property
    def fingerprint(self) -> str:
        """A hash of the model's weights."""
        return self._family.fingerprint

    @property
    def can_dense(self) -> bool:
        """Whether the model finds all instances in one pass, see :meth:`dense`."""
        return isinstance(self._family, Dense)

    def encode(
        self,
        frame: object,
        intensity: str | tuple[float, float] | IntensityMapping = "percentile",
        window: Literal["whole"] | Window | None = None,
    ) -> Embedding:
        """Make a frame ready to be prompted.

        Parameters
        ----------
        frame
            ``(rows, cols)``, or ``(rows, cols, 3 or 4)`` for RGB and RGBA; any real dtype.
        intensity
            How intensities become 8 bits: ``"percentile"``, ``"dtype"``, ``"none"`` (uint8 as it
            is, as the reference implementation reads it), or ``(black, white)`` limits.
        window
            None: chosen for each prompt, so that a large frame isn't shrunk until its objects
            vanish. ``"whole"``: the whole frame, as the reference implementation does. Or one.

        Returns
        -------
        Embedding
            A frame that is taken whole is encoded now; windows of a larger one when asked for.

        Raises
        ------
        FrameError
            If the array isn't one frame.
        """
        mapping = as_mapping(intensity)
        pixels = to_pixels(frame, mapping)
        shape = (int(pixels.shape[0]), int(pixels.shape[1]))
        fixed = self._fixed(window, shape)
        made_by = (self._precision, str(self._storage), self._family.fingerprint)
        key = embedding_key(pixels, mapping.key, *made_by)
        embedding = Embedding(pixels, key, fixed)
        if fixed is not None:
            self._features(embedding, fixed)
        return embedding

    @overload
    def predict(
        self, embedding: Embedding, prompts: Prompts, multimask: bool = ...
    ) -> Prediction: ...
    @overload
    def predict(
        self, embedding: Embedding, prompts: Sequence[Prompts], multimask: bool = ...
    ) -> list[Prediction]: ...
    def predict(
        self,
        embedding: Embedding,
        prompts: Prompts | Sequence[Prompts],
        multimask: bool = True,
    ) -> Prediction | list[Prediction]:
        """Candidates for one object, or for each of several in batches.

        Parameters
        ----------
        embedding
            Of :meth:`encode` of this segmenter.
        prompts
            Of one object, or a list with those of one object each.
        multimask
            True: three candidates, for a prompt that may mean several things. False: one, the
            better choice after several clicks.

        Returns
        -------
        Prediction or list of Prediction
            Depends on the arguments alone; a list answers as its members would one by one.

        Raises
        ------
        PromptError
            If a prompt doesn't fit the frame.
        """
        single = isinstance(prompts, Prompts)
        asked = [prompts] if isinstance(prompts, Prompts) else list(prompts)
        for prompt in asked:
            _check(prompt, embedding)
        answers: dict[int, Prediction] = {}
        waiting = {index: self._window(embedding, prompt) for index, prompt in enumerate(asked)}
        while waiting:
            for window in sorted(set(waiting.values())):
                chosen = [index for index, place in waiting.items() if place == window]
                found = self._decode(embedding, window, [asked[i] for i in chosen], multimask)
                answers.update(zip(chosen, found, strict=True))
            waiting = {
                index: windows.larger(window, embedding.shape, self.info.input_size)
                for index, window in waiting.items()
                if embedding.window is None and answers[index].is_cut()
            }
        return answers[0] if single else [answers[index] for index in range(len(asked))]

    def dense(self, embedding: Embedding) -> FrameMaps:
        """The dense maps of a whole frame: in one pass, or tile by tile with overlap.

        Raises
        ------
        TypeError
            If the model can't, see :attr:`can_dense`.
        """
        family = self._family
        if not isinstance(family, Dense):
            raise TypeError(f"{self.name} has no dense head; use the model 'compact'")
        if embedding.window is not None:
            places = [embedding.window]
        else:
            side = self.info.input_size
            places = list(windows.tiles(embedding.shape, side, side // 4))
        pieces = ((place, family.dense(self._features(embedding, place))) for place in places)
        return stitch(pieces, embedding.shape)

    def _fixed(
        self, window: Literal["whole"] | Window | None, shape: tuple[int, int]
    ) -> Window | None:
        """The one window that all prompts of an embedding use, if there is one."""
        if isinstance(window, Window):
            if not windows.fits(window, shape):
                raise ValueError(f"{window} does not lie inside the frame of {shape}")
            return window
        if window not in (None, "whole"):
            raise ValueError(f"window is None, 'whole' or a Window, not {window!r}")
        if window == "whole" or not windows.sides(shape, self.info.input_size):
            return windows.whole(shape)
        return None

    def _window(self, embedding: Embedding, prompts: Prompts) -> Window:
        if embedding.window is not None:
            return embedding.window
        return choose(prompts, embedding.shape, self.info.input_size)

    def _features(self, embedding: Embedding, window: Window) -> Features:
        def make() -> Features:
            pixels = torch.from_numpy(embedding.pixels[window.slices].copy())
            # Grad mode belongs to a thread, and inference-mode tensors could not be trained on.
            with torch.no_grad():
                return batching.stored(self._family.encode(pixels), self._storage)

        return self.cache.get((embedding.key, window), make)

    def _decode(
        self, embedding: Embedding, window: Window, prompts: list[Prompts], multimask: bool
    ) -> list[Prediction]:
        features = self._features(embedding, window)
        upscale = _upscaler(self._family, window)
        return [
            Prediction(scores, logits, window, embedding.shape, embedding.key, upscale)
            for logits, scores in batching.decode(
                self._family, features, window, prompts, multimask
            )
        ]


def _upscaler(family: Family, window: Window) -> Callable[[Floats], Floats]:
    """From ``(K, h, w)`` logits to ``(K, rows, cols)`` of the window, without the features."""

    def upscale(logits: Floats) -> Floats:
        low = torch.from_numpy(np.array(logits, np.float32))[None]
        full: Floats = family.upscale(low, (window.rows, window.cols))[0].cpu().numpy()
        return full

    return upscale


def _check(prompts: Prompts, embedding: Embedding) -> None:
    """Check a prompt against the frame, the window and the answers that it may feed back."""
    prompts.check(embedding.shape)
    if isinstance(prompts.logits, LowResLogits) and prompts.logits.key != embedding.key:
        raise PromptError(
            "the logits are of another frame, intensity mapping or model; feed back only what "
            "was predicted from the same embedding"
        )
    if embedding.window is not None:
        reach = extent(prompts, embedding.shape)
        points_outside = any(not embedding.window.holds(np.tile(p, 2)) for p in prompts.points)
        if points_outside or (reach is not None and not embedding.window.meets(reach)):
            raise PromptError(
                f"the prompt lies outside {embedding.window}, the one window that this embedding "
                "was made for; encode the frame without window="
            )
