"""The dock widget "Everything": it shows what was found in a frame, and calls. It decides nothing.

The session is that of the dock widget "Cut Out" of the same window. How it is laid out is in
panel.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import napari  # noqa: TC002 (napari reads the annotation when it makes the widget)
from napari.layers import Labels, Shapes

from napari_cutout.layers.everything.everything import Everything as Finding
from napari_cutout.layers.image.view_window import Seen
from napari_cutout.segment.automatic.filters import Filters
from napari_cutout.widgets.everything.panel import EverythingPanel
from napari_cutout.widgets.everything.picking import Hovering, Picking
from napari_cutout.widgets.everything.resting import Resting
from napari_cutout.widgets.in_window import find_docked
from napari_cutout.widgets.job_thread import JobThread
from napari_cutout.widgets.objects import Objects

if TYPE_CHECKING:
    from typing import Any

    from qtpy.QtWidgets import QWidget

    from napari_cutout.layers import Session


class Everything(EverythingPanel):
    """Find all objects of a frame, choose among them, and commit them.

    Parameters
    ----------
    viewer
        As napari hands it to plugins.
    parent
        Its parent.
    """

    def __init__(self, viewer: napari.viewer.Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._finding: Finding | None = None
        self._thread = JobThread(self)
        self._resting = Resting(self)
        for runner in (self._thread, self._resting):
            runner.failed.connect(self._report)
        self._picking = Picking(viewer, self)
        self._hovering = Hovering(viewer, self._on_hover)
        self._connect_controls()
        self._begin(viewer)

    @property
    def finding(self) -> Finding | None:
        """What finds, whose methods are called; for scripts and tests. None without a session."""
        return self._finding

    @property
    def _worked_with(self) -> Finding | None:
        return self._finding

    @property
    def is_busy(self) -> bool:
        """Whether anything is being looked for, or still to be shown."""
        return self._later.isActive() or self._thread.is_busy or self._resting.is_busy

    def _connect_controls(self) -> None:
        self.mode.activated.connect(self._use_mode)
        self.where.activated.connect(self._use_where)
        self.shapes.layer_changed.connect(self._use_shapes)
        self.known.activated.connect(self._use_known)
        self.show_as.activated.connect(self._use_show_as)
        self.options.changed.connect(self._use_option)
        self.find.clicked.connect(self._find)
        self.more.refine.clicked.connect(self._refine)
        self.more.like.clicked.connect(self._find_like)
        self.more.edges.clicked.connect(self._map_edges)
        self.cancel.clicked.connect(self._cancel)
        self.filters.changed.connect(self._filter)
        self.reset.clicked.connect(self._keep_all)
        self.pick.clicked.connect(self._pick)
        self.commit.clicked.connect(self._commit)
        self._picking.clicked.connect(self._on_click)
        self._picking.ended.connect(self._on_pick_ended)

    def _listen(self, on: bool) -> None:
        super()._listen(on)
        self._hovering.switch(on)

    def _follow(self, session: Session | None) -> None:
        """Find for another session, or for none."""
        self._picking.end()
        self._thread.stop()
        self._resting.stop()
        super()._follow(session)
        if self._finding is not None:
            self._finding.close()
        self._finding = None if session is None else Finding(session, self._thread, self._resting)
        if self._finding is None:
            return
        events = self._finding.events
        events.status.connect(self._on_status)
        events.progress.connect(self._on_progress)
        events.found.connect(self._on_found)
        events.kept.connect(self._on_kept)
        events.options.connect(self._show_later)
        self._on_found()
        self.show_ready()

    def _show_all(self) -> None:
        cut_out, session = self._look_up()
        if self._finding is None or session is None:
            self.show_missing(is_open=cut_out is not None)
            return
        ours = (*session.own_labels, *self._finding.layers)
        layers = [layer for layer in self._viewer.layers if not any(layer == own for own in ours)]
        shapes = [layer for layer in layers if isinstance(layer, Shapes)]
        self.shapes.offer(shapes, self._finding.shapes)
        refinable = [layer for layer in layers if isinstance(layer, Shapes | Labels)]
        self.more.layer.offer(refinable, self.more.layer.layer)
        self.show_options(self._finding, session._predictor.model_name)
        self.show_progress(self._finding)

    def _on_status(self, _event: object = None) -> None:
        if self._finding is not None:
            self.show_status(self._finding.status)

    def _on_progress(self, _event: object = None) -> None:
        if self._finding is not None:
            self.show_progress(self._finding)

    def _on_found(self, _event: object = None) -> None:
        if self._finding is not None:
            self.filters.show_found(self._finding.found)
            self.show_progress(self._finding)
            if self._finding.found is None:
                self._picking.end()

    def _on_kept(self, _event: object = None) -> None:
        if self._finding is not None:
            self.show_count(self._finding)

    def _find(self) -> None:
        finding = self._finding
        if finding is None:
            return
        canvas, camera = self._viewer.canvas, self._viewer.scene.camera
        finding.seen = Seen(tuple(camera.center), camera.zoom, tuple(canvas.size))
        self.do("find")

    def _refine(self) -> None:
        if self.more.layer.layer is None:
            self._report(ValueError("choose a layer of shapes, or of labels, to be refined"))
        else:
            self.do("refine", self.more.layer.layer)

    def _find_like(self) -> None:
        table = find_docked(self._viewer, Objects)
        ids = () if table is None else table.view.ids
        labels = None if self._session is None else self._session.labels
        if not ids and labels is not None:
            ids = (labels.selected_label,)
        self.do("find_like", ids, "all" if self.more.all_frames.isChecked() else "shown")

    def _map_edges(self) -> None:
        self.do("map_edges")

    def _cancel(self) -> None:
        self.do("cancel")

    def _commit(self) -> None:
        self.do("commit")

    def _filter(self) -> None:
        self._set("filters", self.filters.filters)

    def _keep_all(self) -> None:
        self._set("filters", Filters())
        self.do("forget_decisions")

    def _use_mode(self) -> None:
        self._set("mode", self.mode.currentData())

    def _use_where(self) -> None:
        self._set("where", self.where.currentData())

    def _use_shapes(self, layer: Shapes | None) -> None:
        self._set("shapes", layer)

    def _use_known(self) -> None:
        self._set("known", self.known.currentData())

    def _use_show_as(self) -> None:
        self._set("show_as", self.show_as.currentData())

    def _use_option(self, name: str, value: object) -> None:
        self.do("set_options", **{name: value})

    def _pick(self, on: bool) -> None:
        finding = self._finding
        if not on or finding is None or not finding.count:
            self._picking.end()
            self.pick.setChecked(False)
            return
        finding.shows_left_out = True
        shown = [layer for layer in finding.layers if layer.visible]
        self._picking.begin(shown[0] if shown else finding.session.image)
        self.show_status(
            "Click an object to drop it, or one outlined in grey to keep it. Esc ends it."
        )

    def _on_click(self, position: Any) -> None:
        k = None if self._finding is None else self._finding.at(position)
        if k is None:
            self.show_status("No object was found there.")
        else:
            self.do("toggle", k)

    def _on_pick_ended(self) -> None:
        self.pick.setChecked(False)
        if self._finding is not None and not self._finding.is_closed:
            self._finding.shows_left_out = False
            self.show_status(self._finding.status)

    def _on_hover(self, position: Any) -> None:
        """Say what lies under the cursor."""
        finding = self._finding
        if finding is None or finding.is_running or not finding.count:
            return
        k = finding.at(position)
        self.show_status(finding.status if k is None else finding.describe(k))
