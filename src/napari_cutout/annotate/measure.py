"""Measuring objects, in the image's units: one row for every object and frame, as columns.

Arrays in, columns out. Where pixels come from is decided above; how columns are written and summed
up is in measurements.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.frame_index import sliced_axes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from napari_cutout.annotate.frame_index import FrameIndex

    Columns = dict[str, NDArray[Any]]

_SHAPE = ("label", "num_pixels", "bbox", "centroid", "eccentricity", "solidity")
_INTENSITY = {"mean": "mean", "min": "min", "max": "max", "std": "standard deviation"}


@dataclass(frozen=True)
class Calibration:
    """What a pixel of a frame measures.

    Parameters
    ----------
    pixel_size
        Of its (row, col), in the unit.
    unit
        As it is written in the names of columns.

    Raises
    ------
    ValueError
        If a size isn't positive.
    """

    pixel_size: tuple[float, float] = (1.0, 1.0)
    unit: str = "pixel"

    def __post_init__(self) -> None:
        if not all(math.isfinite(size) and size > 0 for size in self.pixel_size):
            raise ValueError(f"pixels measure more than 0, not {self.pixel_size!r}")


@dataclass(frozen=True, eq=False)
class Region:
    """A box of a frame with all pixels of the objects that are measured in it.

    Parameters
    ----------
    frame
        Where it is.
    ids
        Those to be measured; others may lie in the box as well.
    origin
        (row, col) of the box in the frame.
    labels
        ``(h, w)`` integers.
    intensity
        ``(h, w)`` or ``(h, w, channels)``, the image there; None to measure shapes only.
    """

    frame: FrameIndex
    ids: tuple[int, ...]
    origin: tuple[int, int]
    labels: NDArray[np.integer]
    intensity: NDArray[np.generic] | None = None


def measure(
    region: Region,
    calibration: Calibration = Calibration(),
    channels: Sequence[str] = (),
    classes: Mapping[int, str] | None = None,
    axes: Sequence[str] = (),
) -> Columns:
    """Measure the objects of a region. O(box), and some 0.5 ms an object.

    Parameters
    ----------
    region
        What is measured.
    calibration
        What its pixels measure.
    channels
        Names of the image's channels, for the columns; numbered when left out.
    classes
        Of the ids that have one.
    axes
        Names of the axes of the labels, for the columns of the frame's position; numbered when
        left out.

    Returns
    -------
    dict of str to ndarray
        A row for each id that has pixels there. ``id``, ``class``, the frame's position on each
        sliced axis, ``pixels``, and with the unit in the name: ``area``, ``equivalent diameter``
        (of the circle of that area), ``perimeter``, ``centroid row``, ``centroid col`` and the box
        ``row0 col0 row1 col1`` (positions of pixel centres, counted from the frame's first one);
        ``eccentricity`` and ``solidity``; of each channel ``mean``, ``min``, ``max`` and
        ``standard deviation``.

    Notes
    -----
    The perimeter is that of Crofton's formula with lines in four directions, which holds for pixels
    that aren't square: half the sum of crossings, each times the distance of its lines and the
    angle that they stand for.
    """
    ids = np.array(sorted(region.ids))
    intensity = region.intensity
    if intensity is not None and intensity.ndim == 2:
        intensity = intensity[..., None]
    found = _properties(_numbered(region.labels, ids), intensity, calibration)
    chosen = ids[found["label"] - 1]
    columns: Columns = {"id": chosen}
    names = [(classes or {}).get(number, "") for number in chosen.tolist()]
    columns["class"] = np.array(names, object)
    for axis in sliced_axes(region.frame):
        name = axes[axis] if axes else f"axis {axis}"
        columns[name] = np.full(len(chosen), region.frame[axis])
    columns |= _shape_columns(found, region.origin, calibration)
    for channel in range(0 if intensity is None else intensity.shape[-1]):
        title = channels[channel] if channels else f"channel {channel + 1}"
        for name, text in _INTENSITY.items():
            columns[f"{text} of {title}"] = found[f"intensity_{name}-{channel}"]
    return columns


def crofton_perimeter(mask: NDArray[np.bool_], pixel_size: tuple[float, float]) -> float:
    """The length of a mask's outline, holes included. See :func:`measure`."""
    down, right = pixel_size
    padded = np.pad(mask, 1)
    diagonal = math.atan2(down, right)
    apart = down * right / math.hypot(down, right)
    crossings = (
        (padded[:, 1:] != padded[:, :-1], down, diagonal),
        (padded[1:] != padded[:-1], right, math.pi / 2 - diagonal),
        (padded[1:, 1:] != padded[:-1, :-1], apart, math.pi / 4),
        (padded[1:, :-1] != padded[:-1, 1:], apart, math.pi / 4),
    )
    return sum(np.count_nonzero(where) * step * angle for where, step, angle in crossings) / 2


def _numbered(labels: NDArray[np.integer], ids: NDArray[np.integer]) -> NDArray[np.intp]:
    """The places of ids, from 1: they may be larger than an array of all could be long."""
    places = np.searchsorted(ids, labels)
    places[places == len(ids)] = 0
    return np.where(ids[places] == labels, places + 1, 0)


def _properties(
    numbered: NDArray[np.intp], intensity: NDArray[Any] | None, calibration: Calibration
) -> Mapping[str, NDArray[Any]]:
    """What scikit-image finds of each number, on the channels of ``intensity``."""
    from skimage.measure import regionprops_table

    def outline(mask: NDArray[np.bool_]) -> float:
        return crofton_perimeter(mask, calibration.pixel_size)

    found: Mapping[str, NDArray[Any]] = regionprops_table(  # type: ignore[no-untyped-call]
        numbered,
        None if intensity is None else _countable(intensity),
        (*_SHAPE, *(f"intensity_{name}" for name in _INTENSITY if intensity is not None)),
        extra_properties=(outline,),
        spacing=calibration.pixel_size,
    )
    return found


def _shape_columns(
    found: Mapping[str, NDArray[Any]], origin: tuple[int, int], calibration: Calibration
) -> Columns:
    down, right = calibration.pixel_size
    unit = calibration.unit
    area = found["num_pixels"] * down * right
    top, left = origin[0] * down, origin[1] * right
    return {
        "pixels": found["num_pixels"].astype(np.int64),
        f"area ({unit}²)": area,
        f"equivalent diameter ({unit})": 2 * np.sqrt(area / np.pi),
        f"perimeter ({unit})": found["outline"],
        f"centroid row ({unit})": found["centroid-0"] + top,
        f"centroid col ({unit})": found["centroid-1"] + left,
        f"row0 ({unit})": found["bbox-0"] * down + top,
        f"col0 ({unit})": found["bbox-1"] * right + left,
        f"row1 ({unit})": (found["bbox-2"] - 1) * down + top,
        f"col1 ({unit})": (found["bbox-3"] - 1) * right + left,
        "eccentricity": found["eccentricity"],
        "solidity": found["solidity"],
    }


def _countable(intensity: NDArray[np.generic]) -> NDArray[Any]:
    """Half floats and booleans as what sums of them fit into."""
    kind = intensity.dtype.kind
    narrow = kind == "b" or (kind == "f" and intensity.dtype.itemsize < 4)
    return intensity.astype(np.float32) if narrow else intensity
