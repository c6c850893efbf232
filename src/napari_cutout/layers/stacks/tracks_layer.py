"""A Tracks layer that shows which object is which over frames, and what divided into what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.frame_index import frame_axes
from napari_cutout.layers.selecting import keeping_selection
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari import Viewer
    from napari.layers import Labels
    from napari.layers import Tracks as NapariTracks
    from numpy.typing import NDArray

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.stacks.linking.tracks import Tracks


@dataclass(frozen=True, eq=False)
class ShownTracks:
    """Tracks of labels.

    Parameters
    ----------
    tracks
        What linking said.
    of_track
        ``(T + 1,)``: the label of each track.
    places
        The frames of the labels, in the order in which they were linked; the first planes of
        volumes.
    axis
        Of the labels, along which they lie.
    planes
        Of the labels: the axis of volumes' planes, and which of them those are. None where planes
        were linked.
    """

    tracks: Tracks
    of_track: NDArray[np.int64]
    places: tuple[FrameIndex, ...]
    axis: int
    planes: tuple[int, Sequence[int]] | None = None

    @property
    def can_be_shown(self) -> bool:
        """Whether napari has a layer for them: of a time and at least two more axes behind it."""
        is_behind = self.planes is None or self.planes[0] > self.axis
        return is_behind and bool(self.tracks.tracks) and len(self.places[0]) - self.axis > 2

    def data(self) -> NDArray[np.float64]:
        """``(N, 1 + axes)``: label and place, along the axis of the frames and all that follow.

        napari takes the first of them for time.
        """
        tracks = self.tracks
        frames = np.repeat(np.arange(len(tracks)), np.diff(tracks.offsets))
        kept = np.flatnonzero(tracks.track_ids)
        labels = self.of_track[tracks.track_ids[kept]]
        kept = kept[np.lexsort((frames[kept], labels))]
        where = np.array([[at or 0 for at in place] for place in self.places], float)
        points = where[frames[kept]]
        centres = tracks.centres[kept]
        points[:, frame_axes(self.places[0])] = centres[:, -2:]
        if self.planes is not None:
            depth, places = self.planes
            points[:, depth] = np.interp(centres[:, 0], np.arange(len(places)), places)
        labels = self.of_track[tracks.track_ids[kept]]
        return np.column_stack([labels, points[:, self.axis :]])

    def graph(self) -> dict[int, list[int]]:
        """The parents of each label that has one."""
        of_track = self.of_track
        return {
            int(of_track[one.id]): [int(of_track[one.parent])]
            for one in self.tracks.tracks
            if one.parent
        }


def shown_tracks(
    tracks: Tracks,
    of_track: NDArray[np.int64],
    places: Sequence[FrameIndex],
    axis: int,
    depth: int | None,
) -> ShownTracks:
    """What is to be shown of frames, or volumes, that follow one another.

    Parameters
    ----------
    tracks
        Of the frames; of volumes those of whole ones.
    of_track, axis
        See :class:`ShownTracks`.
    places
        All frames of the labels; of volumes all planes of one, then those of the next.
    depth
        The axis of the planes; None where planes were linked.
    """
    if depth is None:
        return ShownTracks(tracks, of_track, tuple(places), axis)
    count = len(places) // len(tracks)
    planes = [place[depth] or 0 for place in places[:count]]
    return ShownTracks(tracks, of_track, tuple(places[::count]), axis, (depth, planes))


class TracksLayer:
    """The layer; made anew when there is something else to show.

    Parameters
    ----------
    viewer
        Where it is shown.
    changed
        Called when it came or went.

    Attributes
    ----------
    shown
        What is shown; None for nothing.
    layer
        The layer; None for none, and once the person deleted it.
    """

    def __init__(self, viewer: Viewer, changed: Callable[[], None]) -> None:
        self._viewer, self._changed = viewer, weak_call(changed)
        self.shown: ShownTracks | None = None
        self.layer: NapariTracks | None = None
        viewer.layers.events.removed.connect(self._on_removed)

    def show(self, shown: ShownTracks | None, labels: Labels) -> None:
        """Show tracks of labels, or none."""
        viewer, before = self._viewer, self.layer
        self.layer, self.shown = None, shown
        with keeping_selection(viewer):
            place = None
            if before is not None and before in viewer.layers:
                place = viewer.layers.index(before)
                viewer.layers.remove(before)
            if shown is not None and shown.can_be_shown:
                layer = _layer(shown, labels)
                viewer.layers.insert(len(viewer.layers) if place is None else place, layer)
                self.layer = layer
        self._changed()

    def close(self) -> None:
        """Let go of the layer, which stays."""
        self._viewer.layers.events.removed.disconnect(self._on_removed)
        self.layer = self.shown = None

    def _on_removed(self, event: Any) -> None:
        if self.layer is not None and event.value == self.layer:
            self.layer = self.shown = None
            self._changed()


def _layer(shown: ShownTracks, labels: Labels) -> NapariTracks:
    from napari.layers import Tracks

    first, count = shown.axis, labels.ndim - shown.axis
    affine = np.eye(count + 1)
    affine[:-1, :-1] = labels.affine.affine_matrix[first:-1, first:-1]
    affine[:-1, -1] = labels.affine.affine_matrix[first:-1, -1]
    place: dict[str, Any] = {
        "scale": labels.scale[first:],
        "translate": labels.translate[first:],
        "units": labels.units[first:],
        "axis_labels": labels.axis_labels[first:],
        "affine": affine,
    }
    if not first:
        place |= {"rotate": labels.rotate, "shear": labels.shear}
    return Tracks(
        shown.data(),
        graph=shown.graph(),
        name=f"tracks of {labels.name}",
        tail_length=max(len(shown.places), 1),
        **place,
    )
