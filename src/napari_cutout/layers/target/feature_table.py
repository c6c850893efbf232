"""Reading a table of features, whoever made it: whose a column is, which row is which object's.

Writing one is in features.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    Column = NDArray[Any]

DEFAULTS: Mapping[str, object] = {
    "class": "",
    "area": 0,
    "score": np.nan,
    "model": "",
    "prompts": 0,
}
"""Our columns besides ``index``, and what they hold where nothing is known."""

DTYPES: Mapping[str, Any] = {
    "class": object,
    "area": np.int64,
    "score": float,
    "model": object,
    "prompts": np.int64,
}
"""Of our columns."""


def names_in(table: pd.DataFrame) -> dict[str, str]:
    """What our columns are called in a layer: their names, where the person hasn't taken them."""
    written_by_us = set(DEFAULTS) <= set(table.columns)
    taken = set() if written_by_us else set(table.columns)
    if "class" in taken and holds_text(table["class"]):
        taken.remove("class")
    return {name: f"{name} (objects)" if name in taken else name for name in DEFAULTS}


def ids_of(table: pd.DataFrame) -> NDArray[np.int64] | None:
    """The ids of the rows, None where they aren't whole numbers.

    Without a column of them napari takes the number of the row.
    """
    if "index" not in table:
        return np.arange(len(table), dtype=np.int64)
    values = np.asarray(table["index"])
    if values.dtype.kind == "f" and np.isfinite(values).all() and (values % 1 == 0).all():
        values = values.astype(np.int64)
    return values.astype(np.int64) if values.dtype.kind in "iu" else None


def places_of(index: NDArray[np.int64], ids: NDArray[np.int64]) -> NDArray[np.intp]:
    """The row of each id, -1 where there is none."""
    order = np.argsort(index, kind="stable")
    found = np.searchsorted(index, ids, sorter=order)
    found[found == len(index)] = 0
    if not len(index):
        return np.full(len(ids), -1, np.intp)
    places = order[found]
    return np.where(index[places] == ids, places, -1)


def known_in(table: pd.DataFrame, column: str, name: str) -> Column:
    """What a column says, as our column of a name holds it; its default where it says nothing."""
    if column not in table:
        return np.full(len(table), DEFAULTS[name], DTYPES[name])
    dtype = np.dtype(DTYPES[name])
    known: Column = np.asarray(table[column])
    if dtype.kind in "if" and known.dtype == dtype:
        return known
    import pandas as pd

    known = known.astype(object)
    known[pd.isna(known)] = DEFAULTS[name]
    return known.astype(dtype)


def holds_text(values: pd.Series[Any]) -> bool:
    """Whether a column holds texts, and nothing else where it says something."""
    return all(isinstance(value, str) for value in values.dropna())


def empty_of(values: Column) -> tuple[object, Any]:
    """What stands for nothing among some values, and a dtype that holds both."""
    if values.dtype.kind in "OUS":
        return None, object
    return np.nan, np.result_type(values.dtype, np.float32)
