"""Files as stacks by napari's reader plugins, asked through npe2: no viewer and no window.

Files that the library reads by itself are opened in stacks/frames/opening.py.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.layers.stacks.layer_stack import usable_names
from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames.arrays import ArrayStack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Path = str | os.PathLike[str]
    LayerData = tuple[Any, Mapping[str, Any], str]


def open_with_plugins(
    paths: Path | Sequence[Path],
    plugin: str | None = None,
    *,
    axes: str | Sequence[str] | None = None,
    channel: int | None = None,
    layer: int | str | None = None,
) -> ArrayStack:
    """Frames of what a reader plugin of napari opens.

    Parameters
    ----------
    paths
        A file or folder; or several files, which the plugin is asked to stack.
    plugin
        The plugin that reads; ``"napari"`` is napari itself. None: the first that can.
    axes
        A letter or a name for every axis of the image, see :func:`.open_stack`. None: as the
        plugin says.
    channel
        Which channel to take. None: there are none, or they are colours.
    layer
        Which of several images, by number or by name.

    Raises
    ------
    StackError
        If no plugin reads it, it holds no image or several, or its axes can be read in two ways.

    Notes
    -----
    Of a pyramid the finest level is taken. Plugins may give lazy arrays; those are read frame by
    frame, and a stack of them goes to another process where they do.
    """
    listed = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    given = [os.fspath(path) for path in listed]
    name = given[0] if len(given) == 1 else f"{given[0]} and {len(given) - 1} more"
    found = _read(given, plugin, name)
    data, meta = _chosen(found, layer, name)
    is_pyramid = meta.get("multiscale") or isinstance(data, list | tuple)
    data = data[0] if is_pyramid else data
    if not hasattr(data, "shape") or not hasattr(data, "dtype"):
        data = np.asarray(data)
    named = _axes_of(data, meta) if axes is None else axes
    scale, units = _per_axis(meta.get("scale"), data), _per_axis(meta.get("units"), data)
    return ArrayStack(
        data,
        named,
        channel=channel,
        name=name,
        scale=None if scale is None else [float(size) for size in scale],
        units=None if units is None else [None if unit is None else str(unit) for unit in units],
    )


def _read(given: list[str], plugin: str | None, name: str) -> list[LayerData]:
    from npe2 import PluginManager
    from npe2 import read as read_by_plugins

    # A window has looked for plugins; without one, nobody has.
    manager = PluginManager.instance()
    if "napari" not in manager:
        manager.discover()
    for path in given:
        if "://" not in path and not os.path.exists(path):
            raise StackError(f"there is no file {path}; check the path")
    try:
        found: Any = read_by_plugins(given, stack=len(given) > 1, plugin_name=plugin)
    except Exception as error:  # plugins raise whatever their libraries raise
        reason = " ".join(str(error).split()) or type(error).__name__
        who = f"the plugin {plugin}" if plugin else "any reader plugin"
        raise StackError(f"{name} can't be read by {who}: {reason}") from error
    return list(found)


def _chosen(
    found: list[LayerData], layer: int | str | None, name: str
) -> tuple[Any, Mapping[str, Any]]:
    """The data of an image, and what the plugin says of it."""
    images = []
    for one in found:
        data, meta, kind = (*one, {}, "image")[:3] if len(one) < 3 else one
        if data is not None and kind in ("image", "labels"):
            images.append((data, meta or {}))
    names = [str(meta.get("name", number)) for number, (_, meta) in enumerate(images)]
    if not images:
        raise StackError(f"{name} holds no image that the plugin could open")
    if layer is None and len(images) > 1:
        raise StackError(
            f"{name} holds {len(images)} images: {', '.join(names)}; say which, by layer="
        )
    if isinstance(layer, str):
        if names.count(layer) != 1:
            raise StackError(f"{name} has no one image {layer!r}; there are: {', '.join(names)}")
        return images[names.index(layer)]
    number = layer or 0
    if not 0 <= number < len(images):
        raise StackError(f"{name} has images 0 to {len(images) - 1}, not {number}")
    return images[number]


def _axes_of(data: Any, meta: Mapping[str, Any]) -> list[str] | None:
    """The axes as a plugin says them: rows and columns last; None where it doesn't say."""
    count, colours = len(data.shape), bool(meta.get("rgb"))
    axis = meta.get("channel_axis")
    shown = count - colours - (axis is not None)
    labels = meta.get("axis_labels")
    if labels is None and shown > 2:
        return None
    names = usable_names([str(label) for label in labels] if labels is not None else [""] * shown)
    named = [*names[:-2], "y", "x"]
    if axis is not None:
        named.insert(int(axis) % count, "c")
    return [*named, "s"] if colours else named


def _per_axis(values: Any, data: Any) -> list[Any] | None:
    """What is said of each axis, where it is said of every one of the data's."""
    if values is None or isinstance(values, str) or len(values) != len(data.shape):
        return None
    return list(values)
