"""Tracks of a session's labels to files and back, as the Cell Tracking Challenge has them.

The steps are in export_steps.py and import_steps.py; files are opened without a session by the
readers of layers/files.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_cutout.layers.errors import TargetError
from napari_cutout.layers.image.coordinates import between, layer_shape, placing
from napari_cutout.layers.selecting import keeping_selection
from napari_cutout.layers.stacks.export_steps import Exported, ExportTask, export_steps
from napari_cutout.layers.stacks.import_steps import Imported, ImportTask, import_steps
from napari_cutout.layers.stacks.propagating import StacksPropagating
from napari_cutout.layers.stacks.run import Run
from napari_cutout.layers.stacks.tracks_layer import ShownTracks
from napari_cutout.layers.target.pyramids import pixels_of
from napari_cutout.layers.target.targets import frame_at, labels_of

if TYPE_CHECKING:
    from napari_cutout.formats.tracks.ctc import TableName
    from napari_cutout.layers.stacks.run import At


class StacksTracking(StacksPropagating):
    """As far as tracks are exported and imported. See :class:`.Stacks`."""

    def export_tracks(self, folder: str | Path, table: TableName = "res_track.txt") -> None:
        """Write the labels of the chosen frames, along :attr:`axis`, as tracks.

        Every id is a track. What came of what is as the Tracks layer shows it, and as divisions
        were marked. Cancelled, or when something is wrong, nothing stays in the folder.

        Parameters
        ----------
        folder
            Made where it isn't there; it must hold no tracks yet.
        table
            ``"res_track.txt"`` for results, ``"man_track.txt"`` for annotations.

        Raises
        ------
        SessionError
            If something runs.
        TargetError
            If there are no labels.
        StackError, ViewError
            If there are no such frames.
        FormatError
            If the folder can't be written, or holds tracks; by the runner of jobs.
        """
        self._check_free()
        session, way, folder = self.session, self._way("export"), Path(folder)
        labels = session.labels
        if labels is None:
            raise TargetError("there are no labels to export; find or commit objects first")
        matrix = between(session.image, labels, session.viewer.dims)
        places = [
            frame_at(labels, session.image, way.stack.frame_of(index), matrix).index
            for index in way.frames
        ]
        task = ExportTask(pixels_of(labels), way.frames, places, self._parents(), folder, table)
        lines: list[int] = []

        def take(_stacks: StacksTracking, at: At) -> None:
            if isinstance(at, Exported):
                lines.append(len(at.lines))

        def finish(_stacks: StacksTracking, _early: bool) -> str:
            if not lines:
                return "No tracks were written."
            return f"{lines[0]} tracks in {len(places)} frames are in {folder}."

        run = Run("export", export_steps(task), take, finish, keeps_states=True)
        self._begin(run, f"Writing tracks into {folder} …", way.stack, way.frames)

    def import_tracks(self, folder: str | Path) -> None:
        """Read tracks of the chosen frames, along :attr:`axis`, into new labels.

        They become the labels of the session, and a Tracks layer shows what came of what. Labels
        that were there stay as they are.

        Parameters
        ----------
        folder
            With ``man_track.txt`` or ``res_track.txt`` and a label image a frame.

        Raises
        ------
        SessionError
            If something runs.
        StackError, ViewError
            If there are no such frames; by the runner of jobs, if those of the folder are others.
        FormatError
            If the folder can't be read; by the runner of jobs.
        """
        self._check_free()
        image, way, folder = self.session.image, self._way("import"), Path(folder)
        places = tuple(way.stack.frame_of(index) for index in way.frames)
        shape = layer_shape(image)
        task = ImportTask(folder, shape, way.frames, places, way.stack.frame_shape, way.axis)
        axis = dict(zip(way.stack.axes, way.stack.sliced, strict=True))[way.axis]
        said: list[str] = []

        def take(stacks: StacksTracking, at: At) -> None:
            if isinstance(at, Imported):
                tracks, of_track = at.seen.linked(at.tracks)
                shown = ShownTracks(tracks, of_track, places, axis)
                stacks._add_tracks(at.data, shown, folder)
                said.append(f"{len(at.tracks)} tracks in {len(places)} frames were read.")

        def finish(_stacks: StacksTracking, _early: bool) -> str:
            return said[0] if said else "No tracks were read."

        run = Run("import", import_steps(task), take, finish, keeps_states=True)
        self._begin(run, f"Reading tracks from {folder} …", way.stack, way.frames)

    def _add_tracks(self, data: object, shown: ShownTracks, folder: Path) -> None:
        """Show labels and tracks that were read; the session goes on in these labels."""
        session = self.session
        viewer, image = session.viewer, session.image
        layer = labels_of(data, name=folder.name, **placing(image, viewer.dims))
        above = session.labels if session.labels in viewer.layers else image
        with keeping_selection(viewer):
            viewer.layers.insert(viewer.layers.index(above) + 1, layer)
        session.labels = layer
        self._tracks.show(shown, layer)

    def _parents(self) -> dict[int, int]:
        """What each object came of, as it was linked and marked."""
        shown = self._tracks.shown
        graph = {} if shown is None else shown.graph()
        marked = {
            daughter: mother
            for mother, division in self._divisions.items()
            for daughter in division.daughters
        }
        return {number: parents[0] for number, parents in graph.items()} | marked
