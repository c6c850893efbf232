"""Labels that programs saved as floats as the whole numbers that they are, when they are read.

What else can stand for labels is said in label_pixels.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.errors import FormatError, reading

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import DTypeLike, NDArray


@dataclass(frozen=True, eq=False)
class WholeNumbers:
    """An array of floats as int64, converted where it is sliced.

    Parameters
    ----------
    data
        Floats that are sliced as numpy's are, for example an array of zarr.
    path
        Their file, for messages.
    """

    data: Any
    path: Path

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the whole array."""
        return tuple(int(length) for length in self.data.shape)

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return len(self.shape)

    @property
    def dtype(self) -> np.dtype[np.int64]:
        """Of what slices give."""
        return np.dtype(np.int64)

    def __getitem__(self, place: Any) -> NDArray[np.int64]:
        """The numbers of a slice.

        Raises
        ------
        FormatError
            If it can't be read, or they aren't whole.
        """
        with reading(self.path):
            floats = np.asarray(self.data[place])
        return whole(floats, self.path)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        """All of them; they are converted, so there is no giving them without a copy."""
        if copy is False:
            raise ValueError(f"{self.path}: floats become integers in a copy alone")
        return np.asarray(self[...], dtype)


def whole(labels: NDArray[Any], path: Path) -> NDArray[np.int64]:
    """Floats as integers.

    Raises
    ------
    FormatError
        If some aren't whole, or so large that they may have been others.
    """
    limit = 2.0 ** (np.finfo(labels.dtype).nmant + 1)
    with np.errstate(invalid="ignore"):
        is_whole = (labels == np.rint(labels)) & (np.abs(labels) <= limit)
    if not is_whole.all():
        raise FormatError(
            f"{path}: labels are whole numbers, not {labels[~is_whole].flat[0]} ({labels.dtype}); "
            "save them as integers"
        )
    return labels.astype(np.int64)
