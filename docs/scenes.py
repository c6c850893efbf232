"""Real napari windows with the project's widgets in them, each set up as a person would leave it.

``python docs/scenes.py SCENE PICTURE [--theme light] [--widget]`` opens one, writes what it shows
and ends. It needs a display; make_pictures.py gives it one. With ``--widget`` the picture is of
the dock widget alone, at its full height.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import napari
import numpy as np
from qtpy.QtCore import QCoreApplication
from qtpy.QtTest import QTest
from skimage.io import imsave
from skimage.segmentation import expand_labels

from napari_cutout import sample_data
from napari_cutout.formats.objects.annotated import AnnotatedImage
from napari_cutout.formats.objects.sa1b import write_sa1b
from napari_cutout.segment import Segmenter
from napari_cutout.segment.automatic import InstanceOptions
from napari_cutout.segment.automatic.results import label_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtWidgets import QWidget

SIZE = (1400, 880)
PATIENCE = 600.0
MODEL = Segmenter("compact")


def wait(is_done: Callable[[], bool]) -> None:
    """Let the window live until something is so, and still is when all events were handled."""
    end = time.monotonic() + PATIENCE
    while not is_done():
        if time.monotonic() > end:
            raise TimeoutError("the window didn't get ready")
        QTest.qWait(20)
    QCoreApplication.processEvents()


def docked(viewer: napari.Viewer, name: str) -> Any:
    """A dock widget of the project's, opened as the menu does."""
    return viewer.window.add_plugin_dock_widget("napari-cutout", name)[1]


def nuclei(viewer: napari.Viewer) -> Any:
    """The sample with the widget "Cut Out" beside it."""
    viewer.add_image(sample_data.fluorescence(), name="nuclei", scale=(0.65, 0.65), units="um")
    cut_out = docked(viewer, "Cut Out")
    cut_out.session.model = MODEL
    wait(lambda: not cut_out.is_busy)
    viewer.reset_view()
    return cut_out


def clicked(cut_out: Any, *points: tuple[int, int]) -> None:
    """Click on places, and wait for the mask."""
    for point in points:
        cut_out.session.add_point(point)
    wait(lambda: not cut_out.is_busy and cut_out.session.candidates is not None)


def committed(cut_out: Any, number: int) -> None:
    """Cut out some objects, one after the other."""
    embedding = MODEL.encode(sample_data.fluorescence())
    distance = MODEL.dense(embedding).distance
    for _ in range(number):
        place = np.unravel_index(np.argmax(distance), distance.shape)
        clicked(cut_out, (int(place[0]), int(place[1])))
        cut_out.session.commit()
        rows, cols = (slice(max(0, at - 24), at + 24) for at in place)
        distance[rows, cols] = 0


def cut_out(viewer: napari.Viewer) -> Any:
    """A first mask, its candidates, and objects that are committed."""
    widget = nuclei(viewer)
    committed(widget, 4)
    clicked(widget, (192, 411))
    return widget


def empty(viewer: napari.Viewer) -> Any:
    """The widget without an image."""
    return docked(viewer, "Cut Out")


def objects(viewer: napari.Viewer) -> Any:
    """The table of what was cut out, with classes and a review under way."""
    widget = nuclei(viewer)
    committed(widget, 9)
    session = widget.session
    session.set_class([2, 5], "mitotic")
    session.set_class([1, 3, 4], "interphase")
    table = viewer.window.add_plugin_dock_widget("napari-cutout", "Objects", tabify=True)[1]
    table.parentWidget().raise_()
    session.review_next()
    session.review_accept()
    wait(lambda: not table.is_busy and not widget.is_busy)
    return table


def everything(viewer: napari.Viewer) -> Any:
    """What was found in the frame, with filters set, and what they leave out outlined."""
    widget = nuclei(viewer)
    found = viewer.window.add_plugin_dock_widget("napari-cutout", "Everything", tabify=True)[1]
    wait(lambda: not found.is_busy and found.finding is not None)
    found.parentWidget().raise_()
    found.find.click()
    wait(lambda: not found.is_busy and not widget.is_busy)
    found.finding.set_filters(min_score=0.94, drop_touching_border=True)
    found.pick.click()
    wait(lambda: not found.is_busy)
    return found


def folder(viewer: napari.Viewer) -> Any:
    """A series of files, some of them done."""
    # A name that says something, where that of a temporary folder would be shown.
    os.chdir(tempfile.mkdtemp())
    place = Path("nuclei")
    place.mkdir()
    frame = sample_data.fluorescence()
    for number in range(8):
        field = np.roll(frame, 64 * number, axis=1)
        imsave(place / f"field-{number + 1:02d}.tif", field, check_contrast=False)
    widget = docked(viewer, "Folder")
    widget.open_series(place)
    wait(lambda: not widget.is_busy and widget.folder is not None)
    for _ in range(3):
        widget.done_and_next.click()
        wait(lambda: not widget.is_busy)
    wait(lambda: not any(there.is_busy for there in viewer.window.dock_widgets.values()))
    viewer.reset_view()
    return widget


