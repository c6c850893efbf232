"""How the files of a series get into a viewer: by the library's own reader, or by napari's.

A reader takes the viewer and the path, adds layers, and returns them. Any function that does so
will do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from napari_cutout.annotate.series.files import SeriesError
from napari_cutout.formats.images import open_image

if TYPE_CHECKING:
    from pathlib import Path

    from napari import Viewer
    from napari.layers import Layer

Read: TypeAlias = Callable[[Any, Any], Sequence[Any]]
"""From a viewer and a path to the layers that were added."""


def read_with_library(viewer: Viewer, path: Path) -> list[Layer]:
    """Open a png, jpg, bmp, tif, npy or zarr. What the file can map or index isn't read whole.

    Channels on the last axis that aren't colours become a layer each, the levels of an OME-Zarr one
    layer together. ``layer.metadata["path"]`` says which file it is.

    Raises
    ------
    FormatError
        If it can't be read.
    """
    stored = open_image(path)
    levels = _levels(path)
    known_as: dict[str, Any] = {"name": path.stem, "metadata": {"path": str(path)}}
    if len(levels) > 1:
        return [viewer.add_image(levels, multiscale=True, rgb=False, **known_as)]
    is_rgb = None if stored.channels_last is None else stored.channels_last
    axis = None
    if stored.channels_last and stored.shape[-1] not in (3, 4):
        is_rgb, axis = False, -1
    added: Any = viewer.add_image(stored.data, rgb=is_rgb, channel_axis=axis, **known_as)
    return list(added) if isinstance(added, list) else [added]


def read_with_napari(plugin: str | None = None) -> Read:
    """A reader that opens files as napari's File > Open does.

    Parameters
    ----------
    plugin
        The plugin that reads; ``"napari"`` is napari itself. Left out, napari chooses; where
        several can and its preferences name none, it is napari itself, or else the first.
    """

    def read(viewer: Viewer, path: Path) -> list[Layer]:
        from napari.layers import Image, Labels

        _find_plugins()
        layers = _open(viewer, path, plugin)
        if any(isinstance(layer, Image) for layer in layers):
            return layers
        if not any(isinstance(layer, Labels) for layer in layers):
            return layers
        # napari takes images of 32-bit and 64-bit integers for labels.
        _remove(viewer, layers)
        return _open(viewer, path, plugin, layer_type="image")

    return read


def open_layers(viewer: Viewer, path: Path, read: Read) -> tuple[list[Layer], list[Layer]]:
    """Open a file into a viewer; when that fails, nothing of it stays.

    Returns
    -------
    layers, images : list of Layer
        All that were added, and those of them that are images.

    Raises
    ------
    SeriesError
        If it can't be read, or holds no image.
    """
    from napari.layers import Image

    before = list(viewer.layers)
    try:
        layers = list(read(viewer, path))
    except Exception as error:  # plugins raise whatever their libraries raise
        came = [layer for layer in viewer.layers if layer not in before]
        _remove(viewer, [layer for layer in came if layer.source.path == str(path)])
        raise SeriesError(_reason(error)) from error
    images = [layer for layer in layers if isinstance(layer, Image)]
    if not images:
        _remove(viewer, layers)
        raise SeriesError(f"{path} holds no image")
    return layers, images


def _levels(path: Path) -> list[Any]:
    """The arrays of an OME-Zarr image, the finest first; none of anything else."""
    if not path.is_dir():
        return []
    import zarr

    node = zarr.open(path, mode="r")
    attributes: Any = dict(node.attrs)
    scales = attributes.get("ome", attributes).get("multiscales")
    return [node[level["path"]] for level in scales[0]["datasets"]] if scales else []


def _open(viewer: Viewer, path: Path, plugin: str | None, **options: Any) -> list[Layer]:
    from napari.errors import MultipleReaderError

    try:
        return list(viewer.open(str(path), plugin=plugin, **options))
    except MultipleReaderError as error:
        able = error.available_plugins
        chosen = "napari" if "napari" in able else able[0]
        return list(viewer.open(str(path), plugin=chosen, **options))


def _find_plugins() -> None:
    """A window has done that; a viewer without one hasn't."""
    from npe2 import PluginManager

    manager = PluginManager.instance()
    if "napari" not in manager:
        manager.discover()


def _remove(viewer: Viewer, layers: Sequence[Layer]) -> None:
    for layer in layers:
        viewer.layers.remove(layer)


def _reason(error: Exception) -> str:
    """What went wrong, in the words of the library that read."""
    # napari says with which plugin it failed, and not why.
    cause = getattr(error, "original_error", None) or error
    return " ".join(str(cause).split()) or type(cause).__name__
