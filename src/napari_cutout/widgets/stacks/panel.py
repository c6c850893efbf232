"""The controls of "Stacks and videos": which there are, how they lie, how they look in a state.

No viewer here, and nothing is decided. What is asked for each kind of run is in pages.py, which
frames in ranges.py, what happened in strip.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QLabel, QWidget

from napari_cutout.widgets.beside_panel import BesidePanel
from napari_cutout.widgets.choices import choice, choose
from napari_cutout.widgets.controls import Button, keep_lines, small_label
from napari_cutout.widgets.layouts import column, group, named, row
from napari_cutout.widgets.stacks.by_hand import ByHand
from napari_cutout.widgets.stacks.legend import Legend
from napari_cutout.widgets.stacks.pages import (
    EmbedPage,
    FindPage,
    JoinPage,
    LinkPage,
    PropagatePage,
)
from napari_cutout.widgets.stacks.ranges import Ranges
from napari_cutout.widgets.stacks.running import Running
from napari_cutout.widgets.stacks.strip import FrameStrip
from napari_cutout.widgets.stacks.tasks import ALONG, TASKS
from napari_cutout.widgets.stacks.tracks_files import TracksFiles

if TYPE_CHECKING:
    from napari_cutout.layers.stacks.stacks import Stacks

ONE_FRAME = (
    "This image has one frame only. Open a stack or a video: File > Open, or File > Open Sample > "
    "Cut Out > Migrating cells."
)
TO_DO = "Choose what to do with which frames, then begin. One undo takes all of a run back."
_LINK_TIP = "What counts as the same object in the next frame"
_JOIN_TIP = "What counts as the same object in the next slice"


class StacksPanel(BesidePanel):
    """The controls. A subclass connects them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        texts = {task: (text.text, text.tip) for task, text in TASKS.items()}
        self.what = choice(texts, "What is done with the frames")
        self.about = small_label()
        self.pages = {
            "find": FindPage(),
            "propagate": PropagatePage(),
            "link": LinkPage(_LINK_TIP),
            "join": JoinPage(_JOIN_TIP),
            "embed": EmbedPage(),
        }
        self.ranges = Ranges()
        self.along = choice({}, "The axis that frames follow each other on")
        self.count = QLabel()
        self.begin = Button("", "")
        self.running = Running(self)
        self.strip = FrameStrip(self)
        self.legend = Legend(self)
        self.words = small_label()
        self.words.setToolTip("What happened in the shown frame")
        keep_lines(self.words, 2)
        self.by_hand = ByHand(self)
        self.tracks = TracksFiles(self)
        self._lay_out()
        self.show_missing(is_open=False)

    @property
    def task(self) -> str:
        """What is to be done, a name of :data:`.TASKS`."""
        return str(self.what.currentData())

    def show_nothing(self, why: str) -> None:
        """There are no frames to work on."""
        super().show_nothing(why)
        self._content.hide()
        self.running.hide()
        self.begin.setEnabled(False)
        self.count.setText("")
        self._show_task()
        self.show_status("")

    def show_options(self, stacks: Stacks) -> None:
        """Show what is set."""
        self.show_something()
        self._content.show()
        task = self.task
        self._show_task()
        for name in ("find", "propagate", "embed"):
            self.pages[name].show_stacks(stacks)
        self.pages["link"].options.show_options(stacks.link_options)
        self.pages["link"].show_volumes(stacks)
        self.pages["join"].options.show_options(stacks.volume_options)
        self.tracks.show_volumes(stacks, may_choose=task == "propagate")
        self._show_along(stacks, task)
        self._show_count(stacks, task)

    def show_progress(self, stacks: Stacks, name: str) -> None:
        """Show how far it is."""
        self.running.show_stacks(stacks, name)
        is_running = stacks.is_running
        self.begin.setEnabled(not is_running)
        self.tracks.show_stacks(stacks)
        for part in (self.what, self._pages, self._frames):
            part.setEnabled(not is_running)

    def _show_count(self, stacks: Stacks, task: str) -> None:
        """Say how many frames are meant, or why none are."""
        tip = "The frames that were chosen"
        try:
            frames = stacks.count_of(task)
        except (ValueError, RuntimeError) as error:
            frames, tip = 0, str(error)
        self.count.setText(f"{frames:,} frame{'' if frames == 1 else 's'}")
        self.count.setToolTip(tip)

    def _show_task(self) -> None:
        task = TASKS[self.task]
        self.about.setText(f"{task.tip}.")
        self.begin.setText(task.button)
        self.begin.setToolTip(task.tip)
        for name, page in self.pages.items():
            page.setVisible(name == self.task)
        self.by_hand.setVisible(self.task == "propagate")
        self.tracks.setVisible(self.task in ("propagate", "link"))

    def _show_along(self, stacks: Stacks, task: str) -> None:
        """Offer the axes of which one is gone along, where there are several."""
        one_of = task not in ALONG and len(stacks.axes) > 1
        self._along_row.setVisible(one_of)
        if [self.along.itemData(at) for at in range(self.along.count())] != list(stacks.axes):
            self.along.clear()
            for name in stacks.axes:
                self.along.addItem(name, name)
        choose(self.along, stacks.axis)

    def _lay_out(self) -> None:
        self._pages, self._along_row, self._content = QWidget(), QWidget(), QWidget()
        column(self._pages, *self.pages.values(), spacing=0)
        self._along_row.setLayout(named("&Along", self.along))
        self._frames = group("Frames", self._along_row, self.ranges)
        happened = group("What happened", self.strip, self.words, self.legend)
        column(
            self._content,
            named("&What", self.what),
            self.about,
            self._pages,
            self._frames,
            happened,
            self.by_hand,
            self.tracks,
            spacing=6,
        )
        line = row(self.begin, self.count)
        line.setStretch(0, 1)
        self._lay_down([self._content], [line, self.running])