def browse(viewer: napari.Viewer) -> Any:
    """A folder of SA-1B, whose second image was corrected, and one whose file is broken."""
    place = Path(tempfile.mkdtemp())
    frame = sample_data.fluorescence()
    for number in range(1, 8):
        name, field = f"field-{number:02d}", np.roll(frame, 64 * number, axis=1)
        found = MODEL.everything(field, InstanceOptions(known_objects="ignore"))
        imsave(place / f"{name}.png", field, check_contrast=False)
        write_sa1b(place / f"{name}.json", AnnotatedImage.of_found(found, f"{name}.png"))
    broken = place / "field-05.json"
    broken.write_bytes(broken.read_bytes()[:-200])
    widget = docked(viewer, "Browse")
    widget.open_folder(place)
    wait(lambda: widget.browser is not None and not widget.is_busy)
    widget.next.click()
    wait(lambda: not widget.is_busy)
    viewer.layers["field-02 objects"].paint((40, 40), 900)
    widget.browser.go_to(4)
    wait(lambda: not widget.is_busy)
    widget.next.click()
    wait(lambda: not widget.is_busy)
    viewer.reset_view()
    return widget


CELLS = (
    (52, 105, 194, 145),
    (17, 59, 106, 105),
    (180, 55, 255, 135),
    (174, 152, 255, 222),
)
"""Boxes around cells of the time-lapse, in its first frame."""


def stacks(viewer: napari.Viewer) -> Any:
    """Cells that were cut out in one frame and carried into the others; one was stopped by hand."""
    frames = sample_data.time_lapse()
    viewer.add_image(frames, name="migrating cells", axis_labels=("t", "y", "x"))
    cut_out = docked(viewer, "Cut Out")
    cut_out.session.model = MODEL
    viewer.dims.set_current_step(0, 0)
    wait(lambda: not cut_out.is_busy)
    for box in CELLS:
        cut_out.session.add_box(box)
        wait(lambda: not cut_out.is_busy and cut_out.session.candidates is not None)
        cut_out.session.commit()
    name = "Stacks and videos"
    widget = viewer.window.add_plugin_dock_widget("napari-cutout", name, tabify=True)[1]
    wait(lambda: not widget.is_busy and widget.stacks is not None)
    widget.parentWidget().raise_()
    widget.stacks.add_stop(4, (8,))
    which = widget.pages["propagate"].which
    which.setCurrentIndex(which.findData("all"))
    widget.run("propagate")
    wait(lambda: not widget.is_busy and not cut_out.is_busy)
    viewer.dims.set_current_step(0, 4)
    wait(lambda: not widget.is_busy and not cut_out.is_busy)
    viewer.reset_view()
    return widget


def learn(viewer: napari.Viewer) -> Any:
    """A training that is done: curves, objects that it was judged on, and the offer to use it."""
    # What is saved is shown as somebody's own.
    os.environ["HOME"] = home = tempfile.mkdtemp()
    os.environ["NAPARI_CUTOUT_HOME"] = str(Path(home, "napari-cutout"))
    cut_out = nuclei(viewer)
    cut_out.session.model = "compact"
    found = MODEL.everything(sample_data.fluorescence(), InstanceOptions())
    # Somebody who draws nuclei with a rim around them.
    wide = expand_labels(label_image(found), 6).astype(np.int32)
    place = {"scale": (0.65, 0.65), "units": "um"}
    cut_out.session.labels = viewer.add_labels(wide, name="objects of nuclei", **place)
    widget = viewer.window.add_plugin_dock_widget("napari-cutout", "Learn", tabify=True)[1]
    widget.parentWidget().raise_()
    widget.learning.set_options(steps=40)
    wait(lambda: not widget.is_busy and widget.learning.is_current)
    widget.train.click()
    wait(lambda: not widget.is_busy and not cut_out.is_busy)
    viewer.reset_view()
    return widget


SCENES = {
    scene.__name__: scene
    for scene in (cut_out, empty, objects, everything, folder, browse, stacks, learn)
}


def whole(widget: QWidget, picture: Path) -> None:
    """A picture of a widget at the height that all of it takes."""
    widget.resize(max(widget.width(), widget.sizeHint().width()), widget.sizeHint().height())
    QCoreApplication.processEvents()
    widget.grab().save(str(picture))


def main() -> None:
    """Open one scene and write its picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scene", choices=SCENES)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--theme", default="dark")
    parser.add_argument("--widget", action="store_true")
    asked = parser.parse_args()
    picture = asked.picture.absolute()
    viewer = napari.Viewer(title="napari-cutout")
    viewer.theme = asked.theme
    viewer.window.resize(*SIZE)
    widget = SCENES[asked.scene](viewer)
    # The status line lags a little behind.
    QTest.qWait(600)
    if asked.widget:
        whole(widget, picture)
    else:
        shown = viewer.screenshot(canvas_only=False, flash=False)
        imsave(picture, shown[..., :3], check_contrast=False)
    viewer.close()


if __name__ == "__main__":
    main()
