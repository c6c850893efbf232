"""The dock widget "Browse": it shows a browser and calls it. It decides nothing.

How it is laid out is in browse_panel.py; what going from one image to the next means, in
layers/files/browsing.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import napari  # noqa: TC002 (napari reads the annotation when it makes the widget)

from napari_cutout.formats.objects.annotated_folder import AnnotatedFolder, open_annotated_folder
from napari_cutout.layers.files.browsing import Browser
from napari_cutout.widgets.browse_panel import BrowsePanel
from napari_cutout.widgets.commands import find_cut_out
from napari_cutout.widgets.leaving import may_leave
from napari_cutout.widgets.tasks import TaskRunner

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qtpy.QtCore import QModelIndex
    from qtpy.QtWidgets import QWidget


class Browse(BrowsePanel):
    """Look through a folder of SA-1B or COCO, image by image.

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
        self._browser: Browser | None = None
        self._is_annotating = False
        self._run = TaskRunner()
        self.asked.connect(self._open_named)
        self.images.clicked.connect(self._go_to)
        self.images.activated.connect(self._go_to)
        self.filter.textChanged.connect(self._filter_by)
        self.table.uncounted.connect(self._count)
        self.previous.clicked.connect(self._show_previous)
        self.next.clicked.connect(self._show_next)
        self.annotate.clicked.connect(self._annotate)

    @property
    def browser(self) -> Browser | None:
        """What is shown; None until a folder was chosen."""
        return self._browser

    @property
    def gone_through(self) -> Browser | None:
        """The same as :attr:`browser`."""
        return self._browser

    @property
    def is_busy(self) -> bool:
        """Whether anything is being read or counted, or about to be."""
        return self._run.is_busy or self.table.is_waiting

    def open_folder(self, path: str | Path) -> None:
        """Look through these images; see :func:`.open_annotated_folder`. Others are left."""
        self.path.setText(str(path))
        self.show_status("Looking for images ...")
        self._run(lambda: open_annotated_folder(path), self._start, self._report)

    def do(self, action: str) -> None:
        """Call the browser: ``next`` or ``previous``."""
        if self._browser is not None:
            getattr(self._browser, action)()

    def _let_go(self) -> None:
        """Leave the layers where they are."""
        if self._browser is not None:
            self._browser.close()
            self._browser = None
        self._run.shut()

    def _open_named(self) -> None:
        path = self.path.text().strip()
        if path:
            self.open_folder(path)
        else:
            self.show_status("")

    def _start(self, folder: AnnotatedFolder) -> None:
        if self._browser is not None:
            if not self._may_leave():
                self._show_status()
                return
            self._browser.close(keep_layers=False)
        browser = Browser(
            self._viewer, folder, self._run, report=self._report, may_leave=self._may_leave
        )
        browser.events.image.connect(self._show_image)
        self._listen_to(browser)
        self._browser = browser
        self.show_browser(browser)
        browser.resume()

    def _may_leave(self) -> bool:
        """Ask about prompts on the image that goes, and remember whether it was being corrected."""
        cut_out, browser = find_cut_out(self._viewer), self._browser
        session = None if cut_out is None else cut_out.session
        if session is None or session.image not in browser.layers:
            self._is_annotating = False
            return True
        # Whoever chose other labels for a target keeps to that.
        self._is_annotating = session.labels is None or session.labels == browser.labels
        return may_leave(self, session, self._report)

    def _show_image(self) -> None:
        if self._is_annotating:
            self._is_annotating = False
            self._hand_over()
        self.show_image(self._browser)

    def _annotate(self) -> None:
        """Open "Cut Out" on this image, if it isn't, with its labels for a target."""
        if find_cut_out(self._viewer) is None:
            self._viewer.window.add_plugin_dock_widget("napari-cutout", "Cut Out")
        self._hand_over()

    def _hand_over(self) -> None:
        cut_out, browser = find_cut_out(self._viewer), self._browser
        images = [layer for layer in browser.layers if layer != browser.labels]
        if cut_out is not None and images and images[0] in self._viewer.layers:
            cut_out.work_on(images[0], browser.labels)

    def _go_to(self, index: QModelIndex) -> None:
        if self._browser is not None and index.isValid():
            self._browser.go_to(self.table.place_of(index.row()))

    def _show_next(self) -> None:
        self.do("next")

    def _show_previous(self) -> None:
        self.do("previous")

    def _filter_by(self, text: str) -> None:
        if self._browser is not None:
            self._browser.filter = text
            self.show_image(self._browser)

    def _count(self, places: Sequence[int]) -> None:
        if self._browser is not None:
            self._browser.count(places)
