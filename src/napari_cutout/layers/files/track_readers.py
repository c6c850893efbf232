"""Tracks of the Cell Tracking Challenge from napari's Open: their labels, and a layer of tracks.

How they are read is in formats/tracks; those of our own zarrs are read in output_tracks.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.tracks.ctc import read_ctc
from napari_cutout.layers.stacks.sightings import Sightings, graph_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cutout.formats.tracks.ctc import CtcSequence
    from napari_cutout.layers.files.annotated_layers import LayerData

_TABLES = ("man_track.txt", "res_track.txt")
_AXES = ("t", "z", "y", "x")


def get_track_reader(path: str | list[str]) -> Callable[[str], list[LayerData]] | None:
    """What reads a folder with a table of tracks, or that table, for napari; None for others."""
    if isinstance(path, list):
        return None
    folder = _folder(Path(path))
    return read_tracks if any((folder / name).is_file() for name in _TABLES) else None


def read_tracks(path: str | Path) -> list[LayerData]:
    """The layers of tracks of the Cell Tracking Challenge.

    Parameters
    ----------
    path
        The folder, as ``01_GT/TRA`` or ``01_RES``; or the table in it, ``man_track.txt`` or
        ``res_track.txt``.

    Returns
    -------
    list of (data, dict, str)
        A Labels layer, ``(frames, rows, cols)`` or with planes before the rows, in memory; and a
        Tracks layer with the graph of what came of what, where there is any track.

    Raises
    ------
    FormatError
        If it can't be read, or isn't consistent.
    """
    sequence = read_ctc(_folder(Path(path)))
    labels, seen = _labels(sequence)
    folder = sequence.folder.resolve()
    # Annotations are in folders that all have the same name.
    name = folder.name if folder.name != "TRA" else f"{folder.parent.name} {folder.name}"
    axes = (_AXES[0], *_AXES[1 - labels.ndim :]) if labels.ndim < 4 else _AXES
    layers: list[LayerData] = [(labels, {"name": name, "axis_labels": axes}, "labels")]
    if sequence.tracks:
        options = {
            "name": f"tracks of {name}",
            "graph": graph_of(sequence.tracks),
            "tail_length": len(sequence),
            "axis_labels": axes,
        }
        layers.append((seen.points(), options, "tracks"))
    return layers


def _folder(path: Path) -> Path:
    return path.parent if path.name in _TABLES else path


def _labels(sequence: CtcSequence) -> tuple[np.ndarray, Sightings]:
    """All frames as one array, and where the objects are in them."""
    seen, first = Sightings(), sequence[0]
    largest = max((one.id for one in sequence.tracks), default=0)
    try:
        labels = np.zeros((len(sequence), *first.shape), np.min_scalar_type(max(largest, 256)))
        for number, frame in enumerate(sequence):
            if frame.shape != first.shape:
                raise FormatError(
                    f"{sequence.files[number]} has shape {frame.shape}, and the frames before have "
                    f"{first.shape}; frames of one size are expected"
                )
            labels[number] = frame
            seen.add(frame)
    except MemoryError as error:
        raise FormatError(
            f"{sequence.folder} has {len(sequence)} frames of shape {first.shape}, which don't "
            "fit into memory"
        ) from error
    return labels, seen
