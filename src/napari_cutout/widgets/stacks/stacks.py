"""The dock widget "Stacks and videos": it shows what happens, and calls. It decides nothing.

The session is that of the dock widget "Cut Out" of the same window. How it is laid out is in
panel.py, what the strip shows in happening.py, what is said by hand in saying.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import napari  # noqa: TC002 (napari reads the annotation when it makes the widget)

from napari_cutout.widgets.stacks.saying import StacksByHand

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget


class Stacks(StacksByHand):
    """Find, propagate and link objects through the frames of a stack, or encode them ahead.

    Parameters
    ----------
    viewer
        As napari hands it to plugins.
    parent
        Its parent.
    """

    def __init__(self, viewer: napari.viewer.Viewer, parent: QWidget | None = None) -> None:
        super().__init__(viewer, parent)
        self._connect_controls()
        self._begin(viewer)

    def run(self, task: str = "") -> bool:
        """Begin what is chosen, or something else.

        Parameters
        ----------
        task
            A name of :data:`.TASKS`; empty for what the widget shows.

        Returns
        -------
        bool
            Whether it began.
        """
        if task and task != self.task:
            self.what.setCurrentIndex(self.what.findData(task))
            self._use_task()
        return {
            "find": self._find,
            "propagate": self._propagate,
            "link": self._link,
            "join": self._join,
            "embed": self._embed,
        }[self.task]()

    def _connect_controls(self) -> None:
        find, embed = self.pages["find"], self.pages["embed"]
        self.what.activated.connect(self._use_task)
        find.mode.activated.connect(self._use_mode)
        find.known.activated.connect(self._use_known)
        find.options.changed.connect(self._use_option)
        find.filters.changed.connect(self._use_filter)
        for name in ("propagate", "link", "join"):
            self.pages[name].options.changed.connect(self._use_run_option)
        self.along.activated.connect(self._use_axis)
        self.ranges.changed.connect(self._use_frames)
        self.ranges.along_changed.connect(self._use_along)
        self.ranges.here_asked.connect(self._use_here)
        self.begin.clicked.connect(self._run_chosen)
        embed.estimate.clicked.connect(self._estimate)
        self.running.pause.clicked.connect(self._pause)
        self.running.cancel.clicked.connect(self._cancel)
        for box in (self.pages["link"].volumes, self.tracks.volumes):
            box.clicked.connect(self._use_volumes)
        self.tracks.open_asked.connect(self._import_tracks)
        self.tracks.export_asked.connect(self._export_tracks)
        self._connect_by_hand()

    def _run_chosen(self) -> None:
        self.run()

    def _find(self) -> bool:
        is_linked = self.pages["find"].link.isChecked()
        return self.do("find_everywhere", link=is_linked)

    def _propagate(self) -> bool:
        page, stacks = self.pages["propagate"], self.stacks
        which, direction = page.which.currentData(), page.direction.currentData()
        self._show_later()
        return stacks is not None and self._tried(
            lambda: stacks.propagate(self.ids(which), direction)
        )

    def _link(self) -> bool:
        return self.do("link")

    def _join(self) -> bool:
        return self.do("join")

    def _embed(self) -> bool:
        return self.do("embed_all")

    def _import_tracks(self, folder: str) -> None:
        self.do("import_tracks", folder)

    def _export_tracks(self, folder: str) -> None:
        self.do("export_tracks", folder)

    def _estimate(self) -> None:
        self.do("estimate_embedding")

    def _pause(self) -> None:
        stacks = self.stacks
        if stacks is not None:
            self.do("resume" if stacks.is_paused else "pause")

    def _cancel(self) -> None:
        self.do("cancel")

    def _use_task(self) -> None:
        self._show_course()
        self._use_frames()

    def _use_mode(self) -> None:
        self._set("mode", self.pages["find"].mode.currentData())

    def _use_known(self) -> None:
        self._set("known", self.pages["find"].known.currentData())

    def _use_option(self, name: str, value: object) -> None:
        self.do("set_options", **{name: value})

    def _use_filter(self, name: str, value: object) -> None:
        self.do("set_filters", **{name: value})

    def _use_run_option(self, name: str, value: object) -> None:
        self._replace(_OPTIONS[self.task], name, value)

    def _use_axis(self) -> None:
        self._set("axis", self.along.currentData())
        self._use_task()

    def _use_along(self) -> None:
        self._set("along", self.ranges.along)
        self._use_task()

    def _use_volumes(self, on: bool) -> None:
        self._set("volumes", on)
        self._use_task()

    def _use_here(self, alone: bool) -> None:
        here = self.happening.here
        if here is not None:
            self.ranges.show_frame(here, alone=alone)

    def _use_frames(self) -> None:
        self._set("frames", self.ranges.selection)
        self._show_later()


_OPTIONS = {
    "propagate": "propagate_options",
    "link": "link_options",
    "join": "volume_options",
}
"""Where the options of a task are."""
