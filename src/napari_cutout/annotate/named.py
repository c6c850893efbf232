"""Choices that go by their names: making sure that a text is one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

Name = TypeVar("Name", bound=str)


def known_name(name: str, names: Sequence[Name], what: str) -> Name:
    """The name, if it is one of those that are known.

    Parameters
    ----------
    name
        As it was given.
    names
        All that there are, such as ``get_args`` of a ``Literal``.
    what
        What it names, for the error.

    Raises
    ------
    ValueError
        If it isn't one of them.

    Examples
    --------
    >>> known_name("size", ("score", "size"), "review order")
    'size'
    """
    for known in names:
        if name == known:
            return known
    raise ValueError(f"{what} {name!r} is unknown; use one of {tuple(names)}")
