"""What the results of an image file are called, so that no two files share them.

And the way back: which names are those of results, and so of no image.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain, count
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_RESULT = re.compile(
    r"\.labels(\.old(-\d+)?)?\.(tiff?|png|npy|zarr)$"
    r"|\.cutout(-\d+)?\.([^.]+\.)?(jsonl|json|npz)(\.damaged)?$"
    r"|\.embeddings\.zarr$",
    re.I,
)
_DOUBLE = (".ome.tif", ".ome.tiff", ".ome.zarr", ".nii.gz")


def is_result(name: str) -> bool:
    """Whether a file name is that of labels, a log and what belongs to it, or embeddings."""
    return _RESULT.search(name) is not None


def labels_bases(names: Sequence[str], recorded: Mapping[str, str] | None = None) -> dict[str, str]:
    """What the labels of the files of one folder are called, without ``.tif`` or ``.zarr``.

    Parameters
    ----------
    names
        The files' names.
    recorded
        What the labels are called that files of this folder have, be the files there or not.
        Nobody else gets these names.

    Returns
    -------
    dict
        ``stem.labels``, or ``name.labels`` where several files share the stem. They differ in more
        than the case of letters, which not every file system tells apart.
    """
    found = dict(recorded or {})
    used = {base.casefold() for base in found.values()}
    new = [name for name in names if name not in found]
    short = {name: f"{_stem(name)}.labels" for name in new}
    shared = Counter(base.casefold() for base in short.values())
    full = {f"{name}.labels".casefold() for name in new if PurePath(name).suffix}
    for name in new:
        numbered = (f"{name}-{k}.labels" for k in count(2))
        candidates = chain([short[name], f"{name}.labels"], numbered)
        is_clear = shared[short[name].casefold()] == 1 and short[name].casefold() not in full
        if not is_clear:
            next(candidates)
        base = next(base for base in candidates if base.casefold() not in used)
        found[name] = base
        used.add(base.casefold())
    return {name: found[name] for name in names}


def _stem(name: str) -> str:
    double = next((suffix for suffix in _DOUBLE if name.lower().endswith(suffix)), None)
    return PurePath(name).stem if double is None else name[: -len(double)]
