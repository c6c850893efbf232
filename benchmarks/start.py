"""How long it takes until a person can work: importing, opening the widget, the first mask.

    python benchmarks/start.py [--rounds 7]

Each figure is of a process of its own, begun cold: the package imported; napari with one of its
own samples and an empty dock widget; the same with "Cut Out" instead, clicked on as soon as it is
there. They take turns, so that whatever else the machine does hits all alike. Printed are medians,
and what we add to napari. A first round, which compiles Python's modules and brings files into
memory, doesn't count. Run it with a display, or under ``xvfb-run``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tabulated import Table


BEGUN = "NAPARI_CUTOUT_BENCHMARK_BEGUN"

SAMPLE = ("napari", "camera")
PLACE = (256.0, 256.0)

ROWS = (
    ("python alone", "python", "", None),
    ("import napari_cutout", "package", "python", 0.3),
    ("napari with its sample, until it is drawn", "drawn", "", None),
    ("an empty dock widget", "empty", "", None),
    ('"Cut Out" in the dock', "widget", "empty", 1.0),
    ("the sample clicked on, until the mask is on the screen", "click", "drawn", 3.0),
    ("the window's longest standstill meanwhile", "standstill", "", None),
)
"""In words; the figure; what it is compared with; how many seconds more it may take."""


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--child", choices=["empty", "click"], help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write a page there, too")
    given = parser.parse_args()
    if given.child is not None:
        print(json.dumps({"empty": empty, "click": click}[given.child]()), flush=True)
        # Nothing of the end is measured.
        os._exit(0)
    with tempfile.TemporaryDirectory(prefix="napari-cutout-benchmark-") as home:
        rounds = [one_round(Path(home)) for _ in range(given.rounds + 1)][1:]
    # Not before: in a process that is measured it would be there already.
    from pages import report

    report(__file__, __doc__, [table_of(rounds)], given.out)


def one_round(home: Path) -> dict[str, float]:
    """Seconds of everything, each in a process of its own."""
    environment = os.environ | {"PYTHONPYCACHEPREFIX": str(home / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["NAPARI_CONFIG"] = str(home / "settings.yaml")
    found = {}
    for name, program in (("python", "pass"), ("package", "import napari_cutout")):
        begun = perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True, env=environment)
        found[name] = perf_counter() - begun
    for child in ("empty", "click"):
        environment[BEGUN] = repr(time())
        command = [sys.executable, __file__, "--child", child]
        done = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE)
        found |= json.loads(done.stdout.splitlines()[-1])
    return found


def empty() -> dict[str, float]:
    """Napari with a sample and a dock widget that does nothing."""
    import napari
    from qtpy.QtWidgets import QWidget

    viewer = napari.Viewer()
    show_sample(viewer)
    drawn, begun = since_begun(), perf_counter()
    viewer.window.add_dock_widget(QWidget(), name="empty")
    return {"drawn": drawn, "empty": perf_counter() - begun}


def click() -> dict[str, float]:
    """Napari with a sample and "Cut Out", clicked on at once."""
    from real_window import RealWindow

    found: dict[str, float] = {}

    def before(viewer: Any) -> None:
        show_sample(viewer)
        found["widget"] = -perf_counter()

    window = RealWindow(before=before)
    found["widget"] += perf_counter()
    beat = Beat()
    window.session.use("points")
    window.move(PLACE)
    window.seconds_until_shown(
        lambda: window.click(PLACE), lambda: bool(window.session.answers_shown)
    )
    return found | {"click": since_begun(), "standstill": beat.longest}


class Beat:
    """The longest time between two ticks of the window's event loop, in seconds."""

    def __init__(self) -> None:
        from qtpy.QtCore import Qt, QTimer

        self.longest = 0.0
        self._last = perf_counter()
        self._timer = QTimer(interval=5, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = perf_counter()
        self.longest, self._last = max(self.longest, now - self._last), now


def show_sample(viewer: Any) -> None:
    """Open napari's sample, and wait until it is drawn."""
    from qtpy.QtTest import QTest

    drawn = []
    viewer.open_sample(*SAMPLE)
    canvas = viewer.window._qt_viewer.canvas
    canvas.native.frameSwapped.connect(lambda: drawn.append(True))
    while not drawn:
        QTest.qWait(5)


def since_begun() -> float:
    """Seconds since this process was started."""
    return time() - float(os.environ[BEGUN])


def table_of(rounds: list[dict[str, float]]) -> Table:
    """Medians, and how much more than napari it is."""
    from tabulated import table
    from turns import spread

    rows = []
    for words, name, base, bar in ROWS:
        more = [one[name] - one[base] for one in rounds] if base else []
        rows.append(
            (
                words,
                spread([one[name] for one in rounds]),
                spread(more) if more else "",
                "" if bar is None else f"{bar:g}",
            )
        )
    title = f"compact, cold processes, {len(rounds)} rounds"
    return table(title, ("until", "seconds", "more", "bar"), rows)


if __name__ == "__main__":
    main()
