"""The model of a session, and how it maps the intensities of its image: what encoding needs.

How frames are encoded is in encoder.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_cutout.layers.image import mapping
from napari_cutout.layers.model import models

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.layers import Image

    from napari_cutout.layers.image.channels import Channels
    from napari_cutout.layers.image.frames import FrameSource
    from napari_cutout.segment import IntensityMapping, Segmenter

    Equipment = tuple[Segmenter, IntensityMapping]


class Equipping:
    """What encoding needs. See :class:`.Predictor`.

    Parameters
    ----------
    image, model, intensity, loading
        See :class:`.Encoder`.
    """

    def __init__(
        self,
        image: Image,
        model: str | Path | Segmenter,
        intensity: str,
        loading: models.Loading = models.AUTO,
    ) -> None:
        self._image, self._loading = image, loading
        self._segmenter: Segmenter | None = None
        self._mappings: dict[Channels | None, IntensityMapping] = {}
        self._era = object()
        self.model = model
        self.intensity = intensity

    @property
    def model(self) -> str | Path | Segmenter:
        """What was asked for."""
        return self._model

    @model.setter
    def model(self, model: str | Path | Segmenter) -> None:
        self._model = model
        self._segmenter = models.loaded(model, self._loading)
        self.forget()

    @property
    def segmenter(self) -> Segmenter | None:
        """The model once it is loaded."""
        return self._segmenter

    @property
    def model_name(self) -> str:
        """In words."""
        if isinstance(self._model, str | Path):
            return Path(self._model).name if isinstance(self._model, Path) else self._model
        return self._model.name

    @property
    def intensity(self) -> str:
        """Name of the intensity mapping."""
        return self._intensity

    @intensity.setter
    def intensity(self, name: str) -> None:
        self._intensity = mapping.check_name(name)
        low, high = self._image.contrast_limits
        self._limits = (float(low), float(high))
        self.forget()

    def mapping_of(self, channels: Channels | None) -> IntensityMapping | None:
        """The intensity mapping of some channels; None while it follows each frame."""
        return self._mappings.get(channels)

    def forget(self) -> None:
        """The image, its pixels or the model changed: nothing known holds any more."""
        self._mappings, self._era = {}, object()

    def equipping(
        self, source: FrameSource
    ) -> tuple[Callable[[], Equipment], Callable[[Equipment], None]]:
        """What gives the model and the intensity mapping in any thread, and what keeps them.

        Parameters
        ----------
        source
            One of the frames that they are for.
        """
        era, name, compute = self._era, self._intensity, self._equipped(source)

        def keep(found: Equipment) -> None:
            if era is self._era:
                self._keep(name, *found, source.channels)

        return compute, keep

    def _equipped(self, source: FrameSource) -> Callable[[], Equipment]:
        model, limits = self._segmenter or self._model, self._limits
        loading = self._loading
        known = self._mappings.get(source.channels)
        image, name = self._image, mapping.check_name(self._intensity)

        def find() -> Equipment:
            segmenter = models.load(model, loading)
            chosen = known or mapping.resolve(name, image, source.index, limits, source.channels)
            return segmenter, chosen

        return find

    def _keep(
        self,
        name: str,
        segmenter: Segmenter,
        resolved: IntensityMapping | None,
        channels: Channels | None,
    ) -> None:
        self._segmenter = segmenter
        if name != "percentile" and resolved is not None:
            self._mappings[channels] = resolved
