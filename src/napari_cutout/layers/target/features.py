"""What a Labels layer says of its objects: columns of ``labels.features``, for tables and tooltips.

The person's own columns and rows are kept. How a table is read is in feature_table.py; colours by
class are in class_colors.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.layers.target.feature_table import (
    DEFAULTS,
    DTYPES,
    empty_of,
    holds_text,
    ids_of,
    known_in,
    names_in,
    places_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd
    from napari.layers import Labels
    from numpy.typing import NDArray

    from napari_cutout.annotate.objects import ObjectRow

    Column = NDArray[Any]

_LARGEST = np.iinfo(np.int64).max


class Features:
    """Our columns of one layer's features, written in one go for each edit.

    Of objects that weren't made here, ``score``, ``model`` and ``prompts`` stay what they are: an
    earlier session may have written them. A column of the person's that has a name of ours is
    left alone, and ours is called ``area (objects)`` or alike. Features whose column ``index``
    doesn't hold whole numbers are left alone altogether.

    Parameters
    ----------
    labels
        The layer.
    """

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self._written: dict[int, ObjectRow] = {}
        self._added: set[str] = set()
        self._measured: set[str] = set()
        self._names = names_in(labels.features)
        self.is_writing = False
        """Whether a change of the features is ours."""

    @property
    def is_written(self) -> bool:
        """Whether any object has a row of ours."""
        return bool(self._written)

    def classes(self) -> dict[int, str]:
        """The classes that the features give to ids."""
        table = self._labels.features
        name = self._names["class"]
        if name not in table or not holds_text(table[name]):
            return {}
        texts = table[name].to_numpy(object)
        index = ids_of(table)
        if index is None:
            return {}
        pairs = zip(index.tolist(), texts, strict=True)
        return {number: text for number, text in pairs if isinstance(text, str) and text}

    def write(self, rows: Sequence[ObjectRow]) -> None:
        """Bring the columns in step with the objects. Nothing is written when none changed.

        O(objects), in a few milliseconds for 10,000. What was measured of an object that changed
        holds no more, and is emptied.
        """
        written, table = self._written, self._labels.features
        index = ids_of(table)
        if index is None:
            return
        rows = [row for row in rows if row.id <= _LARGEST]
        changed = [row for row in rows if written.get(row.id) is not row]
        gone = written.keys() - {row.id for row in rows}
        if not changed and not gone:
            return
        stays = self._stays(table, index, gone)
        ids = np.array([row.id for row in changed], np.int64)
        places = places_of(index[stays], ids)
        new = places < 0
        places[new] = np.count_nonzero(stays) + np.arange(np.count_nonzero(new))
        index = np.concatenate([index[stays], ids[new]])
        cleared = np.isin(index, list(gone))
        columns: dict[str, Any] = {"index": index}
        for name, values in self._values(changed).items():
            column = np.full(len(index), DEFAULTS[name], DTYPES[name])
            known = known_in(table, self._names[name], name)
            column[: len(known[stays])] = known[stays]
            column[cleared] = DEFAULTS[name]
            theirs = np.array([self._is_ours(row, name) for row in changed], bool)
            column[places[theirs]] = values[theirs]
            columns[self._names[name]] = column
        self._written = {row.id: row for row in rows}
        self._set(columns | self._others(table, stays, len(index), places))

    def add(self, columns: Mapping[str, Column], *, until_changed: bool = True) -> None:
        """Add columns, or replace those of the same names.

        Parameters
        ----------
        columns
            ``id`` and others of the same length, one row an object. ``class`` is left out, as it
            is there.
        until_changed
            Whether they are emptied for an object that changes.
        """
        table = self._labels.features
        names = [name for name in columns if name not in ("id", "class")]
        index = ids_of(table)
        if index is None:
            return
        places = places_of(index, np.asarray(columns["id"]))
        new = places < 0
        places[new] = len(index) + np.arange(np.count_nonzero(new))
        index = np.concatenate([index, np.asarray(columns["id"])[new]])
        kept = table.drop(columns=["index", *names], errors="ignore").reindex(range(len(index)))
        added = {}
        for name in names:
            values = np.asarray(columns[name])
            empty: Column = np.full(len(index), *empty_of(values))
            empty[places] = values
            added[name] = empty
        if until_changed:
            self._measured |= set(names)
        self._added |= set(names)
        self._set({"index": index, **{name: kept[name] for name in kept.columns}, **added})

    def put(self, name: str, values: Mapping[int, float]) -> None:
        """Set a column of numbers for some ids; what it says of others stays."""
        table = self._labels.features
        index = ids_of(table)
        if index is None:
            return
        together: dict[int, float] = {}
        if name in table and table[name].dtype.kind in "iuf":
            together = dict(zip(index.tolist(), table[name].tolist(), strict=True))
        together |= values
        ids = np.array(list(together), np.int64)
        self.add({"id": ids, name: np.array(list(together.values()), float)}, until_changed=False)

    def _others(
        self, table: pd.DataFrame, stays: NDArray[np.bool_], count: int, places: Column
    ) -> dict[str, Any]:
        """The columns that aren't ours, of the rows that stay and new ones, ``count`` together."""
        ours = {"index", *self._names.values()}
        names = [name for name in table.columns if name not in ours]
        if not names:
            return {}
        others = table[names][stays].reset_index(drop=True).reindex(range(count))
        for name in self._measured & set(names):
            others.loc[places, name] = np.nan
        return {name: others[name] for name in names}

    def _values(self, rows: Sequence[ObjectRow]) -> dict[str, Column]:
        scores = [np.nan if row.score is None else round(row.score, 3) for row in rows]
        return {
            "class": np.array([row.class_name for row in rows], object),
            "area": np.array([row.area for row in rows], np.int64),
            "score": np.array(scores, float),
            "model": np.array([row.model for row in rows], object),
            "prompts": np.array([row.prompts for row in rows], np.int64),
        }

    def _is_ours(self, row: ObjectRow, name: str) -> bool:
        """Whether a value is to be written: it is known, or what was there came from us."""
        before = self._written.get(row.id)
        made_here = row.is_made_here or (before is not None and before.is_made_here)
        return made_here or name in ("class", "area")

    def _stays(
        self, table: pd.DataFrame, index: Column, gone: Collection[int]
    ) -> NDArray[np.bool_]:
        """Rows of objects that went away go too, unless the person wrote something there."""
        stays = ~np.isin(index, list(gone))
        if not stays.all():
            ours = {"index", *self._names.values(), *self._added}
            for name in table.columns:
                if name not in ours:
                    stays |= table[name].notna().to_numpy(bool)
        return stays

    def _set(self, columns: dict[str, Any]) -> None:
        import pandas as pd

        self.is_writing = True
        try:
            self._labels.features = pd.DataFrame(columns)
        finally:
            self.is_writing = False
