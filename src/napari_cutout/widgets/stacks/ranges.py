"""Which frames: the ranges of all axes that frames lie on, and what is chosen most.

The range of one axis is in axis_range.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QWidget

from napari_cutout.widgets.controls import Button
from napari_cutout.widgets.layouts import column, row
from napari_cutout.widgets.stacks.axis_range import AxisRange, Range, chosen
from napari_cutout.widgets.stacks.tabbing import tab_before

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


class Ranges(QWidget):
    """The ranges of all axes, and what is chosen most.

    Signals
    -------
    changed
        The person chose other frames.
    along_changed
        The person chose other axes to go along: :attr:`along`.
    here_asked
        The person wants the shown frame alone, or all from there on: whether alone.
    """

    changed = Signal()
    along_changed = Signal()
    here_asked = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.axes: tuple[AxisRange, ...] = ()
        self.all = Button("All frames", "Choose all frames")
        self.from_here = Button("From here", "Choose the frames from the shown one on")
        self.only_here = Button("Only here", "Choose the shown frame alone")
        self.all.clicked.connect(self._choose_all)
        self.from_here.clicked.connect(lambda: self.here_asked.emit(False))
        self.only_here.clicked.connect(lambda: self.here_asked.emit(True))
        self._column = column(self, row(self.all, self.from_here, self.only_here))

    @property
    def selection(self) -> str:
        """What is chosen, as a selection of frames is written; empty for all that is gone along."""
        said = (
            f"{axis.name}={axis.range.first}:{axis.range.last + 1}:{axis.range.step}"
            for axis in self.axes
            if axis.along.isChecked() and not axis.is_all
        )
        return ",".join(said)

    def chosen_along(self, along: Sequence[str]) -> NDArray[np.bool_]:
        """``(N,)`` bool: which frames are chosen, in the order of the axes that are gone along."""
        gone = [axis for axis in self.axes if axis.name in along]
        return chosen([axis.length for axis in gone], [axis.range for axis in gone])

    @property
    def along(self) -> tuple[str, ...]:
        """The axes that are to be gone along."""
        return tuple(axis.name for axis in self.axes if axis.along.isChecked())

    def show_axes(self, names: Sequence[str], lengths: Sequence[int]) -> bool:
        """Offer these axes; when they are those that were, what was chosen stays: False."""
        if [(axis.name, axis.length) for axis in self.axes] == list(
            zip(names, lengths, strict=True)
        ):
            return False
        for axis in self.axes:
            self._column.removeWidget(axis)
            axis.hide()
            axis.deleteLater()
        self.axes = tuple(AxisRange(*one) for one in zip(names, lengths, strict=True))
        for place, axis in enumerate(self.axes):
            self._column.insertWidget(place, axis)
            axis.changed.connect(self.changed)
            axis.along_changed.connect(self.along_changed)
        controls = [control for axis in self.axes for control in axis.controls]
        tab_before(self.all, controls)
        return True

    def show_along(self, along: Sequence[str], *, may_choose: bool) -> None:
        """Show which axes are gone along; without a choice only these."""
        for axis in self.axes:
            axis.setVisible(may_choose or axis.name in along)
            axis.show_along(axis.name in along, may_choose=may_choose)

    def show_chosen(self, places: Sequence[range]) -> None:
        """Show what was chosen elsewhere: the places along each axis; nobody is told."""
        for axis, some in zip(self.axes, places, strict=True):
            axis.show_range(Range(some.start, some.stop - 1, some.step))

    def show_frame(self, frame: Sequence[int], *, alone: bool) -> None:
        """Choose a frame alone, or all from there on, along the axes that are gone along."""
        for axis, at in zip(self.axes, frame, strict=True):
            last = at if alone else axis.length - 1
            axis.show_range(Range(at, last, axis.step.value()))
        self.changed.emit()

    def _choose_all(self) -> None:
        for axis in self.axes:
            axis.show_range(Range(0, axis.length - 1))
        self.changed.emit()
