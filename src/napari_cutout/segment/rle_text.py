"""Lengths of runs as COCO's compressed text and back: those of many masks at once.

A mask with a few runs costs what calling numpy costs, so many of them cost little more than one.
What the runs are of is in rle.py.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

# A count is written in digits of five bits, the lowest first; a sixth says that more follow.
_FIRST_CHARACTER, _LAST_CHARACTER = 48, 48 + 63
_MORE, _SIGN, _DIGIT = 0x20, 0x10, 0x1F
_MOST_DIGITS = 7

_PLAIN = 3
"""From the fourth run of a mask on, the difference from the last but one is written."""


def texts_of(runs: Numbers, counts: Numbers) -> list[str]:
    """Runs as COCO's texts. O(runs).

    Parameters
    ----------
    runs
        ``(R,)``: the lengths of the runs of all masks, one mask after the other.
    counts
        ``(N,)``: how many of them each mask has.
    """
    ends = np.cumsum(counts)
    values = runs.copy()
    values[2:] -= runs[:-2]
    for plain in range(_PLAIN):
        first = (ends - counts)[counts > plain] + plain
        values[first] = runs[first]
    lengths = np.ones(len(values), np.int64)
    for digits in range(1, _MOST_DIGITS):
        half = 1 << (5 * digits - 1)
        is_longer = (values < -half) | (values >= half)
        if not is_longer.any():
            break
        lengths += is_longer
    stops = np.concatenate([[0], np.cumsum(lengths)])
    starts = stops[:-1]
    characters = np.empty(int(stops[-1]), np.uint8)
    for place in range(int(lengths.max(initial=0))):
        has = np.flatnonzero(lengths > place)
        digit = (values[has] >> (5 * place)) & _DIGIT
        digit[lengths[has] > place + 1] |= _MORE
        characters[starts[has] + place] = digit + _FIRST_CHARACTER
    text = characters.tobytes().decode("ascii")
    bounds = [0, *stops[ends].tolist()]
    return [text[start:stop] for start, stop in pairwise(bounds)]


def runs_of(texts: Sequence[str]) -> tuple[Numbers, Numbers] | None:
    """The lengths of the runs, and how many each text has; None where one isn't a text of runs.

    O(length of the texts).
    """
    try:
        characters = np.frombuffer("".join(texts).encode("ascii"), np.uint8)
    except UnicodeEncodeError:
        return None
    if not len(characters):
        return np.zeros(0, np.int64), np.zeros(len(texts), np.int64)
    if characters.min() < _FIRST_CHARACTER or characters.max() > _LAST_CHARACTER:
        return None
    digits = characters.astype(np.int64)
    digits -= _FIRST_CHARACTER
    last = np.flatnonzero(digits < _MORE)
    counts = _ends_in(last, texts)
    if counts is None:
        return None
    starts = np.zeros_like(last)
    starts[1:] = last[:-1] + 1
    lengths = last - starts + 1
    if lengths.max() > _MOST_DIGITS:
        return None
    places = np.arange(len(digits)) - starts.repeat(lengths)
    values = np.add.reduceat((digits & _DIGIT) << (5 * places), starts)
    values -= ((digits[last] & _SIGN) >> 4) << (5 * lengths)
    return _summed(values, counts), counts


def _ends_in(last: Numbers, texts: Sequence[str]) -> Numbers | None:
    """How many numbers each text has, by their last characters; None where one is cut off."""
    lengths = np.array([len(text) for text in texts])
    ends = lengths.cumsum()
    found = last.searchsorted(ends)
    is_whole = found > 0
    is_whole[is_whole] = last[found[is_whole] - 1] == ends[is_whole] - 1
    if not (is_whole | (lengths == 0)).all():
        return None
    found[1:] -= found[:-1].copy()
    return found


def _summed(values: Numbers, counts: Numbers) -> Numbers:
    """Values of which those from the fourth of each mask on were differences."""
    if len(counts) == 1:
        values[1::2] = values[1::2].cumsum()
        values[2::2] = values[2::2].cumsum()
        return values
    # Two columns, so that differences from the last but one lie below each other.
    rows = (counts + 1) // 2
    ends = np.cumsum(rows)
    places = np.arange(len(values)) - np.repeat(np.cumsum(counts) - counts, counts)
    places += np.repeat(2 * (ends - rows), counts)
    table = np.zeros(2 * int(ends[-1]), np.int64)
    table[places] = values
    # The very first stands for itself alone.
    has = counts > 0
    heads = 2 * (ends - rows)[has]
    table[heads] = 0
    total = np.cumsum(table.reshape(-1, 2), axis=0)
    before = np.zeros((len(counts), 2), np.int64)
    before[1:] = np.where(ends[:-1, None] > 0, total[ends[:-1] - 1], 0)
    total -= np.repeat(before, rows, axis=0)
    flat = total.ravel()
    flat[heads] = values[(np.cumsum(counts) - counts)[has]]
    return np.asarray(flat[places], np.int64)
