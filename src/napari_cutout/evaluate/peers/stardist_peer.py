"""StarDist in 2-D, by its documented class ``StarDist2D``; it finds objects and takes no prompts.

https://github.com/stardist/stardist, ``models/model2d.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.evaluate.peers.label_objects import label_objects
from napari_cutout.evaluate.peers.opening import Peer, PeerError
from napari_cutout.segment.intensity import to_pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.segment.automatic.objects import Objects

PERCENTILES = (1.0, 99.8)
"""Between which its examples map an image to 0 and 1."""


@dataclass(frozen=True)
class StarDist:
    """A loaded model.

    Parameters
    ----------
    name
        What tables call it.
    model
        A ``StarDist2D``.
    """

    name: str
    model: Any

    def find(self, frame: Any) -> Objects:
        """All objects, with StarDist's own thresholds."""
        channels = int(self.model.config.n_channel_in)
        normalize = import_module("csbdeep.utils").normalize
        pixels = normalize(_with_channels(frame, channels), *PERCENTILES, axis=(0, 1))
        labels, _ = self.model.predict_instances(pixels)
        return label_objects(labels)


def open_peer(model: str, device: str) -> Peer:
    """Load one of StarDist's pretrained models. TensorFlow chooses where it computes."""
    loaded = import_module("stardist.models").StarDist2D.from_pretrained(model)
    if loaded is None:
        raise PeerError(f"stardist has no pretrained model {model!r}; try 2D_versatile_fluo")
    return Peer(None, StarDist(f"stardist {model}", loaded))


def _with_channels(frame: Any, channels: int) -> NDArray[np.generic]:
    """Grey for a model of one channel, RGB for one of three."""
    given = np.asarray(frame)
    if channels == 1:
        return given if given.ndim == 2 else to_pixels(given).mean(axis=2)
    return given[..., :channels] if given.ndim == 3 else np.repeat(given[..., None], channels, 2)
