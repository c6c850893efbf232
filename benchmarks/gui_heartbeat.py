"""Whether the window ever stops: a heartbeat beside encoding, clicks, commits and scrolling.

    python benchmarks/gui_heartbeat.py [--rounds 12] [--phases stack,large]

A timer beats every 5 ms in a real window while a session is played: Cut Out is opened, and the
widgets beside it; then an image is opened and encoded, moved about, and objects are clicked and
committed with autosave on. First in a frame of 1,024 x 1,024; then in a stack of 200 of them, which
is scrolled through, and in a pyramid of 50,000 x 50,000: both are computed as they are read. For
each phase is printed, in ms, the longest time without a beat, whoever took it; the longest painting
of the window by napari and Qt; and, by a timer around all methods of ours that Qt and napari call,
the longest of these: "whole"; without what napari itself takes to put one layer in or out and
Python to collect garbage: "ours"; and of that the time with a processor: "computed", which is less
on a machine that does other work too. "layers" is how many were put in or out at once, at most.
What napari takes for an empty layer without us, in the same run, stands below. The bar is 30 ms for
our own code at a time, from the opened image on: a widget is imported and made at once. Run it with
a display, or under ``xvfb-run``.
"""

from __future__ import annotations

import argparse
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from heartbeat import Heartbeat
from own_time import OwnTime, Spent, Stretch
from pages import add_out, report
from played_images import SIDE, lazy_pyramid, lazy_stack, nuclei
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from real_window import RealWindow, what_draws
from tabulated import Table, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BAR = 0.030
FRAMES, LARGE = 200, 50_000
BESIDE = ("Objects", "Everything", "Folder")
ALONE = 4
HEADINGS = (
    "phase",
    "no beat",
    "painting",
    "whole",
    "layers",
    "ours",
    "99 %",
    "computed",
    "bar",
    "who",
)


