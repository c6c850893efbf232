"""A click until its mask is on the screen, beside a dab of napari's own brush.

    python benchmarks/click_latency.py [--rounds 25] [--profile]

A real window with "Cut Out" in its dock, an image of 1,024 x 1,024, embedding ready. The button is
pressed and released on the canvas, and the clock stops twice: when the canvas has drawn the mask,
and when the window is on the screen with it; for the brush, which paints in labels of the same
size in the same window, with the dab. All take turns in one run, so that whatever else the machine
does hits all alike. A click is measured from its press, released at once, and once more from the
release of a button that was held as a finger holds it: the model is asked at the press. Printed are
medians and ratios. Run it with a display, or under ``xvfb-run``.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
from contextlib import contextmanager
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from pages import add_out, report
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from real_window import RealWindow, what_draws
from skimage.transform import resize
from tabulated import Table, table
from turns import spread

from napari_cutout import Prompts
from napari_cutout.sample_data import fluorescence

if TYPE_CHECKING:
    from collections.abc import Iterator

SIDE = 1024
WARM_UP = 3
HOLD = 80
"""Milliseconds for which a finger holds a button down in a click."""

ROWS = {
    "brush": ("a dab of napari's brush", "", None),
    "point": ("a point of napari's own", "brush", None),
    "decode": ("decode alone, in this thread", "brush", None),
    "click": ("click until the mask is seen", "brush", 2.0),
    "held": ("a click as a finger does it, from its release", "brush", 2.0),
    "second": ("second click on the same object", "brush", 2.0),
    "hover": ("the outline under the cursor", "decode", 2.0),
    "commit": ("C until the preview is gone", "brush", None),
    "undo": ("Ctrl+Z until the preview is back", "brush", None),
}
"""What is measured: in words, beside what, and how many times that it may take."""


class Measurement:
    """The window, and each thing that a person does in it."""

    def __init__(self) -> None:
        pixels = resize(fluorescence(), (SIDE, SIDE), preserve_range=True).astype(np.uint16)
        self.window = RealWindow()
        viewer = self.window.viewer
        self.own_points = viewer.add_points(np.zeros((0, 2)), name="own points")
        self.brushed = viewer.add_labels(np.zeros((SIDE, SIDE), np.int32), name="brushed")
        self.brushed.brush_size = 20
        self.window.add_image(pixels, name="nuclei")
        self.profiles: dict[str, cProfile.Profile] = {}
        self.embedding = self.session.segmenter.encode(pixels)

    @property
    def session(self):
        """The session of the widget."""
        return self.window.session

    def round(self, place: np.ndarray) -> dict[str, tuple[float, float]]:
        """Seconds until drawn and until on the screen, once for everything, at a place."""
        window, session = self.window, self.session
        near = place + 3
        spent = {}
        # The windows around them are encoded beforehand.
        for points in ([place], [place, near]):
            session.segmenter.predict(self.embedding, Prompts(points=np.array(points)))
        window.viewer.layers.selection.active = self.brushed
        self.brushed.mode = "paint"
        self._aim(place)
        with self._profiled("brush"):
            spent["brush"] = window.seconds_until_shown(
                lambda: window.click(place), lambda: bool(self._at(self.brushed, place))
            )
        self.brushed.mode = "pan_zoom"
        window.viewer.layers.selection.active = self.own_points
        self.own_points.mode = "add"
        self._aim(place)
        before = len(self.own_points.data)
        with self._profiled("point"):
            spent["point"] = window.seconds_until_shown(
                lambda: window.click(place), lambda: len(self.own_points.data) > before
            )
        session.use("points")
        self._aim(place)
        begun = perf_counter()
        session.segmenter.predict(self.embedding, Prompts(points=place))
        spent["decode"] = (perf_counter() - begun,) * 2
        session.hovering = True
        session.hover(near)
        window.settle()
        with self._profiled("hover"):
            spent["hover"] = window.seconds_until_shown(
                lambda: session.hover(place), lambda: session._hover.is_shown
            )
        session.hovering = False
        self._aim(place)
        with self._profiled("click"):
            spent["click"] = window.seconds_until_shown(
                lambda: window.click(place), lambda: self._previews(1)
            )
        session.clear()
        self._aim(place)
        window.hold(place)
        QTest.qWait(HOLD)
        with self._profiled("held"):
            spent["held"] = window.seconds_until_shown(
                lambda: window.release(place), lambda: self._previews(1)
            )
        self._aim(near)
        with self._profiled("second"):
            spent["second"] = window.seconds_until_shown(
                lambda: window.click(near), lambda: self._previews(2)
            )
        self._aim(place)
        with self._profiled("commit"):
            spent["commit"] = window.seconds_until_shown(
                lambda: window.press(Qt.Key.Key_C), lambda: not self._is_previewed
            )
        window.settle()
        with self._profiled("undo"):
            spent["undo"] = window.seconds_until_shown(
                lambda: window.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier),
                lambda: self._is_previewed,
            )
        session.clear()
        window.settle()
        return spent

    def check(self, place: np.ndarray) -> None:
        """What is called drawn is on the screen."""
        window = self.window
        self.session.use("points")
        self._aim(place)
        window.click(place)
        window.settle()
        inside = np.argwhere(self.session.candidates.masks[0])[0]
        shown = window.pixel(inside)
        self.session.clear()
        window.settle()
        if shown == window.pixel(inside):
            raise RuntimeError("the preview isn't on the screen")

    def close(self) -> None:
        """Close the window."""
        self.session.clear()
        self.window.close()

    def _aim(self, place: np.ndarray) -> None:
        self.window.move(place)
        self.window.settle()

    def _at(self, labels, place: np.ndarray) -> int:
        row, col = np.round(place).astype(int)
        return int(labels.data[row, col])

    def _previews(self, count: int) -> bool:
        shown = self.session.answers_shown
        return self._is_previewed and len(shown[0].prompts.points) == count

    @property
    def _is_previewed(self) -> bool:
        return bool(self.session.answers_shown) and bool(self.session.preview.data.any())

    @contextmanager
    def _profiled(self, name: str) -> Iterator[None]:
        profile = self.profiles.get(name)
        if profile is None:
            yield
            return
        profile.enable()
        try:
            yield
        finally:
            profile.disable()


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--profile", action="store_true", help="print where the time goes, too")
    add_out(parser)
    given = parser.parse_args()
    measurement = Measurement()
    places = np.random.default_rng(0).uniform(100, SIDE - 100, (given.rounds + WARM_UP, 2)).round()
    measurement.check(places[0])
    rounds = []
    for number, place in enumerate(places):
        if number == WARM_UP and given.profile:
            measurement.profiles = {name: cProfile.Profile() for name in ROWS}
        rounds.append(measurement.round(place))
    report(__file__, __doc__, [table_of(rounds[WARM_UP:])], given.out)
    for name, profile in measurement.profiles.items():
        if profile.getstats():
            print(name)
            pstats.Stats(profile).sort_stats("cumtime").print_stats(70)
    measurement.close()


def table_of(rounds: list[dict[str, tuple[float, float]]]) -> Table:
    """Medians, and how many times the brush or the decode each is."""
    spent = {name: [[one[name][k] for one in rounds] for k in range(2)] for name in ROWS}
    rows = []
    for name, (words, base, bar) in ROWS.items():
        cells = []
        for k in range(2):
            times = median(spent[name][k]) / median(spent[base][k]) if base else 0.0
            cells += [spread(spent[name][k], 1, 1e3), f"{times:.2f} x {base}" if base else ""]
        rows.append((words, *cells, f"{bar:g} x" if bar else ""))
    heads = ("what", "drawn, ms", "times", "on the screen, ms", "times on the screen", "bar")
    title = f"compact, {SIDE:,} x {SIDE:,}, {len(rounds)} rounds"
    return table(title, heads, rows, [what_draws()])


if __name__ == "__main__":
    main()
