"""What a checkpoint may hold beside its tensors: plain data, whose making runs no code of a file.

torch's own list for ``weights_only`` has tensors and Python's basic types. Training scripts keep
metrics, arguments and paths as well. Reading is in ``weight_files``.
"""

from __future__ import annotations

import argparse
import pathlib
from typing import Any

import numpy as np


def _numpy_scalars() -> list[Any]:
    """What a pickled numpy number consists of, which has other names in numpy 2 than in numpy 1."""
    scalar = np.float64(0).__reduce__()[0]
    kinds = [np.float64, np.float32, np.int64, np.int32, np.bool_]
    return [
        scalar,
        (scalar, "numpy.core.multiarray.scalar"),
        np.dtype,
        *kinds,
        *(type(np.dtype(kind)) for kind in kinds),
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
    *_numpy_scalars(),
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
