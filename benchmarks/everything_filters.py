"""How long the window is kept by a slider of "Everything", and by objects that arrive.

    python benchmarks/everything_filters.py [--rounds 30] [--objects 1000,5000]

Ellipses of random sizes and scores are found in a frame of 1,024 x 1,024, in a real window with
"Cut Out" and "Everything" in their docks; no model is asked. They are shown as labels, as outlines
and as both, and the slider for the score is moved, each time to anywhere. Printed is, in ms: for a
move what our own code takes until all is filtered, drawn and said, with what napari does because we
ask for it, as processor time of the window's thread, the same with the painting of the window, and
by the clock. Then, for objects that arrive, for others that take their place, and for a move with
the pause after it, in which outlines become shapes: the longest stretch, which of it, all of them,
and how many layers napari put into the viewer or took out of it meanwhile. That nobody can do in
pieces, and it is left out, as is Python's collection of garbage, but in the last column; and all is
timed by watching each method, which makes many short ones longer. The bar is 50 ms for a move, and
30 ms for a stretch. Run it with a display, or under ``xvfb-run``.
"""

from __future__ import annotations

import argparse
from functools import partial
from time import perf_counter, thread_time
from typing import TYPE_CHECKING

import numpy as np
from own_time import OwnTime, Stretch
from pages import add_out, report
from qtpy.QtWidgets import QApplication
from real_window import RealWindow, what_draws
from skimage.draw import ellipse
from tabulated import table
from turns import spread

from napari_cutout.layers.everything.found_set import FoundSet
from napari_cutout.layers.everything.run import Step
from napari_cutout.layers.gathering import FoundBy
from napari_cutout.segment.automatic.objects import FoundObject, Objects
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.windows import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import Event

    from napari_cutout.widgets import Everything

SIDE = 1024
WAYS = ("labels", "outlines", "both")
MOVES = ("shown", "CPU", "with painting", "clock")
ARRIVALS = ("stretches", "longest", "which", "all", "layers", "with napari's")


def ellipses(count: int, seed: int) -> Objects:
    """So many objects, of which many overlap, that they cover the frame about once."""
    rng = np.random.default_rng(seed)
    radius = SIDE / np.sqrt(count) * 0.55
    found = []
    while len(found) < count:
        sizes = np.maximum(rng.normal(radius, radius / 4, 2), 2)
        rows, cols = ellipse(*rng.uniform(0, SIDE, 2), *sizes, (SIDE, SIDE), rng.uniform(0, np.pi))
        low = rows.min(), cols.min()
        mask = np.zeros((rows.max() - low[0] + 1, cols.max() - low[1] + 1), bool)
        mask[rows - low[0], cols - low[1]] = True
        score, stability = rng.uniform(0.5, 1, 2).tolist()
        origin = int(low[0]), int(low[1])
        window = Window(0, 0, SIDE, SIDE)
        found.append(FoundObject(Rle.encode(mask), origin, score, stability, window))
    return Objects(tuple(sorted(found, key=lambda one: -one.score)), (SIDE, SIDE))


class Play:
    """The window, and what is done in it."""

    def __init__(self, rounds: int) -> None:
        self.own: OwnTime | None = None
        self.window = RealWindow()
        self.rounds = rounds
        self.window.add_image(np.zeros((SIDE, SIDE), np.uint8), name="frame")
        viewer = self.window.viewer
        _, self.widget = viewer.window.add_plugin_dock_widget("napari-cutout", "Everything")
        self.settle()

    def settle(self) -> None:
        """Until all is shown."""
        widget: Everything = self.widget
        self.window.until(lambda: not widget.is_busy)
        self.window.settle()

    def arrive(self, objects: Objects) -> None:
        """Objects are found and shown."""

        def steps(_cancelled: Event) -> Iterator[Step]:
            yield Step(1, 1, len(objects), FoundSet(objects, FoundBy("grid"), (None, None)))

        self.widget.finding._begin("", steps, lambda _made: None)
        self.settle()

    def show_as(self, way: str) -> None:
        """Nothing is there, and what comes is shown in a way."""
        self.widget.finding.show_as = way
        self.widget.finding.clear()
        self.settle()

    def moves(self) -> tuple[list[float], list[float], list[float]]:
        """Of each move ms of processor, the same with painting, and by the clock."""
        slider = self.widget.filters.score.slider
        ours, painted, clock = [], [], []
        rng = np.random.default_rng(0)
        for place in rng.integers(slider.maximum() // 2, slider.maximum(), self.rounds).tolist():
            begun, at = thread_time(), perf_counter()
            slider.setValue(place)
            ours.append((thread_time() - begun) * 1e3)
            clock.append((perf_counter() - at) * 1e3)
            QApplication.processEvents()
            painted.append((thread_time() - begun) * 1e3)
        slider.setValue(0)
        self.settle()
        return ours, painted, clock

    def stretches(self, act: Callable[[], object]) -> list[Stretch]:
        """What of ours kept the window after something was done, until all was shown."""
        # Not before the moves: watching all methods makes short ones longer.
        self.own = self.own or OwnTime()
        self.own.stretches.clear()
        act()
        self.settle()
        return list(self.own.stretches)


def _rest(made: Stretch) -> float:
    """Ms of processor of a stretch, without napari's for a layer."""
    return made.rest.computed * 1e3


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--objects", default="1000,5000")
    add_out(parser)
    given = parser.parse_args()
    play = Play(given.rounds)
    moves, arrivals = [], []
    counts = [int(count) for count in given.objects.split(",")]
    sets = {count: [ellipses(count, seed) for seed in (0, 1)] for count in counts}
    cases = [(count, way) for count in counts for way in WAYS]
    for count, way in cases:
        play.show_as(way)
        play.arrive(sets[count][0])
        ours, painted, clock = play.moves()
        moves.append((f"{count:,} as {way}", *(spread(of, 1) for of in (ours, painted, clock))))
    for count, way in cases:
        play.show_as(way)
        slider = play.widget.filters.score.slider
        acts = {
            "arrive": partial(play.arrive, sets[count][0]),
            "arrive next": partial(play.arrive, sets[count][1]),
            "filtered, and the pause": partial(slider.setValue, slider.maximum() * 3 // 4),
        }
        for name, act in acts.items():
            made = play.stretches(act)
            longest = max(made, key=_rest)
            arrivals.append(
                (
                    f"{count:,} as {way} {name}",
                    f"{_rest(longest):.1f}",
                    longest.name,
                    f"{sum(map(_rest, made)):.0f}",
                    str(sum(one.layers for one in made)),
                    f"{max(one.whole.computed for one in made) * 1e3:.0f}",
                )
            )
        slider.setValue(0)
    tables = [
        table("A move of the slider, in ms", MOVES, moves, [what_draws()]),
        table("The longest stretch, in ms", ARRIVALS, arrivals),
    ]
    report(__file__, __doc__, tables, given.out)
    play.window.close()


if __name__ == "__main__":
    main()
