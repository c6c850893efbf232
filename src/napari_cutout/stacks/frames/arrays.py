"""A stack of an array: numpy, dask, zarr, xarray, or whatever has a shape and takes slices."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames import identity as identities
from napari_cutout.stacks.frames.layout import layout_of
from napari_cutout.stacks.frames.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class ArrayStack(Stack):
    """Frames of an array, read when asked for.

    Parameters
    ----------
    data
        An array with rows, columns and any number of other axes; dask, zarr and h5py arrays are
        read frame by frame.
    axes
        A letter, or a name, for every axis of the data, ``y`` and ``x`` among them; ``c`` are
        channels, or colours where it is last and has 3 or 4. None: as its ``dims`` say, or where
        there is one reading only.
    channel
        Which channel to take. None: there are none, or they are colours.
    name
        In words, for messages.
    scale, units
        For every axis of the data, in their order. None: 1.0 each, unknown.
    identity
        None: of its values, or its file; see :func:`.of_array`.
    said
        The axes as the data name them, for where ``axes`` are None; None for one that isn't named.

    Raises
    ------
    StackError
        If the axes can be read in two ways, or don't fit.

    Examples
    --------
    >>> stack = ArrayStack(np.zeros((5, 40, 60), np.uint8), axes="tyx")
    >>> stack.axes, stack.shape, stack.frame_shape
    (('t',), (5,), (40, 60))
    """

    def __init__(
        self,
        data: Any,
        axes: str | Sequence[str] | None = None,
        *,
        channel: int | None = None,
        name: str = "the array",
        scale: Sequence[float] | None = None,
        units: Sequence[str | None] | None = None,
        identity: str | None = None,
        said: Sequence[str | None] | None = None,
    ) -> None:
        if not hasattr(data, "shape") or not hasattr(data, "dtype"):
            data = np.asarray(data)
        said = said if said is not None else _dims(data)
        self._layout = layout = layout_of(data.shape, axes, channel, name, said=said)
        for what, values in (("scale", scale), ("units", units)):
            if values is not None and len(values) != len(layout.axes):
                raise StackError(
                    f"{name} has axes {layout.axes}, but {what} {tuple(values)}; give one for each"
                )
        self._data = data
        super().__init__(
            name=name,
            axes=layout.looped,
            shape=layout.shape,
            frame_shape=layout.frame_shape,
            dtype=_dtype(data),
            identity=identity or identities.of_array(data, layout.axes, channel),
            is_rgb=layout.is_rgb,
            scale=None if scale is None else layout.of_axes(scale),
            units=None if units is None else layout.of_axes(units),
        )

    def __getstate__(self) -> dict[str, Any]:
        # What is mapped from a file is mapped again, not copied.
        mapped = _mapped(self._data)
        return {**self.__dict__, "_data": None, "_mapped": mapped} if mapped else self.__dict__

    def __setstate__(self, state: dict[str, Any]) -> None:
        mapped = state.pop("_mapped", None)
        self.__dict__.update(state)
        if mapped is not None:
            self._data = np.memmap(mode="r", **mapped)

    def _read(self, index: tuple[int, ...]) -> NDArray[Any]:
        return self._layout.arranged(np.asarray(self._data[self._layout.where(index)]))


def _dtype(data: Any) -> np.dtype[Any]:
    """As numpy knows it; tensorstore has its own."""
    dtype: np.dtype[Any] = np.dtype(getattr(data.dtype, "numpy_dtype", data.dtype))
    return dtype


def _dims(data: Any) -> tuple[str, ...] | None:
    """The names of xarray's dimensions, where rows and columns are among them."""
    dims = getattr(data, "dims", None)
    names = tuple(str(name).lower() for name in dims) if isinstance(dims, tuple) else ()
    return names if {"y", "x"} <= set(names) else None


def _mapped(data: Any) -> dict[str, Any] | None:
    """How a whole array is mapped from its file; None for others, and for parts of one."""
    if not isinstance(data, np.memmap) or not isinstance(data.base, mmap.mmap):
        return None
    order = "C" if data.flags.c_contiguous else "F"
    return {
        "filename": data.filename,
        "dtype": data.dtype,
        "shape": data.shape,
        "offset": data.offset,
        "order": order,
    }
