"""Masks as run-length text, as COCO and SA-1B have them: ``{"size": [h, w], "counts": "..."}``.

One mask in its box. Where the box lies is for others to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.segment.errors import MaskError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LARGEST = 2**32 - 1
"""Pixels of a mask at most: pycocotools counts in 32 bits."""

# A count is written in digits of five bits, the lowest first; a sixth says that more follow.
_FIRST_CHARACTER, _LAST_CHARACTER = 48, 48 + 63
_MORE, _SIGN, _DIGIT = 0x20, 0x10, 0x1F
_MOST_DIGITS = 7


@dataclass(frozen=True)
class Rle:
    """A mask, run-length encoded.

    Parameters
    ----------
    size
        ``(h, w)`` of its box.
    counts
        The lengths of the runs down the columns, background first, in COCO's compressed text.

    Raises
    ------
    MaskError
        If the runs don't fill the box exactly.

    Examples
    --------
    >>> import numpy as np
    >>> Rle.encode(np.eye(2, dtype=bool))
    Rle(size=(2, 2), counts='0120')
    """

    size: tuple[int, int]
    counts: str

    def __post_init__(self) -> None:
        _check_size(self.size)
        self._checked_runs()

    @classmethod
    def encode(cls, mask: ArrayLike) -> Rle:
        """Encode a mask.

        Parameters
        ----------
        mask
            ``(h, w)`` bool.

        Raises
        ------
        MaskError
            If it isn't one.
        """
        array = np.asarray(mask)
        if array.ndim != 2 or array.dtype != bool:
            raise MaskError(f"a mask is (h, w) bool, not {array.shape} {array.dtype}")
        height, width = array.shape
        # No copy where the pixels already lie column by column.
        pixels = np.ascontiguousarray(array.T).ravel()
        changes = np.flatnonzero(pixels[1:] != pixels[:-1]) + 1
        # Background first, if none of it.
        first = [0, 0] if pixels[:1].any() else [0]
        ends = np.concatenate([first, changes, [len(pixels)] if len(pixels) else []])
        return cls.of_runs((height, width), np.diff(ends).astype(np.int64))

    @classmethod
    def of_runs(cls, size: tuple[int, int], runs: NDArray[np.int64]) -> Rle:
        """A mask from the lengths of its runs. O(runs).

        Parameters
        ----------
        size
            ``(h, w)`` of its box.
        runs
            The lengths down the columns, background first.

        Raises
        ------
        MaskError
            If they don't fill the box exactly.
        """
        _check_size(size)
        height, width = size
        if (runs < 0).any() or int(runs.sum()) != height * width:
            raise MaskError(f"the runs {runs[:9]} do not fill {height} rows and {width} columns")
        made = object.__new__(cls)
        # Not by __init__, which would read back the text that is written here.
        object.__setattr__(made, "size", (height, width))
        object.__setattr__(made, "counts", _text(runs))
        return made

    def decode(self) -> NDArray[np.bool_]:
        """The mask: ``(h, w)`` bool."""
        height, width = self.size
        # Not by pycocotools, whose decoder warns with numpy 2.
        runs = self._checked_runs()
        columns = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(width, height)
        return np.ascontiguousarray(columns.T)

    @property
    def area(self) -> int:
        """The number of pixels that are set; nothing is decoded."""
        return int(self._checked_runs()[1::2].sum())

    def runs(self) -> NDArray[np.int64]:
        """The lengths of the runs down the columns, background first."""
        return self._checked_runs()

    def _checked_runs(self) -> NDArray[np.int64]:
        height, width = self.size
        runs = _runs(self.counts)
        if runs is None or (runs < 0).any() or int(runs.sum()) != height * width:
            raise MaskError(
                f"the counts {self.counts[:40]!r} are not the runs of a mask of {height} rows and "
                f"{width} columns; the file was changed or cut off"
            )
        return runs

    def to_json(self) -> dict[str, Any]:
        """``{"size": [h, w], "counts": "..."}``."""
        return {"size": list(self.size), "counts": self.counts}

    @classmethod
    def from_json(cls, value: object) -> Rle:
        """Read what :meth:`to_json` gave.

        Raises
        ------
        MaskError
            If it is anything else.
        """
        size = value.get("size") if isinstance(value, dict) else None
        counts = value.get("counts") if isinstance(value, dict) else None
        are_sizes = isinstance(size, list) and len(size) == 2 and all(type(n) is int for n in size)
        if not are_sizes or not isinstance(counts, str):
            raise MaskError(
                'a run-length encoded mask is {"size": [h, w], "counts": "..."}, '
                f"not {str(value)[:80]}"
            )
        assert isinstance(size, list)
        return cls((size[0], size[1]), counts)


def _check_size(size: tuple[int, int]) -> None:
    height, width = size
    # pycocotools leaves what isn't counted unset, and trusts the size.
    if min(height, width) < 0 or height * width > LARGEST:
        raise MaskError(f"the size of a run-length encoded mask can't be {size}")


def _text(runs: NDArray[np.int64]) -> str:
    """Runs as COCO's text. O(runs)."""
    values = runs.copy()
    # From the fourth on as differences from the last but one.
    values[3:] -= runs[1:-2]
    lengths = np.ones(len(values), np.int64)
    for digits in range(1, _MOST_DIGITS):
        half = 1 << (5 * digits - 1)
        is_longer = (values < -half) | (values >= half)
        if not is_longer.any():
            break
        lengths += is_longer
    starts = np.cumsum(lengths) - lengths
    characters = np.empty(int(lengths.sum()), np.uint8)
    for place in range(int(lengths.max(initial=0))):
        has = np.flatnonzero(lengths > place)
        digit = (values[has] >> (5 * place)) & _DIGIT
        digit[lengths[has] > place + 1] |= _MORE
        characters[starts[has] + place] = digit + _FIRST_CHARACTER
    return characters.tobytes().decode("ascii")


def _runs(counts: str) -> NDArray[np.int64] | None:
    """The lengths of the runs, or None where it isn't a text of them. O(length of the text)."""
    try:
        characters = np.frombuffer(counts.encode("ascii"), np.uint8).astype(np.int64)
    except UnicodeEncodeError:
        return None
    if not len(characters):
        return np.zeros(0, np.int64)
    if characters.min() < _FIRST_CHARACTER or characters.max() > _LAST_CHARACTER:
        return None
    digits = characters - _FIRST_CHARACTER
    last = np.flatnonzero((digits & _MORE) == 0)
    if not len(last) or last[-1] != len(digits) - 1:
        return None
    starts = np.concatenate([[0], last[:-1] + 1])
    lengths = last - starts + 1
    if lengths.max() > _MOST_DIGITS:
        return None
    places = np.arange(len(digits)) - np.repeat(starts, lengths)
    values = np.add.reduceat((digits & _DIGIT) << (5 * places), starts)
    values -= np.where(digits[last] & _SIGN, 1 << (5 * lengths), 0)
    # From the fourth on they are differences from the last but one.
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return np.asarray(values, np.int64)
