"""How a strip of marks is drawn: the marks, what points at some, and the line below those chosen.

Shapes and colours of marks are said in symbols.py, where they lie in places.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QRectF, Qt
from qtpy.QtGui import QColor, QPainter, QPalette, QPen

from napari_cutout.widgets.stacks.pooling import STATES
from napari_cutout.widgets.stacks.symbols import OUTLINE, color_of, draw

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.widgets.stacks.places import Places
    from napari_cutout.widgets.stacks.pooling import Marks


@dataclass(frozen=True, eq=False)
class Look:
    """What is to be seen.

    Parameters
    ----------
    marks
        The marks.
    places
        Where they lie.
    chosen
        ``(N,)`` bool: which frames were chosen.
    current, working
        The frame that is shown, and the one that is worked on; None where it isn't among these.
    hovered
        The mark under the mouse.
    """

    marks: Marks
    places: Places
    chosen: NDArray[np.bool_]
    current: int | None = None
    working: int | None = None
    hovered: int | None = None


def paint(painter: QPainter, look: Look, palette: QPalette) -> None:
    """Draw all of it in the colours of a theme."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ground = palette.color(QPalette.ColorRole.Window)
    text = palette.color(QPalette.ColorRole.WindowText)
    for mark, code in enumerate(look.marks.codes.tolist()):
        room, state = look.places.room(mark), STATES[code]
        if mark == look.hovered:
            pale = color_of("", ground, text)
            pale.setAlphaF(0.2)
            painter.fillRect(room.adjusted(-1, -1, 1, 1), pale)
        draw(painter, state, room, color_of(state, ground, text))
    _underline(painter, look, text)
    painter.setPen(QPen(text, 1))
    for frame, brush in (
        (look.working, QColor(Qt.GlobalColor.transparent)),
        (look.current, text),
    ):
        if frame is not None and frame < look.marks.edges[-1]:
            painter.setBrush(brush)
            painter.drawPolygon(look.places.pointer(look.marks.mark_of(frame)))


def outline(painter: QPainter, room: QRectF) -> None:
    """Draw that it has the keyboard."""
    painter.setPen(QPen(QColor(OUTLINE), 1))
    painter.drawRect(room.adjusted(0.5, 0.5, -0.5, -0.5))


def _underline(painter: QPainter, look: Look, text: QColor) -> None:
    """Draw a line below the marks with chosen frames, without seams between them."""
    if not look.chosen.any():
        return
    has = np.maximum.reduceat(look.chosen.astype(np.uint8), look.marks.edges[:-1])
    ends = np.flatnonzero(np.diff(np.pad(has, 1).astype(np.int8)))
    for first, end in zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True):
        painter.fillRect(look.places.below(first, end), text)
