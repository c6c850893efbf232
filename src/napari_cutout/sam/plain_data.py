"""What a checkpoint may hold beside its tensors: plain data, whose making runs no code of a file.

torch's own list for ``weights_only`` has tensors and Python's basic types. Training scripts keep
metrics, arguments and paths as well. Reading is in ``weight_files``.
"""

from __future__ import annotations

import argparse
import pathlib
from typing import Any

import numpy as np

_NUMBERS = {
    "b1",
    *(f"i{n}" for n in (1, 2, 4, 8)),
    *(f"u{n}" for n in (1, 2, 4, 8)),
    "f2",
    "f4",
    "f8",
}


class _NumberKind:
    """In place of numpy's dtypes and kinds of numbers.

    Theirs aren't safe to make of what a file says: they read memory at any address that an
    attribute names, and take any state.
    """

    def __init__(self, code: object = "", *_more: object) -> None:
        self._code = code
        self._order = "="

    def __setstate__(self, state: object) -> None:
        """Take the order of bytes alone."""
        if isinstance(state, tuple) and len(state) > 1 and state[1] in ("<", ">"):
            self._order = state[1]

    def read(self, raw: bytes) -> object:
        """The number that bytes are; the bytes themselves where the kind is another."""
        if not isinstance(self._code, str) or self._code not in _NUMBERS:
            return raw
        return np.frombuffer(raw, self._order + self._code, 1)[0]


def _number(kind: object, raw: object = b"") -> object:
    """In place of what makes a pickled numpy number."""
    return kind.read(raw) if isinstance(kind, _NumberKind) and isinstance(raw, bytes) else None


def _numpy_numbers() -> list[Any]:
    """What a pickled numpy number consists of, which has other names in numpy 2 than in numpy 1."""
    kinds = ("dtype", "float64", "float32", "int64", "int32", "bool", "bool_")
    return [
        *((_number, f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")),
        *((_NumberKind, f"numpy.{kind}") for kind in kinds),
    ]


def _paths() -> list[Any]:
    """Paths of any system, as such that touch no disk; they have other names since Python 3.13."""
    return [
        (kind, f"{module}.{system}{flavour}")
        for kind, flavour in (
            (pathlib.PurePosixPath, "PosixPath"),
            (pathlib.PureWindowsPath, "WindowsPath"),
        )
        for system in ("", "Pure")
        for module in ("pathlib", "pathlib._local")
    ]


def _plain_dictionary(*_made_with: object) -> dict[Any, Any]:
    """In place of one with defaults, into which torch puts nothing."""
    return {}


PLAIN_DATA: list[Any] = [
    *_numpy_numbers(),
    *_paths(),
    argparse.Namespace,
    (_plain_dictionary, "collections.defaultdict"),
    # What such dictionaries are made with, mostly.
    dict,
    list,
    set,
    int,
    float,
]
"""For :func:`torch.serialization.safe_globals`."""
