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
from napari_cutout.layers.stacks.tracks_layer import shown_tracks
from napari_cutout.layers.stacks.way import Way
from napari_cutout.layers.target.pyramids import pixels_of
from napari_cutout.layers.target.targets import frame_at, labels_of
from napari_cutout.stacks.errors import StackError

if TYPE_CHECKING:
    from napari_cutout.formats.tracks.ctc_files import TableName
    from napari_cutout.layers.stacks.run import At
    from napari_cutout.layers.stacks.tracks_layer import ShownTracks


class StacksTracking(StacksPropagating):
    """As far as tracks are exported and imported. See :class:`.Stacks`."""

    def export_tracks(self, folder: str | Path, table: TableName = "res_track.txt") -> None:
        """Write the labels of the chosen frames, along :attr:`axis`, as tracks.

        Of whole :attr:`volumes` each file has all chosen planes of a volume.

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
        data = pixels_of(labels)
        task = ExportTask(data, way.frames, places, self._parents(), folder, table, way.planes)
        count = f"{len(task.written)} {'volumes' if way.depth else 'frames'}"
        lines: list[int] = []

        def take(_stacks: StacksTracking, at: At) -> None:
            if isinstance(at, Exported):
                lines.append(len(at.lines))

        def finish(_stacks: StacksTracking, _early: bool) -> str:
            if not lines:
                return "No tracks were written."
            return f"{lines[0]} tracks in {count} are in {folder}."

        run = Run("export", export_steps(task), take, finish, keeps_states=True)
        self._begin(run, f"Writing tracks into {folder} …", way.stack, way.frames)

    def import_tracks(self, folder: str | Path) -> None:
        """Read tracks of the chosen frames, along :attr:`axis`, into new labels.

        They become the labels of the session, and a Tracks layer shows what came of what. Labels
        that were there stay as they are. Cancelled, nothing is changed.

        Parameters
        ----------
        folder
            With ``man_track.txt`` or ``res_track.txt`` and a label image a frame; or a volume a
            time, for the chosen planes of :attr:`depth`. Then :attr:`volumes` are on afterwards.

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
        planes, volumes = self._way_or_error(False), self._way_or_error(True)
        way = next((one for one in (planes, volumes) if isinstance(one, Way)), None)
        if way is None:
            assert isinstance(planes, StackError)
            raise planes
        folder = Path(folder)
        task = ImportTask(folder, layer_shape(self.session.image), planes, volumes)
        said: list[str] = []

        def take(stacks: StacksTracking, at: At) -> None:
            if isinstance(at, Imported):
                stacks._add_tracks(at.data, _shown(at), folder)
                if at.way.depth:
                    # Unasked, as other axes may be shown than when it began to read.
                    stacks._volumes = True
                    stacks.events.options()
                kind = "volumes" if at.way.depth else "frames"
                said.append(f"{len(at.tracks)} tracks in {len(at.seen)} {kind} were read.")

        def finish(_stacks: StacksTracking, _early: bool) -> str:
            return said[0] if said else "No tracks were read."

        run = Run("import", import_steps(task), take, finish, keeps_states=True)
        self._begin(run, f"Reading tracks from {folder} …", way.stack, way.frames)

    def _way_or_error(self, volumes: bool) -> Way | StackError:
        """The frames of tracks of a kind; which kind is read is known later."""
        try:
            return self._way("import", volumes=volumes)
        except StackError as error:
            return error

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


def _shown(at: Imported) -> ShownTracks:
    """What was read as tracks that are shown."""
    way, (tracks, of_track) = at.way, at.seen.linked(at.tracks)
    axes = dict(zip(way.stack.axes, way.stack.sliced, strict=True))
    places = [way.stack.frame_of(index) for index in way.frames]
    return shown_tracks(tracks, of_track, places, axes[way.axis], axes.get(way.depth))
