"""Reading the fields of a JSON object, each as what it has to be. No format in particular."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

from napari_cutout.formats.errors import FormatError
from napari_cutout.segment.errors import MaskError
from napari_cutout.segment.rle import Rle

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")


class Fields:
    """The fields of a JSON object.

    Parameters
    ----------
    value
        What was read.
    name
        What it should be, for errors: ``"an object"``.

    Raises
    ------
    FormatError
        If it is no JSON object; and by the methods, if a field isn't what it has to be.
    """

    def __init__(self, value: object, name: str) -> None:
        if not isinstance(value, dict):
            raise FormatError(f"{name} is written as {{...}}, not as {_shown(value)}")
        self._value, self._name = value, name

    def __contains__(self, key: str) -> bool:
        """Whether a field is there, and isn't null."""
        return self._value.get(key) is not None

    def get(self, key: str) -> object:
        """A field as it is."""
        if key not in self._value:
            raise FormatError(f"{self._name} has no {key!r}")
        return self._value[key]

    def text(self, key: str) -> str:
        """A text."""
        value = self.get(key)
        if not isinstance(value, str):
            raise self._wrong(key, "a text")
        return value

    def mask(self, key: str) -> Rle:
        """A run-length encoded mask."""
        try:
            return Rle.from_json(self.get(key))
        except MaskError as error:
            raise FormatError(str(error)) from error

    def flag(self, key: str) -> bool:
        """True or false."""
        value = self.get(key)
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false")
        return value

    def whole(self, key: str, low: int | None = None) -> int:
        """A whole number, not below ``low``."""
        value = _whole(self.get(key))
        if value is None or (low is not None and value < low):
            raise self._wrong(key, "a whole number" if low is None else f"{low} or more")
        return value

    def number(self, key: str) -> float:
        """A finite number."""
        found = _number(self.get(key))
        if found is None:
            raise self._wrong(key, "a number")
        return found

    def numbers(self, key: str) -> tuple[float, ...]:
        """A list of finite numbers."""
        found = [_number(item) for item in self._list(key)]
        if None in found:
            raise self._wrong(key, "a list of numbers")
        return tuple(item for item in found if item is not None)

    def rows(self, key: str, width: int) -> tuple[tuple[float, ...], ...]:
        """A list of rows of so many finite numbers."""
        rows = []
        for row in self._list(key):
            found = [_number(item) for item in row] if isinstance(row, list) else [None]
            if None in found or len(found) != width:
                raise self._wrong(key, f"rows of {width} numbers")
            rows.append(tuple(item for item in found if item is not None))
        return tuple(rows)

    def wholes(self, key: str, low: int | None = None) -> tuple[int, ...]:
        """A list of whole numbers, none below ``low``."""
        values = self._list(key)
        if not all(type(item) is int and (low is None or item >= low) for item in values):
            raise self._wrong(
                key, "a list of whole numbers" + ("" if low is None else f" >= {low}")
            )
        return tuple(values)

    def flags(self, key: str) -> tuple[bool, ...]:
        """A list of true and false."""
        values = self._list(key)
        if not all(isinstance(item, bool) for item in values):
            raise self._wrong(key, "a list of true and false")
        return tuple(values)

    def pair(self, key: str) -> tuple[int, int]:
        """Two whole numbers, 0 or more."""
        values = self.wholes(key, 0)
        if len(values) != 2:
            raise self._wrong(key, "two whole numbers")
        return values[0], values[1]

    def frame(self, key: str) -> tuple[int | None, ...]:
        """A frame index: a position on each axis, null on the two of the frame."""
        values = self._list(key)
        positions = [item for item in values if item is not None]
        if len(values) - len(positions) != 2 or not all(
            type(item) is int and item >= 0 for item in positions
        ):
            raise self._wrong(key, "a frame, as [3, null, null]")
        return tuple(values)

    def each(self, key: str, read: Callable[[object], Value]) -> tuple[Value, ...]:
        """A list, each item read by a function."""
        return tuple(read(item) for item in self._list(key))

    def _list(self, key: str) -> list[Any]:
        value = self.get(key)
        if not isinstance(value, list):
            raise self._wrong(key, "a list")
        return value

    def _wrong(self, key: str, expected: str) -> FormatError:
        return FormatError(f"{key!r} of {self._name} is {expected}, not {_shown(self._value[key])}")


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def _whole(value: object) -> int | None:
    """JSON has one kind of number: pandas and others write 40.0 for 40."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