class Play:
    """The session that is played, and what was measured in each phase."""

    def __init__(self, rounds: int) -> None:
        self.own, begun = OwnTime(), perf_counter()
        self.window = RealWindow()
        self.phases = {"open Cut Out": (begun, perf_counter())}
        self.heart = Heartbeat(self.window)
        self.rounds = rounds
        self.rng = np.random.default_rng(0)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """What happens in it belongs to a phase."""
        self.window.settle()
        begun = perf_counter()
        yield
        self.window.settle()
        self.phases[name] = begun, perf_counter()

    def beside(self) -> None:
        """The widgets beside Cut Out, opened for the first time."""
        window = self.window.viewer.window
        for name in BESIDE:
            with self.phase(f"open {name}"):
                dock, _ = window.add_plugin_dock_widget("napari-cutout", name)
            window.remove_dock_widget(dock)

    def frame(self) -> None:
        """An image of one frame."""
        with self.phase("open and encode"):
            self.window.add_image(nuclei(), name="frame")
        self._move_about("", SIDE, zoom=2)
        self._annotate("", (SIDE, SIDE))
        with self.phase("choose another image"):
            self.window.add_image(nuclei()[::-1].copy(), name="other")
            choice = self.window.widget.image
            choice.setCurrentIndex(choice.findText("other"))
            choice.activated.emit(choice.currentIndex())
        self._clear()

    def stack(self) -> None:
        """A stack, scrolled through."""
        with self.phase("stack: open and encode"):
            self.window.add_image(lazy_stack(FRAMES), name="stack", contrast_limits=(0, 255))
        with self.phase("stack: scroll"):
            for k in range(0, FRAMES, max(1, FRAMES // (3 * self.rounds))):
                self.window.viewer.dims.set_point(0, k)
                QTest.qWait(30)
        self._annotate("stack: ", (SIDE, SIDE))
        self._clear()

    def large(self) -> None:
        """A large image, moved about."""
        levels = lazy_pyramid(LARGE)
        with self.phase("large: open and encode"):
            self.window.add_image(levels, name="large", multiscale=True, contrast_limits=(0, 255))
        self._move_about("large: ", LARGE, zoom=0.7)
        self._annotate("large: ", (LARGE, LARGE), within=400)
        self._clear()

    def _move_about(self, name: str, side: int, zoom: float) -> None:
        """Look here and there, closely, and in the middle at last."""
        camera = self.window.viewer.scene.camera
        with self.phase(f"{name}move about"):
            for place in self.rng.uniform(0.1 * side, 0.9 * side, (3 * self.rounds, 2)):
                camera.center, camera.zoom = (0, *place), zoom
                QTest.qWait(30)
        camera.center = (0, side / 2, side / 2)
        if side == SIDE:
            self.window.viewer.reset_view()

    def _annotate(self, name: str, shape: tuple[int, int], within: int = 420) -> None:
        """Click objects, commit each, and take some back; autosave goes on beside it."""
        window, session = self.window, self.window.session
        session.use("points")
        for _ in range(self.rounds):
            place = np.array(shape) / 2 + self.rng.uniform(-within, within, 2)
            world = session.image.data_to_world(
                [*session.frame[: session.image.ndim - 2], *place]
                if session.image.ndim > 2
                else place
            )[-2:]
            window.move(world)
            with self._part(f"{name}click"):
                window.click(world)
            with self._part(f"{name}commit and autosave"):
                window.press(Qt.Key.Key_C)
        with self._part(f"{name}undo"):
            window.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    @contextmanager
    def _part(self, name: str) -> Iterator[None]:
        """A part of a phase that comes in turns with others."""
        with self.phase(f"{name}#{len(self.phases)}"):
            yield

    def _clear(self) -> None:
        self.window.settle()
        self.window.viewer.layers.clear()
        self.window.settle()

    def table(self) -> Table:
        """The longest of everything, in ms, by phase."""
        rows = []
        names = dict.fromkeys(name.split("#")[0] for name in self.phases)
        beats = np.array(self.heart.beats)
        for name in names:
            spans = [span for whole, span in self.phases.items() if whole.split("#")[0] == name]
            gaps = [np.diff(beats[(beats >= low) & (beats <= high)]) for low, high in spans]
            painted = [spent for at, spent in self.heart.paintings if _within(at, spans)]
            ours = [made for made in self.own.stretches if _within(made.begun, spans)]
            worst = max(ours, key=lambda made: made.rest.seconds, default=None)
            rows.append(
                (
                    name,
                    _longest(np.concatenate(gaps))[0],
                    _longest(painted)[0],
                    _longest([made.whole.seconds for made in ours])[0],
                    str(max((made.layers for made in ours), default=0)),
                    *_longest([made.rest.seconds for made in ours]),
                    _longest([made.rest.computed for made in ours])[0],
                    _verdict(ours),
                    worst.name if worst else "",
                )
            )
        return table("The longest, in ms", HEADINGS, rows, [*self.notes(), what_draws()])

    def notes(self) -> list[str]:
        """What stands below the table."""
        alone = [f"napari's own for one empty layer: {line}" for line in self.napari_alone()]
        return [*self.worst(), *alone]

    def worst(self) -> list[str]:
        """Those of our stretches that were longer than the bar, the longest first."""
        known: dict[str, list[Stretch]] = {}
        for made in sorted(self.own.stretches, key=lambda made: -made.rest.seconds):
            if made.whole.seconds > BAR:
                known.setdefault(made.name, []).append(made)
        return [
            f"{len(made):4d} times over, whole {_most(made, 'whole')}, layers "
            f"{_most(made, 'in_layers')}, garbage {_most(made, 'collecting')}, ours "
            f"{_most(made, 'rest')}: {name}"
            for name, made in known.items()
        ]

    def napari_alone(self) -> list[str]:
        """What napari takes to put an empty layer in and out that nobody of ours knows of."""
        from napari.layers import Labels, Points, Shapes

        kinds = {
            "Points": lambda: Points(ndim=2),
            "Shapes": lambda: Shapes(ndim=2),
            "Labels of one pixel": lambda: Labels(np.zeros((1, 1), np.uint8)),
            f"Labels of {SIDE} x {SIDE}": lambda: Labels(np.zeros((SIDE, SIDE), np.int32)),
        }
        said = []
        for name, make in kinds.items():
            into, out = [], []
            for _ in range(ALONE):
                layer = make()
                into.append(_spent(lambda: self.window.viewer.add_layer(layer)))  # noqa: B023
                self.window.settle()
                out.append(_spent(lambda: self.window.viewer.layers.remove(layer)))  # noqa: B023
                self.window.settle()
            said.append(f"{name}: in {_range(into)}, out {_range(out)}")
        return said


def _verdict(ours: list[Stretch]) -> str:
    """Whether the bar holds; by the processor's time alone, where another took the rest."""
    if all(made.rest.seconds <= BAR for made in ours):
        return "within"
    return "computed" if all(made.rest.computed <= BAR for made in ours) else "over"


def _most(made: list[Stretch], part: str) -> str:
    spent = [getattr(one, part) for one in made]
    seconds = max(one.seconds for one in spent) * 1e3
    return f"{seconds:.1f} ms ({max(one.computed for one in spent) * 1e3:.1f} computing)"


def _spent(act: Callable[[], object]) -> Spent:
    begun = Spent.now()
    act()
    return Spent.now().less(begun)


def _range(spent: list[Spent]) -> str:
    low, high = (pick(one.seconds for one in spent) * 1e3 for pick in (min, max))
    least = min(one.computed for one in spent) * 1e3
    return f"{low:.0f} to {high:.0f} ms (computing {least:.0f} or more)"


def _within(at: float, spans: list[tuple[float, float]]) -> bool:
    return any(low <= at <= high for low, high in spans)


def _longest(seconds: object) -> tuple[str, str]:
    values = np.asarray(seconds, float) * 1e3
    if not len(values):
        return "", ""
    return f"{values.max():.0f}", f"{np.percentile(values, 99):.0f}"


def main() -> None:
    """Play it, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--phases", default="beside,frame,stack,large")
    add_out(parser)
    given = parser.parse_args()
    play = Play(given.rounds)
    for phase in given.phases.split(","):
        getattr(play, phase)()
    report(__file__, __doc__, [play.table()], given.out)
    play.window.close()


if __name__ == "__main__":
    main()
