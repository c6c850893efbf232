"""Labels of OME-Zarr: their levels, opened but read only where they are asked for.

Writing is in ome_labels.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zarr

from napari_cutout.formats.errors import FormatError


@dataclass(frozen=True, eq=False)
class OmeLabels:
    """Labels in an OME-Zarr.

    Parameters
    ----------
    path, name
        Where they are, and what they are called.
    levels
        Arrays of zarr, the finest first.
    axes, scale
        Of each axis: its name and the size of a pixel of the finest level.
    properties
        What is known of each id.
    """

    path: Path
    name: str
    levels: tuple[Any, ...]
    axes: tuple[str, ...]
    scale: tuple[float, ...]
    properties: dict[int, dict[str, Any]]


def read_ome_labels(path: str | Path, name: str | None = None) -> OmeLabels:
    """Open labels.

    Parameters
    ----------
    path
        Of the labels themselves, or of the image that they are in.
    name
        Which labels of an image; the only ones when left out.

    Raises
    ------
    FormatError
        If there are none, or it isn't clear which.
    """
    path = Path(path)
    stated = _attributes(path)
    if "image-label" not in stated:
        names = _names(path)
        if not names:
            raise FormatError(f"{path} has no labels")
        chosen = names[0] if name is None and len(names) == 1 else name
        if chosen not in names:
            missing = "name one of them" if name is None else f"there are no {name!r}"
            raise FormatError(f"{path} has the labels {', '.join(names)}; {missing}")
        path = path / "labels" / str(chosen)
        stated = _attributes(path)
    try:
        scales = stated["multiscales"][0]
        group = zarr.open_group(path, mode="r")
        levels: tuple[Any, ...] = tuple(group[one["path"]] for one in scales["datasets"])
        axes = tuple(one["name"] for one in scales["axes"])
        transforms = scales["datasets"][0]["coordinateTransformations"]
        scale = next(one["scale"] for one in transforms if one["type"] == "scale")
        known = stated.get("image-label", {}).get("properties") or []
        properties = {one["label-value"]: _without_id(one) for one in known}
    except (KeyError, IndexError, TypeError, StopIteration, AttributeError) as error:
        raise FormatError(f"{path}: what it says of itself isn't OME-Zarr's ({error!r})") from error
    wrong = [level for level in levels if level.dtype.kind not in "iu"]
    if wrong:
        raise FormatError(f"{path}: labels are integers, not {wrong[0].dtype}")
    return OmeLabels(path, path.name, levels, axes, tuple(map(float, scale)), properties)


def is_ome_labels(path: Path) -> bool:
    """Whether a folder is labels of OME-Zarr, and not an image that has some."""
    try:
        return path.is_dir() and "image-label" in _attributes(path)
    except FormatError:
        return False


def _attributes(path: Path) -> Any:
    try:
        stated: Any = dict(zarr.open_group(path, mode="r").attrs)
    except (ValueError, OSError, KeyError) as error:
        raise FormatError(f"{path} is no OME-Zarr ({error})") from error
    return stated.get("ome", stated)


def _names(path: Path) -> list[str]:
    if not (path / "labels").is_dir():
        return []
    return [str(name) for name in _attributes(path / "labels").get("labels", [])]


def _without_id(value: dict[str, Any]) -> dict[str, Any]:
    return {key: known for key, known in value.items() if key != "label-value"}
