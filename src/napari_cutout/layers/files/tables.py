"""What is known of objects, as features of a Labels layer and back.

The columns are those of the object table, and what files say besides. Which columns a session
keeps is decided in layers/features.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.segment.windows import Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from napari_cutout.formats.objects.annotated import AnnotatedImage, AnnotatedObject

_POINT = ("point row", "point col")
_CROP = ("crop row", "crop col", "crop rows", "crop cols")
_SCORE = ("score", "predicted_iou")
_STABILITY = ("stability", "stability_score")
_TAKEN = {"index", "class", "area", "prompts", "crowd", "id", *_POINT, *_CROP, *_SCORE, *_STABILITY}


def features_of(
    objects: Sequence[AnnotatedObject], ids: Sequence[int], shape: tuple[int, int]
) -> pd.DataFrame:
    """A row for each label.

    ``index`` (the label), ``class``, ``area``, ``box`` (row0, col0, row1, col1, both corners
    inside), ``score``, ``stability``, and empty ``model`` and ``prompts`` as of objects that
    weren't made here. Where any object has them: ``point row``, ``point col``, a crop box in it,
    ``crowd``, measurements; and the file's ``id`` where the label is another number.

    Parameters
    ----------
    objects, ids
        The objects and their labels. In a stack a label may come once in each frame: then areas
        are summed up, the box holds those of all frames, and all else is that of the first.
    shape
        ``(rows, cols)`` of the image. A crop box that is all of it isn't written.
    """
    import pandas as pd

    groups: dict[int, list[AnnotatedObject]] = {}
    for number, one in zip(ids, objects, strict=True):
        groups.setdefault(number, []).append(one)
    firsts = [group[0] for group in groups.values()]
    columns: dict[str, Any] = {
        "index": np.array(list(groups), np.int64),
        "class": np.array([one.class_name for one in firsts], object),
        "area": np.array([sum(one.area for one in group) for group in groups.values()], np.int64),
        "box": np.array([_box(group) for group in groups.values()], object),
        "score": _floats([one.score for one in firsts]),
        "stability": _floats([one.stability for one in firsts]),
        "model": np.full(len(firsts), "", object),
        "prompts": np.zeros(len(firsts), np.int64),
    }
    columns |= _if_any(_split(_POINT, [one.point or (None, None) for one in firsts]))
    columns |= _if_any(_split(_CROP, [_crop(one, Window(0, 0, *shape)) for one in firsts]))
    if any(one.is_crowd for one in firsts):
        columns["crowd"] = np.array([one.is_crowd for one in firsts])
    if [one.id for one in firsts] != list(groups):
        columns["id"] = np.array([one.id for one in firsts], object)
    measured = [dict(one.measurements) for one in firsts]
    for name in dict.fromkeys(name for known in measured for name in known):
        columns.setdefault(name, _floats([known.get(name) for known in measured]))
    return pd.DataFrame(columns)


def described(image: AnnotatedImage, rows: Mapping[int, Mapping[str, Any]]) -> AnnotatedImage:
    """An image whose objects say what the features of their labels do.

    Parameters
    ----------
    image
        Whose objects have the labels as ids.
    rows
        Of the features, by label; see :func:`rows_of`.
    """
    objects = tuple(_described(one, rows.get(one.id, {})) for one in image.objects)
    return replace(image, objects=objects)


def rows_of(features: pd.DataFrame) -> dict[int, dict[str, Any]]:
    """The rows of features by their labels; without a column ``index``, by their place.

    Empty cells are left out, and so is all where ``index`` doesn't hold whole numbers.
    """
    index = np.asarray(features["index"] if "index" in features else range(len(features)))
    is_float = index.dtype.kind == "f" and np.isfinite(index).all() and (index % 1 == 0).all()
    if index.dtype.kind not in "iu" and not is_float:
        return {}
    labels = index.astype(np.int64)
    found: dict[int, dict[str, Any]] = {}
    names = list(features.columns)
    columns = [features[name].to_numpy(object) for name in names]
    for label, *values in zip(labels.tolist(), *columns, strict=True):
        pairs = zip(names, values, strict=True)
        found[label] = {str(name): value for name, value in pairs if not _is_empty(value)}
    return found


def _described(one: AnnotatedObject, row: Mapping[str, Any]) -> AnnotatedObject:
    numbers = {name: _number(value) for name, value in row.items()}
    known = {name: value for name, value in numbers.items() if value is not None}
    crop, point = _all(known, _CROP), _all(known, _POINT)
    return replace(
        one,
        class_name=row["class"] if isinstance(row.get("class"), str) else "",
        score=next((known[name] for name in _SCORE if name in known), None),
        stability=next((known[name] for name in _STABILITY if name in known), None),
        point=(point[0], point[1]) if point else None,
        crop_box=Window(*map(int, crop)) if crop else None,
        is_crowd=bool(row.get("crowd", False)),
        measurements=tuple((k, v) for k, v in known.items() if k not in _TAKEN),
    )


def _all(known: Mapping[str, float], names: Sequence[str]) -> tuple[float, ...]:
    return tuple(known[name] for name in names) if all(name in known for name in names) else ()


def _number(value: object) -> float | None:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        return None
    return float(value) if np.isfinite(value) else None


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, float | np.floating) and bool(np.isnan(value)))


def _box(group: Sequence[AnnotatedObject]) -> str:
    """Of an object, in one or several frames; empty for one without pixels."""
    boxes = np.array([one.box for one in group if one.area])
    if not len(boxes):
        return ""
    corners = [*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist()]
    return ", ".join(map(str, corners))


def _crop(one: AnnotatedObject, whole: Window) -> tuple[int | None, ...]:
    crop = one.crop_box
    if crop is None or crop == whole:
        return (None,) * 4
    return crop.row, crop.col, crop.rows, crop.cols


def _split(names: Sequence[str], rows: Sequence[Sequence[float | None]]) -> dict[str, NDArray[Any]]:
    values: NDArray[Any] = np.array(rows, float).reshape(len(rows), len(names))
    return {name: values[:, place] for place, name in enumerate(names)}


def _if_any(columns: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return columns if any(not np.isnan(column).all() for column in columns.values()) else {}


def _floats(values: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array(values, float)
