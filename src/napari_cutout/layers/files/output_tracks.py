"""The tracks of labels that the shell command linked, as a Tracks layer beside the labels.

What is written down of them is in stacks/output; that the labels open at all is said in
label_zarr_readers.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.layers.stacks.sightings import Sightings, graph_of
from napari_cutout.stacks.frames.selection import Chosen
from napari_cutout.stacks.output.link_note import LinkNote, read
from napari_cutout.stacks.output.linked import series_of
from napari_cutout.stacks.output.place import CHANGED, OutputPlace
from napari_cutout.stacks.output.ways import Along

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cutout.formats.objects.ome_labels_reading import OmeLabels
    from napari_cutout.formats.tracks.track import Track
    from napari_cutout.layers.files.annotated_layers import LayerData

    Index = tuple[int, ...]

_OVER_TIME = ("LinkOptions(", "VolumeLinkOptions(")
"""How linking over time begins in the note; slices of volumes alone have no paths."""

_ENOUGH = 256
"""Rows and columns of a level on which objects are looked for first: all pixels take long."""


def tracks_layer_of(labels: OmeLabels, options: dict[str, Any]) -> LayerData | None:
    """The Tracks layer of an output; None where nothing, or not all, was linked.

    Parameters
    ----------
    labels
        Those of the output.
    options
        Of their layer.
    """
    *shape, rows, cols = labels.levels[0].shape
    place = OutputPlace(labels.path, tuple(shape), (rows, cols), key="")
    known = read(place)
    if known is None or (place.hidden / CHANGED).exists() or not shape:
        return None
    if not str(known.get("how", "")).startswith(_OVER_TIME):
        return None
    along, frames = _along(known), Chosen([range(*part) for part in known["frames"]])
    series = series_of(frames, along)
    note = LinkNote(place, {})
    tracks = [note.tracks(number) for number in range(len(series))]
    whole = [some for some in tracks if some is not None]
    # napari takes the first axis for time.
    if (
        known["series"] < len(series)
        or len(whole) < len(series)
        or any(length > 1 for length in shape[: along.axis])
    ):
        return None
    planes = None if along.depth is None else len(frames.ranges[along.depth])
    points = [_points(labels, one, some, planes) for one, some in zip(series, whole, strict=True)]
    return _layer(np.concatenate(points), [one for some in whole for one in some], options)


def _along(known: dict[str, Any]) -> Along:
    depth = known.get("depth")
    return Along(int(known["axis"]), None if depth is None else int(depth))


def _layer(
    points: NDArray[np.float64], tracks: Sequence[Track], options: dict[str, Any]
) -> LayerData | None:
    if not len(points):
        return None
    order = np.lexsort((points[:, 1], points[:, 0]))
    about = {
        "name": f"tracks of {options['name']}",
        "scale": options["scale"],
        "axis_labels": options["axis_labels"],
        "graph": graph_of(tracks),
        "tail_length": int(np.ptp(points[:, 1])) + 1,
    }
    return points[order], about, "tracks"


def _points(
    labels: OmeLabels, series: Sequence[Index], tracks: Sequence[Track], planes: int | None
) -> NDArray[np.float64]:
    """``(N, 1 + axes)``: id, place on all axes. Of a series, whose tracks are known."""
    begins: dict[int, list[int]] = {}
    rows: list[NDArray[np.float64]] = []
    for one in tracks:
        begins.setdefault(one.first, []).append(one.id)
    last = {one.id: one.last for one in tracks}
    alive: set[int] = set()
    each = planes or 1
    for number in range(len(series) // each):
        alive = {one for one in alive if last[one] >= number} | {*begins.get(number, ())}
        rows.append(_seen(labels, series[number * each : (number + 1) * each], alive))
    return np.concatenate(rows)


def _seen(labels: OmeLabels, frames: Sequence[Index], alive: set[int]) -> NDArray[np.float64]:
    """``(N, 1 + axes)``: ids and places of the objects of a frame, or of a volume's planes.

    On a coarse level, unless some aren't seen there. O(pixels of the level).
    """
    finest = labels.levels[0]
    fitting = [level for level in labels.levels if min(level.shape[-2:]) >= _ENOUGH]
    level = fitting[-1] if fitting else finest
    found = _sighted(level, frames)
    if level is not finest and alive - set(found[:, 0].tolist()):
        level = finest
        found = _sighted(finest, frames)
    steps = [
        -(-full // size) for full, size in zip(finest.shape[-2:], level.shape[-2:], strict=True)
    ]
    found[:, -2:] *= steps
    return found


def _sighted(level: Any, frames: Sequence[Index]) -> NDArray[np.float64]:
    """``(N, 1 + axes)``: each object once, at the mean of its pixels in all these frames."""
    seen = Sightings()
    for index in frames:
        seen.add(np.asarray(level[index]))
    counts = [len(some) for some in seen.ids]
    places = np.column_stack(
        [np.repeat(np.array(frames, float), counts, axis=0), np.concatenate(seen.centres)]
    )
    areas = np.concatenate(seen.areas)
    ids, numbers = np.unique(np.concatenate(seen.ids), return_inverse=True)
    sizes = np.bincount(numbers, areas, minlength=len(ids))
    means = [np.bincount(numbers, some * areas, minlength=len(ids)) / sizes for some in places.T]
    return np.column_stack([ids, *means])
