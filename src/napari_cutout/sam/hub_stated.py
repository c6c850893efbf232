"""What a hub repository says of its weights: small files beside them, of which it needs none.

What is on disk of them, and that a repository hasn't one, which is remembered: the hub is asked
once. They are fetched by hub.py; what they say is read in stated.py and stated_input.py.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_OF_SIZES = ("config.json",)
_OF_IMAGES = ("preprocessor_config.json", "processor_config.json")
STATED = (*_OF_SIZES, *_OF_IMAGES)
"""The names of these files."""


def unknown_stated(folder: Path, home: Path) -> tuple[str, ...]:
    """The files that are neither on disk nor known to be missing on the hub.

    Parameters
    ----------
    folder
        Where the weights are.
    home
        Our folder of the repository, which remembers. The same, unless the weights are in the
        cache of the hub's client.

    Returns
    -------
    tuple of str
        Their names. Empty where there is nothing to ask for: of images one file says enough.
    """
    return tuple(
        name
        for alike in (_OF_SIZES, _OF_IMAGES)
        if not any((folder / name).is_file() for name in alike)
        for name in alike
        if not _mark(home, name).is_file()
    )


def remember_none(home: Path, name: str) -> None:
    """Remember that the repository has no such file; where it can't be, it is asked for again.

    Parameters
    ----------
    home
        Our folder of the repository.
    name
        Of the file.
    """
    with suppress(OSError):
        home.mkdir(parents=True, exist_ok=True)
        _mark(home, name).touch()


def _mark(home: Path, name: str) -> Path:
    return home / f"{name}.none"
