"""Run as a module, in a process of its own: the demo in a real napari window.

A window system can end the process that can't use it; so the command (demo.py) watches from
outside. Here nothing is decided but what happens in the window; the click is chosen by
demo_object.py.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.cli.demo_object import FirstCut, labels_beside, where_to_click

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.layers import Session
    from napari_cutout.widgets import CutOut

MARK = "napari-cutout demo: "
"""Before the line of the report, among whatever else a process writes."""

_PATIENCE = 240_000


def open_window(image: NDArray[np.generic]) -> tuple[Any, Session, FirstCut]:
    """Open napari on an image with the dock widget, cut its broadest object out and commit it.

    Parameters
    ----------
    image
        One frame.

    Returns
    -------
    viewer : napari.Viewer
        Its window is shown.
    session : Session
        The dock widget's.
    cut : FirstCut
        What was done.
    """
    import napari

    from napari_cutout.segment import Segmenter
    from napari_cutout.widgets import CutOut

    segmenter = Segmenter("compact")
    point = where_to_click(segmenter, segmenter.encode(image))
    viewer = napari.Viewer(title="napari-cutout demo")
    viewer.add_image(image, name="nuclei")
    _, widget = viewer.window.add_plugin_dock_widget("napari-cutout", "Cut Out")
    assert isinstance(widget, CutOut)
    session = widget.session
    assert session is not None, "the image that was just added has a session"
    session.add_point(point)
    session.update()
    _wait_for_answer(session)
    score = float(session.candidates.scores[session.chosen]) if session.candidates else 0.0
    session.commit()
    _wait_until_told(widget)
    viewer.reset_view()  # the canvas has another size since the widget was docked
    labels = session.labels
    assert labels is not None, "a commit makes the layer"
    return viewer, session, FirstCut(point, score, int(np.count_nonzero(labels.data)))


def save(viewer: Any, session: Session, picture: Path) -> None:
    """Write what the window shows, and the labels beside it."""
    from napari_cutout.formats.pictures import write_picture
    from napari_cutout.formats.writing import write_labels

    assert session.labels is not None
    shown = viewer.screenshot(canvas_only=False, flash=False)
    write_picture(picture, shown[..., :3])
    write_labels(labels_beside(picture), np.asarray(session.labels.data))


def main(image: str, picture: str = "") -> None:
    """Show the file ``image``; write ``picture`` and end, or without one stay open."""
    import napari

    viewer, session, cut = open_window(np.load(image, allow_pickle=False))
    if picture:
        save(viewer, session, Path(picture))
    sys.stdout.write(f"{MARK}{json.dumps(asdict(cut))}\n")
    sys.stdout.flush()
    if picture:
        viewer.close()
    else:
        napari.run()


def _wait_for_answer(session: Session) -> None:
    """Let the window live until the worker has answered."""
    from qtpy.QtCore import QEventLoop, QTimer

    if session.candidates is not None:
        return
    loop = QEventLoop()

    def look(_event: object = None) -> None:
        if session.candidates is not None:
            loop.quit()

    session.events.answer.connect(look)
    QTimer.singleShot(_PATIENCE, loop.quit)
    loop.exec()
    session.events.answer.disconnect(look)
    if session.candidates is None:
        raise RuntimeError(f"no mask came: {session.status}")


def _wait_until_told(widget: CutOut) -> None:
    """Let the window live until the widget says what was done, which it does when there is time."""
    from qtpy.QtCore import QEventLoop, QTimer

    loop, timer = QEventLoop(), QTimer()
    timer.timeout.connect(lambda: None if widget.is_busy else loop.quit())
    timer.start(20)
    QTimer.singleShot(_PATIENCE, loop.quit)
    loop.exec()
    timer.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
