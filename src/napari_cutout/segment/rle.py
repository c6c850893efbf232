"""Masks as run-length text, as COCO and SA-1B have them: ``{"size": [h, w], "counts": "..."}``.

One mask in its box. Where the box lies is for others to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.segment.errors import MaskError
from napari_cutout.segment.rle_text import runs_of, texts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

LARGEST = 2**32 - 1
"""Pixels of a mask at most: pycocotools counts in 32 bits."""


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
        _checked([self.size], [self.counts])

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
        return cls.of_many([size], runs, np.array([len(runs)]))[0]

    @classmethod
    def of_many(
        cls, sizes: Sequence[tuple[int, int]], runs: NDArray[np.int64], counts: NDArray[np.int64]
    ) -> list[Rle]:
        """Masks from the lengths of their runs; many cost little more than one. O(runs).

        Parameters
        ----------
        sizes
            ``(h, w)`` of the box of each.
        runs
            The lengths as :meth:`of_runs` takes them, one mask after the other.
        counts
            How many of them each mask has.

        Raises
        ------
        MaskError
            If they don't fill the boxes exactly.
        """
        for size in sizes:
            _check_size(size)
        wrong = _wrong(sizes, runs, counts)
        if wrong is not None:
            (height, width), end = sizes[wrong], int(counts[: wrong + 1].sum())
            given = runs[end - int(counts[wrong]) : end]
            raise MaskError(f"the runs {given[:9]} do not fill {height} rows and {width} columns")
        return [
            cls._made((int(height), int(width)), text)
            for (height, width), text in zip(sizes, texts_of(runs, counts), strict=True)
        ]

    @classmethod
    def of_texts(cls, sizes: Sequence[tuple[int, int]], texts: Sequence[str]) -> list[Rle]:
        """Masks from their texts, as one by one; many cost little more than one.

        Parameters
        ----------
        sizes
            ``(h, w)`` of the box of each.
        texts
            What their :attr:`counts` are.

        Raises
        ------
        MaskError
            If the runs of one don't fill its box exactly.
        """
        _checked(sizes, texts)
        return [cls._made(size, text) for size, text in zip(sizes, texts, strict=True)]

    @classmethod
    def _made(cls, size: tuple[int, int], counts: str) -> Rle:
        """One that was checked: not by __init__, which would read its text once more."""
        made = object.__new__(cls)
        object.__setattr__(made, "size", size)
        object.__setattr__(made, "counts", counts)
        return made

    def decode(self) -> NDArray[np.bool_]:
        """The mask: ``(h, w)`` bool."""
        height, width = self.size
        # Not by pycocotools, whose decoder warns with numpy 2.
        runs = self.runs()
        columns = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(width, height)
        return np.ascontiguousarray(columns.T)

    @property
    def area(self) -> int:
        """The number of pixels that are set; nothing is decoded."""
        return int(self.runs()[1::2].sum())

    def runs(self) -> NDArray[np.int64]:
        """The lengths of the runs down the columns, background first."""
        return many_runs([self])[0]

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


def many_runs(masks: Sequence[Rle]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The runs of masks, one mask after the other, and how many each has. O(runs)."""
    found = runs_of([one.counts for one in masks])
    # They were checked when they were made.
    assert found is not None
    return found


def _checked(
    sizes: Sequence[tuple[int, int]], texts: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    for size in sizes:
        _check_size(size)
    found = runs_of(texts)
    wrong = 0 if found is None else _wrong(sizes, *found)
    if found is not None and wrong is None:
        return found
    if len(texts) > 1:
        # To tell which.
        for size, text in zip(sizes, texts, strict=True):
            _checked([size], [text])
    (height, width), text = sizes[0], texts[0]
    raise MaskError(
        f"the counts {text[:40]!r} are not the runs of a mask of {height} rows and "
        f"{width} columns; the file was changed or cut off"
    )


def _wrong(
    sizes: Sequence[tuple[int, int]], runs: NDArray[np.int64], counts: NDArray[np.int64]
) -> int | None:
    """The first mask whose runs don't fill its box."""
    areas = np.array([height * width for height, width in sizes], np.int64)
    totals, ends = np.zeros(len(runs) + 1, np.int64), counts.cumsum()
    runs.cumsum(out=totals[1:])
    is_wrong = totals[ends] - totals[ends - counts] != areas
    if len(runs) and runs.min() < 0:
        is_wrong[np.repeat(np.arange(len(areas)), counts)[runs < 0]] = True
    return int(is_wrong.argmax()) if is_wrong.any() else None


def _check_size(size: tuple[int, int]) -> None:
    height, width = size
    # pycocotools leaves what isn't counted unset, and trusts the size.
    if min(height, width) < 0 or height * width > LARGEST:
        raise MaskError(f"the size of a run-length encoded mask can't be {size}")
