"""Label images as whole numbers, in whatever way they were stored. What they mean isn't said here.

Palettes stand for the places in them, greys in colours for one number, and floats that are whole
numbers for these, see whole_numbers.py. Numbering ids is done where labels are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.errors import FormatError, reading
from napari_cutout.formats.images import open_image
from napari_cutout.formats.picture_pixels import read_indices
from napari_cutout.formats.whole_numbers import WholeNumbers, whole

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_WITH_PALETTES = {".png", ".bmp"}


def read_labels(path: Path) -> Any:
    """The numbers of a label image.

    Parameters
    ----------
    path
        The file: see :func:`.open_image`.

    Returns
    -------
    array
        ``(..., rows, cols)``: of numpy, mapped from the file where that can be, or of zarr; of a
        zarr of floats :class:`.WholeNumbers`.

    Raises
    ------
    FormatError
        If it can't be read, holds colours, or numbers that aren't whole. Of a zarr, where that is
        sliced.
    """
    stored = open_image(path)
    data = stored.data
    if stored.channels_last:
        data = _of_colours(np.asarray(data), path)
    if data.dtype.kind != "f":
        return data
    return whole(data, path) if isinstance(data, np.ndarray) else WholeNumbers(data, path)


def is_mask(values: NDArray[Any]) -> bool:
    """Whether labels of an integer dtype with these values are a mask: 0, and the largest there is.

    Parameters
    ----------
    values
        Those that occur, sorted.
    """
    kind = values.dtype
    return bool(
        kind.kind == "u"
        and kind.itemsize <= 2
        and values.size
        and values[-1] == np.iinfo(kind).max
        and not values[:-1].any()
    )


def _of_colours(colours: NDArray[Any], path: Path) -> NDArray[Any]:
    if path.suffix.lower() in _WITH_PALETTES:
        with reading(path):
            indices = read_indices(path)
        if indices.ndim == 2:
            return indices
    one = colours[..., 0]
    if not (colours[..., :3] == one[..., None]).all():
        raise FormatError(
            f"{path}: labels have one number for each pixel, not colours (shape {colours.shape}); "
            "save the ids instead of their colours"
        )
    return one
