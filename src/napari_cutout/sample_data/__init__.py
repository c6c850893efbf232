"""Small real images to try things on: nuclei, cells, stained tissue, cells that migrate.

Where they come from and their licences stand in ATTRIBUTION.md beside them. The functions with
``_layer`` are what napari's File > Open Sample calls; no viewer is touched here.
"""

from __future__ import annotations

from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

LayerData = tuple[NDArray[np.uint8], dict[str, Any], str]


def fluorescence() -> NDArray[np.uint8]:
    """Nuclei in fluorescence, well apart, one of them dividing.

    Returns
    -------
    ndarray
        ``(520, 696)`` uint8.

    Examples
    --------
    >>> fluorescence().shape
    (520, 696)
    """
    return _read("fluorescence.png")


def phase_contrast() -> NDArray[np.uint8]:
    """Glioblastoma cells with thin processes, in phase contrast.

    Returns
    -------
    ndarray
        ``(512, 512)`` uint8.

    Examples
    --------
    >>> phase_contrast().shape
    (512, 512)
    """
    return _read("phase_contrast.png")


def histology() -> NDArray[np.uint8]:
    """Nuclei in stained tissue, in colour.

    Returns
    -------
    ndarray
        ``(256, 320, 3)`` uint8, RGB.

    Examples
    --------
    >>> histology().shape
    (256, 320, 3)
    """
    return _read("histology.png")


def time_lapse() -> NDArray[np.uint8]:
    """Glioblastoma cells that migrate, in phase contrast: twelve frames, one after the other.

    Returns
    -------
    ndarray
        ``(12, 256, 256)`` uint8: time, rows, columns.

    Examples
    --------
    >>> time_lapse().shape
    (12, 256, 256)
    """
    # One picture, with the frames one below the other.
    frames = _read("time_lapse.png")
    return frames.reshape(-1, frames.shape[1], frames.shape[1])


def fluorescence_layer() -> list[LayerData]:
    """:func:`fluorescence` as a layer for napari."""
    return [(fluorescence(), {"name": "nuclei"}, "image")]


def phase_contrast_layer() -> list[LayerData]:
    """:func:`phase_contrast` as a layer for napari."""
    return [(phase_contrast(), {"name": "cells"}, "image")]


def histology_layer() -> list[LayerData]:
    """:func:`histology` as a layer for napari."""
    return [(histology(), {"name": "tissue", "rgb": True}, "image")]


def time_lapse_layer() -> list[LayerData]:
    """:func:`time_lapse` as a layer for napari."""
    about = {"name": "migrating cells", "axis_labels": ("t", "y", "x")}
    return [(time_lapse(), about, "image")]


def _read(name: str) -> NDArray[np.uint8]:
    from skimage.io import imread

    with resources.as_file(resources.files(__name__) / name) as path:
        return np.asarray(imread(path), dtype=np.uint8)
