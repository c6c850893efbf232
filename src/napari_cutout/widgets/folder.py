"""The dock widget "Folder": it shows a folder session and calls it. It decides nothing.

How it is laid out is in folder_panel.py. Objects are cut in the dock widget "Cut Out", which owns
the session on the image; this one opens it, and hands it each file's image and labels.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import napari  # noqa: TC002 (napari reads the annotation when it makes the widget)
from npe2 import PluginManager
from qtpy.QtCore import QModelIndex, QThread, QTimer
from qtpy.QtWidgets import QMessageBox

from napari_cutout.annotate.series import Series
from napari_cutout.layers.series.folder_session import FolderSession
from napari_cutout.layers.series.readers import read_with_library, read_with_napari
from napari_cutout.layers.weak import weak_call
from napari_cutout.widgets.commands import find_cut_out
from napari_cutout.widgets.folder_panel import OWN_READER, FolderPanel
from napari_cutout.widgets.leaving import may_leave
from napari_cutout.widgets.tasks import TaskRunner

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.layers import Image, Labels
    from qtpy.QtWidgets import QWidget

    from napari_cutout.layers import Session
    from napari_cutout.widgets.cut_out import CutOut


class Folder(FolderPanel):
    """Annotate a series of image files, one after the other.

    Parameters
    ----------
    viewer
        As napari hands it to plugins.
    parent
        Its parent.
    """

    def __init__(self, viewer: napari.viewer.Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work_in(viewer)
        self._folder: FolderSession | None = None
        self._run = TaskRunner()
        # "Cut Out" adds layers while it opens a session: look when it is done.
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.timeout.connect(self._follow)
        self.begun.connect(self._begin)
        self.files.activated.connect(self._go_to)
        self.reader.currentIndexChanged.connect(self._use_reader)
        self.previous.clicked.connect(self._go("previous"))
        self.next.clicked.connect(self._go("next"))
        self.done_and_next.clicked.connect(self._go("done_and_next"))
        self.done.toggled.connect(self._mark)
        viewer.layers.events.inserted.connect(self._on_inserted)

    @property
    def folder(self) -> FolderSession | None:
        """What is shown; None until images were chosen."""
        return self._folder

    @property
    def gone_through(self) -> FolderSession | None:
        """The same as :attr:`folder`."""
        return self._folder

    @property
    def is_busy(self) -> bool:
        """Whether anything is being read or saved."""
        return self._run.is_busy

    def open_series(
        self, images: str | Path | list[Path], results: str | Path | None = None
    ) -> None:
        """Go through these images; see :class:`.Series`. What is shown is saved and left."""
        self.images.setText(str(images) if isinstance(images, str | Path) else "")
        self.results.setText("" if results is None else str(results))
        self.show_status("Looking for images ...")
        self._run(lambda: Series(images, results), self._start, self._report)

    def _let_go(self) -> None:
        """Save what can be saved; the layers stay."""
        if not self._leave():
            self._folder.close(save=False, keep_session=True)
            self._folder = None
        self._run.shut()
        self._look.stop()
        self._viewer.layers.events.inserted.disconnect(self._on_inserted)

    def _may_close(self) -> bool:
        """Save before the window closes; what can't be saved may keep it open."""
        if self._folder is None:
            return True
        try:
            self._folder.save_at_once()
        except (ValueError, OSError) as error:
            # A script that closes its viewer has nobody to ask.
            if QThread.currentThread().loopLevel() and not self._may_lose(error):
                return False
            self._report(error)
        return True

    def _may_leave(self) -> bool:
        """Ask what to do with prompts that aren't committed, where there are any."""
        return may_leave(self, self._folder.session, self._report)

    def _may_lose(self, error: Exception) -> bool:
        """Ask whether the window may close although labels can't be saved."""
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.warning(
            self,
            "The labels aren't saved",
            f"{error}\n\nClose the window, and lose what was changed since it was saved last?",
            buttons.Close | buttons.Cancel,
            buttons.Cancel,
        )
        return answer == buttons.Close

    def _begin(self) -> None:
        images, results = self.images.text().strip(), self.results.text().strip()
        if images:
            self.open_series(images, results or None)
        else:
            self.show_status("")

    def _start(self, series: Series) -> None:
        if not self._leave(keep_layers=False):
            return
        self._offer_readers(series)
        folder = FolderSession(
            self._viewer,
            series,
            self._make_session,
            self._reader(),
            self._run,
            report=self._report,
        )
        folder.events.file.connect(self._show_file)
        self._listen_to(folder)
        self._folder = folder
        self.show_folder(folder)
        folder.resume()

    def _leave(self, keep_layers: bool = True) -> bool:
        """Save, and leave the series. Returns whether it could be left."""
        folder = self._folder
        if folder is None:
            return True
        try:
            folder.close(keep_layers=keep_layers, keep_session=True)
        except (ValueError, OSError) as error:
            self._report(error)
            return False
        self._folder = None
        self.show_folder(None)
        return True

    def _make_session(self, _viewer: Any, image: Image, labels: Labels | None) -> Session | None:
        """The session of "Cut Out" on an image: there is one, and it is the widget's."""
        cut_out = self._cut_out()
        if cut_out is None:
            _, cut_out = self._viewer.window.add_plugin_dock_widget("napari-cutout", "Cut Out")
        series = self._folder
        place = None if series is None or series.path is None else series.path
        folder = None if place is None else series.series.log_path(place).parent
        cut_out.work_on(image, labels, folder)
        return cut_out.session

    def _cut_out(self) -> CutOut | None:
        return find_cut_out(self._viewer)

    def _on_inserted(self) -> None:
        self._look.start(0)

    def _follow(self) -> None:
        """Layers came: perhaps "Cut Out" was opened again, or the person chose another channel."""
        if self._folder is not None and (cut_out := self._cut_out()) is not None:
            self._folder.follow(cut_out.session)

    def _offer_readers(self, series: Series) -> None:
        manager = PluginManager.instance()
        able = manager.iter_compatible_readers(str(series.paths[0]))
        names = {reader.plugin_name for reader in able}
        self.offer_readers({name: manager.get_manifest(name).display_name for name in names})

    def _reader(self) -> Callable[..., Any]:
        name = self.reader.currentData()
        return read_with_library if name == OWN_READER else read_with_napari(name or None)

    def _use_reader(self) -> None:
        if self._folder is not None and self.reader.currentIndex() >= 0:
            self._folder.read = self._reader()

    def _go(self, way: str) -> Callable[..., None]:
        """A slot; Qt would keep a widget alive that is in a closure."""
        do = weak_call(self._do)
        return lambda *_: do(way)

    def _do(self, way: str) -> None:
        if self._is_free and self._may_leave():
            getattr(self._folder, way)(skip_done=self.skip_done.isChecked())

    def _go_to(self, index: QModelIndex) -> None:
        if self._is_free and self._may_leave():
            self._folder.go_to(index.row())

    def _mark(self, done: bool) -> None:
        if self._is_free:
            self._folder.mark_done(done)
        self._show_progress()

    @property
    def _is_free(self) -> bool:
        """Whether there is a series, and nothing is being done; the status line says what."""
        return self._folder is not None and not self._folder.busy

    def _show_file(self) -> None:
        self.show_file(self._folder)
