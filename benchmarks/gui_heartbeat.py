"""Whether the window ever stops: a heartbeat beside encoding, clicks, commits and scrolling.

    python benchmarks/gui_heartbeat.py [--rounds 12] [--phases stack,large]

A timer beats every 5 ms in a real window while a session is played: an image is opened and encoded,
objects are clicked and committed with autosave on, another image is chosen, then the same in a
stack of 200 x 1,024 x 1,024 that is scrolled through, and in one image of 10,000 x 10,000 that is
moved about. For each phase is printed, in ms, the longest time without a beat, whoever took it; the
longest painting of the window by napari and Qt; and, by a timer around all methods of ours that Qt
and napari call, the longest of these: "whole"; without what napari itself takes to put one layer in
or out and Python to collect garbage: "ours"; and of that the time with a processor: "computed",
which is less on a machine that does other work too. "layers" is how many were put in or out at
once, at most. What napari takes for an empty layer without us, in the same run, stands below. The
bar is 30 ms for our own code at a time. Run it with a display, or under ``xvfb-run``.
"""

from __future__ import annotations

import argparse
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from own_time import OwnTime, Spent, Stretch
from pages import add_out, report
from qtpy.QtCore import Qt, QTimer
from qtpy.QtTest import QTest
from real_window import RealWindow, what_draws
from skimage.transform import resize
from tabulated import Table, table

from napari_cutout.sample_data import fluorescence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BEAT = 5
BAR = 0.030
SIDE, FRAMES, LARGE = 1024, 200, 10_000
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


class Heartbeat:
    """When the timer beat, and when the window was painted."""

    def __init__(self, window: RealWindow) -> None:
        self.beats: list[float] = []
        self.paintings: list[tuple[float, float]] = []
        self._begun = 0.0
        self._timer = QTimer(window.viewer.window._qt_window)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT)
        self._timer.timeout.connect(lambda: self.beats.append(perf_counter()))
        events = window.canvas._scene_canvas.events
        events.draw.connect(self._begin, position="first")
        window.native.frameSwapped.connect(self._end)
        self._timer.start()

    def _begin(self, _event: object = None) -> None:
        self._begun = perf_counter()

    def _end(self) -> None:
        if self._begun:
            self.paintings.append((self._begun, perf_counter() - self._begun))
            self._begun = 0.0


class Play:
    """The session that is played, and what was measured in each phase."""

    def __init__(self, rounds: int) -> None:
        self.own = OwnTime()
        self.window = RealWindow()
        self.heart = Heartbeat(self.window)
        self.rounds = rounds
        self.phases: dict[str, tuple[float, float]] = {}
        self.rng = np.random.default_rng(0)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """What happens in it belongs to a phase."""
        self.window.settle()
        begun = perf_counter()
        yield
        self.window.settle()
        self.phases[name] = begun, perf_counter()

    def frame(self) -> None:
        """An image of one frame."""
        with self.phase("open and encode"):
            self.window.add_image(_nuclei(), name="frame")
        self._annotate("", (SIDE, SIDE))
        with self.phase("choose another image"):
            self.window.add_image(_nuclei()[::-1].copy(), name="other")
            choice = self.window.widget.image
            choice.setCurrentIndex(choice.findText("other"))
            choice.activated.emit(choice.currentIndex())
        self._clear()

    def stack(self) -> None:
        """A stack, scrolled through."""
        frame = (_nuclei() >> 8).astype(np.uint8)
        data = np.stack([np.roll(frame, 7 * k, axis=0) for k in range(FRAMES)])
        with self.phase("stack: open and encode"):
            self.window.add_image(data, name="stack")
        with self.phase("stack: scroll"):
            for k in range(0, FRAMES, max(1, FRAMES // (3 * self.rounds))):
                self.window.viewer.dims.set_point(0, k)
                QTest.qWait(30)
        self._annotate("stack: ", (SIDE, SIDE))
        self._clear()

    def large(self) -> None:
        """A large image, moved about."""
        tile = (_nuclei() >> 8).astype(np.uint8)
        data = np.tile(tile, (LARGE // SIDE + 1,) * 2)[:LARGE, :LARGE].copy()
        with self.phase("large: open and encode"):
            self.window.add_image(data, name="large")
        camera = self.window.viewer.scene.camera
        with self.phase("large: move about"):
            for place in self.rng.uniform(1000, LARGE - 1000, (3 * self.rounds, 2)):
                camera.center, camera.zoom = (0, *place), 0.7
                QTest.qWait(30)
        camera.center = (0, LARGE / 2, LARGE / 2)
        self._annotate("large: ", (LARGE, LARGE), within=400)
        self._clear()

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


def _nuclei() -> np.ndarray:
    pixels = resize(fluorescence(), (SIDE, SIDE), preserve_range=True)
    return (pixels / pixels.max() * 65535).astype(np.uint16)


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
    parser.add_argument("--phases", default="frame,stack,large")
    add_out(parser)
    given = parser.parse_args()
    play = Play(given.rounds)
    for phase in given.phases.split(","):
        getattr(play, phase)()
    report(__file__, __doc__, [play.table()], given.out)
    play.window.close()


if __name__ == "__main__":
    main()
