"""Checks that options make of their own values. What they are for is said where they are."""

from __future__ import annotations

import math
from typing import Any

from napari_cutout.segment.errors import OptionError


def check_number(name: str, value: Any, low: float, high: float) -> None:
    """Check that an option is a number in its range.

    Raises
    ------
    OptionError
        If it isn't.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (is_number and math.isfinite(value) and low <= value <= high):
        raise OptionError(f"{name} goes from {low:g} to {high:g}, not {value!r}")


def check_whole(name: str, value: Any, least: int) -> None:
    """Check that an option is a whole number, and large enough.

    Raises
    ------
    OptionError
        If it isn't.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise OptionError(f"{name} is a whole number from {least} on, not {value!r}")


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    """Check that an option is one of the words that it may be.

    Raises
    ------
    OptionError
        If it isn't.
    """
    if value not in choices:
        raise OptionError(f"{name} is one of {choices}, not {value!r}")
