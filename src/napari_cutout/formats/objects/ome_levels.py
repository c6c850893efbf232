"""The levels of labels in an OME-Zarr: which there are, and writing them piece by piece.

A coarser level has some pixels of the finest, as ids can't be averaged. What is said of the levels
is in ome_labels.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Steps = tuple[int, ...]

_CHUNK = 1024
_SMALLEST = 512


def own_steps(shape: Sequence[int]) -> list[Steps]:
    """Every how many-th pixel each level has along each axis: half of a frame after half of it."""
    found, step = [], 1
    while True:
        found.append((*(1,) * (len(shape) - 2), step, step))
        if -(-max(shape[-2:]) // step) <= _SMALLEST:
            return found
        step *= 2


def steps_of_image(
    stated: Any, group: Any, names: Sequence[str], shape: Sequence[int]
) -> list[Steps]:
    """The same, so that each level goes with one of an image's, as the format wants it.

    Parameters
    ----------
    stated
        What the image says of its levels: an entry of ``multiscales``.
    group
        Of the image.
    names, shape
        The labels' axes, and their lengths.

    Raises
    ------
    FormatError
        If they aren't labels of that image.
    """
    try:
        axes = [axis["name"] for axis in stated["axes"]]
        levels = [group[one["path"]].shape for one in stated["datasets"]]
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise FormatError(f"what the image says of itself isn't OME-Zarr's ({error!r})") from error
    places = [axes.index(name) if name in axes else None for name in names]
    finest = tuple(1 if at is None else levels[0][at] for at in places)
    if finest != tuple(shape):
        raise FormatError(
            f"labels of shape {tuple(shape)} with the axes {', '.join(names)} don't go with the "
            f"image's shape {tuple(levels[0])} with {', '.join(axes)}"
        )
    return [
        tuple(1 if at is None else max(round(levels[0][at] / level[at]), 1) for at in places)
        for level in levels
    ]


def create_levels(
    group: Any,
    labels_shape: Sequence[int],
    dtype: np.dtype[Any],
    names: Sequence[str],
    steps: Sequence[Steps],
    version: int,
) -> list[Any]:
    """Arrays of all levels, all background. No chunk holds pixels of two frames."""
    options: dict[str, Any] = {"dimension_names": list(names)}
    if version == 2:
        options = {"chunk_key_encoding": {"name": "v2", "separator": "/"}}
    found = []
    for level, step in enumerate(steps):
        shape = tuple(-(-int(size) // by) for size, by in zip(labels_shape, step, strict=True))
        chunks = (*(1,) * (len(shape) - 2), *(min(max(size, 1), _CHUNK) for size in shape[-2:]))
        found.append(
            group.create_array(
                str(level), shape=shape, chunks=chunks, dtype=dtype, fill_value=0, **options
            )
        )
    return found


def write_levels(
    group: Any, labels: Any, names: Sequence[str], steps: Sequence[Steps], version: int
) -> None:
    """Write the pixels, and those of each coarser level.

    Raises
    ------
    FormatError
        If there are ids below 0.
    """
    dtype = np.dtype(np.uint8) if np.dtype(labels.dtype) == bool else np.dtype(labels.dtype)
    levels = create_levels(group, labels.shape, dtype, names, steps, version)
    source, before = labels, (1,) * len(labels.shape)
    for written, step in zip(levels, steps, strict=True):
        shape = written.shape
        if any(by % known for by, known in zip(step, before, strict=True)):
            source, before = labels, (1,) * len(shape)
        inside = tuple(by // known for by, known in zip(step, before, strict=True))
        for region in _regions(shape):
            block = np.asarray(source[_stepped(region, inside)]).astype(dtype, copy=False)
            if block.size and block.min() < 0:
                raise FormatError(
                    f"there are labels below 0 (down to {block.min()}); give those objects ids "
                    "from 1 on"
                )
            if block.any():
                written[region] = block
        source, before = written, step


def _regions(shape: Sequence[int]) -> Iterator[tuple[slice, ...]]:
    """The chunks of each frame."""
    for index in np.ndindex(*shape[:-2]):
        frame = tuple(slice(at, at + 1) for at in index)
        for row in range(0, shape[-2], _CHUNK):
            for col in range(0, shape[-1], _CHUNK):
                rows = slice(row, min(row + _CHUNK, shape[-2]))
                yield (*frame, rows, slice(col, min(col + _CHUNK, shape[-1])))


def _stepped(region: Sequence[slice], steps: Steps) -> tuple[slice, ...]:
    """The same pixels in a level that is finer by some steps."""
    return tuple(
        slice(at.start * by, (at.stop - 1) * by + 1, by)
        for at, by in zip(region, steps, strict=True)
    )
