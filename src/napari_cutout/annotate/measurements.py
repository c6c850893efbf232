"""Columns of measurements: putting them together, one row an object, and writing them as CSV.

Measuring is in measure.py.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.formats.writing import check_folder, replacing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cutout.annotate.measure import Columns


def stacked(parts: Sequence[Columns]) -> Columns:
    """The rows of several measurements, those of each object together, in the order of ids.

    Raises
    ------
    ValueError
        If they don't have the same columns.
    """
    if not parts:
        return {"id": np.empty(0, np.int64)}
    names = list(parts[0])
    for part in parts:
        if list(part) != names:
            raise ValueError(f"measurements of {names} don't go with those of {list(part)}")
    whole = {name: np.concatenate([part[name] for part in parts]) for name in names}
    order = np.argsort(whole["id"], kind="stable")
    return {name: column[order] for name, column in whole.items()}


def per_object(columns: Columns) -> Columns:
    """One row an object, of measurements of several frames.

    Areas and pixels are summed up, lowest and highest intensities taken over all frames, means
    weighted by the pixels; all else is that of the frame where the object has most pixels.
    ``frames`` counts them.
    """
    ids, firsts, counts = np.unique(columns["id"], return_index=True, return_counts=True)
    if not ids.size:
        return columns
    pixels = columns["pixels"]
    # Sorted by id, and of each id the largest frame first.
    order = np.lexsort((-pixels, columns["id"]))
    firsts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    summed = np.add.reduceat(pixels[order], firsts)
    whole: Columns = {}
    for name, column in columns.items():
        values = column[order]
        if name == "pixels" or name.startswith("area ("):
            whole[name] = np.add.reduceat(values, firsts)
        elif name.startswith("min of "):
            whole[name] = np.minimum.reduceat(values, firsts)
        elif name.startswith("max of "):
            whole[name] = np.maximum.reduceat(values, firsts)
        elif name.startswith("mean of "):
            whole[name] = np.add.reduceat(values * pixels[order], firsts) / summed
        else:
            whole[name] = values[firsts]
    return whole | {"frames": counts}


def write_csv(columns: Columns, path: str | Path) -> Path:
    """Write columns with their names in the first line: UTF-8, one row a line.

    The file is complete or not there at all: it is written beside its place and then moved. What
    couldn't be measured is an empty field.

    Raises
    ------
    FormatError
        If it can't be written, or there is no such folder.
    """
    path = Path(path)
    check_folder(path)
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(columns)
        table.writerows([_field(value) for value in row] for row in rows)
    return path


def _field(value: object) -> object:
    return "" if isinstance(value, float) and np.isnan(value) else value
