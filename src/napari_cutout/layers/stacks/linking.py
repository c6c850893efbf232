"""The same id for the same object in all frames: in the labels of a session, and as tracks.

The steps of it are in link_steps.py; the Tracks layer is in tracks_layer.py.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from napari_cutout.layers.errors import TargetError
from napari_cutout.layers.stacks.finding import StacksFinding
from napari_cutout.layers.stacks.link_steps import Linked, LinkTask, Recolored, link_steps
from napari_cutout.layers.stacks.run import Run
from napari_cutout.layers.stacks.run_writer import RunWriter
from napari_cutout.layers.stacks.tracks_layer import ShownTracks, TracksLayer, shown_tracks
from napari_cutout.layers.steps import Edit
from napari_cutout.layers.target.direct_writing import recolored_by_all
from napari_cutout.layers.target.pyramids import pixels_of
from napari_cutout.stacks.linking.linker import Linker
from napari_cutout.stacks.linking.options import LinkOptions, VolumeLinkOptions, VolumeOptions
from napari_cutout.stacks.linking.tracks import VolumeTracks
from napari_cutout.stacks.linking.volume_linker import VolumeLinker
from napari_cutout.stacks.linking.volumes import SliceJoiner

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from napari.layers import Tracks as NapariTracks

    from napari_cutout.annotate import FrameIndex, ObjectRecord
    from napari_cutout.layers.long_jobs import LongRunner
    from napari_cutout.layers.run_step import RunStep
    from napari_cutout.layers.session import Session
    from napari_cutout.layers.stacks.choosing import Task
    from napari_cutout.layers.stacks.frame_states import FrameState
    from napari_cutout.layers.stacks.link_steps import Links
    from napari_cutout.layers.stacks.run import At
    from napari_cutout.layers.stacks.way import Way
    from napari_cutout.stacks.linking.tracks import TrackIds, Tracks

    Index = tuple[int, ...]

_NONE: Mapping[Index, FrameState] = MappingProxyType({})

_NOT_SHOWN = " napari has no layer for tracks along this axis."


class StacksLinking(StacksFinding):
    """As far as objects are linked. See :class:`.Stacks`."""

    def __init__(self, session: Session, run: LongRunner | None = None) -> None:
        super().__init__(session, run)
        self._link_options, self._volume_options = LinkOptions(), VolumeOptions()
        self._tracks = TracksLayer(session.viewer, self._on_tracks)
        self._tracks_of: WeakKeyDictionary[
            RunStep, tuple[ShownTracks | None, ShownTracks | None]
        ] = WeakKeyDictionary()

    @property
    def link_options(self) -> LinkOptions:
        """What may be the same object in successive frames."""
        return self._link_options

    @link_options.setter
    def link_options(self, options: LinkOptions) -> None:
        self._link_options = options
        self.events.options()

    @property
    def volume_options(self) -> VolumeOptions:
        """What is one object in the slices of a volume."""
        return self._volume_options

    @volume_options.setter
    def volume_options(self, options: VolumeOptions) -> None:
        self._volume_options = options
        self.events.options()

    @property
    def tracks_layer(self) -> NapariTracks | None:
        """The layer that shows what was linked last; None without, and once it was deleted."""
        return self._tracks.layer

    @property
    def tracks(self) -> Tracks | None:
        """What linking said; its ids aren't those of the labels, see :attr:`tracks_layer`."""
        shown = self._tracks.shown
        return None if shown is None else shown.tracks

    def link(self) -> None:
        """Give the objects of the labels the same id in the chosen frames, along :attr:`axis`.

        Whoever made the labels. Objects keep the id that they had first, where no other has it.
        Of whole :attr:`volumes` what lies on each other is joined first; what spans too few planes
        is taken away.

        Raises
        ------
        SessionError
            If something runs.
        TargetError
            If there are no labels, or they can't be written.
        StackError, ViewError
            If there are no such frames.
        """
        self._check_free()
        way = self._way("link")
        self._link(RunWriter(self.session, "Linking"), way)

    def join(self) -> None:
        """Make one object of those of a volume's slices that lie on each other, along :attr:`axis`.

        Errors are those of :meth:`link`.
        """
        self._check_free()
        way = self._way("join")
        writer = RunWriter(self.session, "Joining slices")
        self._relabel("join", writer, partial(SliceJoiner, self._volume_options), way)

    def close(self) -> None:
        """End what runs. What was done stays, and the tracks too."""
        if not self.is_closed:
            self._tracks.close()
            super().close()

    def _link(
        self, writer: RunWriter, way: Way, failed: Mapping[Index, FrameState] = _NONE
    ) -> None:
        planes, spacing = way.planes, way.spacing
        links: Callable[[], Links] = partial(Linker, self._link_options, spacing)
        if planes is not None:
            options = VolumeLinkOptions(self._volume_options, self._link_options)
            links = partial(VolumeLinker, planes, options, spacing)
        self._relabel("link", writer, links, way, failed)

    def _relabel(
        self,
        task: Task,
        writer: RunWriter,
        links: Callable[[], Links],
        way: Way,
        failed: Mapping[Index, FrameState] = _NONE,
    ) -> None:
        session, stack, frames = self.session, way.stack, way.frames
        labels = session.labels
        if labels is None:
            raise TargetError("there are no labels to link; find or commit objects first")
        places = [writer.place(stack.frame_of(index)) for index in frames]
        largest = session._target.next_id(places[0]) - 1
        data = pixels_of(labels)
        shown_in = tuple(place.index for place in places)
        work = LinkTask(data, frames, shown_in, links, largest, failed)
        sliced = dict(zip(stack.axes, stack.sliced, strict=True))
        shift = labels.ndim - session.image.ndim
        axis = sliced.get(way.axis, 0) + shift
        depth = sliced[way.depth] + shift if way.depth else None
        before = self._tracks.shown
        outcome: dict[str, Any] = {}

        def take(stacks: StacksLinking, at: At) -> None:
            if isinstance(at, Linked):
                writer.check_ids(at.largest)
                outcome["linked"] = at
            elif isinstance(at, Recolored):
                stacks._take_recolored(writer, at, failed.get(at.index or ()))

        def finish(stacks: StacksLinking, early: bool) -> str:
            linked = outcome.get("linked")
            if linked is None or early:
                return "" if linked is None else "The frames until then have their new ids."
            shown = None
            if task == "link":
                known = linked.tracks
                paths = known.volumes if isinstance(known, VolumeTracks) else known
                shown = shown_tracks(paths, linked.of_track, shown_in, axis, depth)
                stacks._tracks.show(shown, labels)
                for step in writer.steps[-1:]:
                    stacks._tracks_of[step] = (before, shown)
            hidden = shown is not None and not shown.can_be_shown and shown.tracks.tracks
            return _said(linked.tracks, task) + (_NOT_SHOWN if hidden else "")

        self._begin(
            Run(task, link_steps(work), take, finish, writer), "Linking objects …", stack, frames
        )

    def _take_recolored(self, writer: RunWriter, at: Recolored, failed: FrameState | None) -> None:
        assert at.index is not None
        assert self.stack_of_run is not None
        frame = self.stack_of_run.frame_of(at.index)
        changes = recolored_by_all(writer.labels, at.pieces)
        if changes:
            new = {number: after for _, _, number, after in at.pieces}
            writer.write(self._renamed(writer, frame, new, changes))
        if failed is not None:
            self._states.keep(failed)
            return
        text = f"{at.count} objects, {len(at.pieces)} of them with another id."
        self._states.set(at.index, "linked", text, at.count)

    def _renamed(
        self, writer: RunWriter, frame: FrameIndex, new: dict[int, int], changes: Any
    ) -> Edit:
        """An edit that gives the objects of a frame other ids, with their records and classes."""
        table = self.session._target.objects
        removed: list[ObjectRecord] = []
        added: list[ObjectRecord] = []
        classes: dict[int, tuple[int, str, str]] = {}
        for number, after in new.items():
            records = table.records_of(number, frame)
            removed += records
            if after:
                added += (replace(record, id=after) for record in records)
                name = table.class_of(number)
                if name and not table.class_of(after) and after not in classes:
                    classes[after] = (after, "", name)
        return Edit(writer.text, changes, added, removed, tuple(classes.values()))

    def _on_edited(self, event: Any) -> None:
        super()._on_edited(event)
        known = self._tracks_of.get(event.step)
        if known is not None and event.action != "do":
            shown = known[0] if event.action == "undo" else known[1]
            self._tracks.show(shown, event.step.labels)

    def _on_tracks(self) -> None:
        self.events.tracks()


def _said(tracks: TrackIds, task: Task) -> str:
    count = len(tracks.tracks)
    mothers = len({one.parent for one in tracks.tracks if one.parent})
    objects = int(np.count_nonzero(tracks.track_ids))
    divisions = f", {mothers} of which divide" if mothers else ""
    if isinstance(tracks, VolumeTracks):
        volumes = f"{len(tracks.volumes)} volumes of {len(tracks)} slices"
        return f"{objects} objects in {volumes} are {count} tracks{divisions}."
    if task == "join":
        return f"{objects} objects of {len(tracks)} slices are {count} now."
    return f"{objects} objects in {len(tracks)} frames are {count} tracks{divisions}."
