"""Which model a session asks, and what it sees of the image: intensities, window, channels, store.

What is asked, and what is shown of the answers, is in previewing.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_cutout.layers.image.channels import Channels, choose_channels
from napari_cutout.layers.image.view_window import LookedAt, check_choice
from napari_cutout.layers.watching import Watching
from napari_cutout.segment.store import EmbeddingStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cutout.segment import Segmenter


class Looking(Watching):
    """A session as far as what the model sees. See :class:`.Session`."""

    @property
    def model(self) -> str | Path | Segmenter:
        """The model: a segmenter, or the name or path of one."""
        return self._predictor.model

    @model.setter
    def model(self, model: str | Path | Segmenter) -> None:
        self._predictor.model = model
        self._start_over()

    @property
    def segmenter(self) -> Segmenter | None:
        """The model once it is loaded. Sessions of the same name or path share it."""
        return self._predictor.segmenter

    @property
    def intensity(self) -> str:
        """Name of the intensity mapping."""
        return self._predictor.intensity

    @intensity.setter
    def intensity(self, name: str) -> None:
        self._predictor.intensity = name
        self._start_over()

    @property
    def window(self) -> LookedAt:
        """What is encoded of a frame.

        ``"auto"``: a window around the prompts that shows the object large enough; ``"whole"``:
        the frame; ``"view"``: what the canvas shows, and what is prompted.
        """
        return self._window

    @window.setter
    def window(self, window: LookedAt) -> None:
        self._window = check_choice(window)
        self._start_over()
        self.events.options()

    @property
    def channels(self) -> Channels | None:
        """The channels of the image that are taken as the frame; None for the frame as it is."""
        return self._channels

    def choose_channels(self, axis: int | str | None, positions: Sequence[int] = ()) -> None:
        """Take one channel as the frame, or three as its colours.

        Parameters
        ----------
        axis
            The image's axis of channels, by number or label; None for the frame as it is.
        positions
            One on that axis, or three for red, green and blue.

        Raises
        ------
        FrameError
            If there are no such channels.
        """
        chosen = None if axis is None else choose_channels(self.image, axis, positions)
        self._channels = chosen
        self._start_over()
        self.events.options()

    @property
    def store(self) -> EmbeddingStore | None:
        """Where embeddings are kept on disk besides; None for nowhere."""
        return self._predictor.store

    @store.setter
    def store(self, store: EmbeddingStore | str | Path | None) -> None:
        self._predictor.store = EmbeddingStore(store) if isinstance(store, str | Path) else store
        self._start_over()
