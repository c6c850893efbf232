"""Which benchmarks there are, as data: how each is run, and which only when they are named.

What they measure stands in their own first lines.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Benchmark:
    """A script of this folder.

    Parameters
    ----------
    name
        Of its file.
    rounds
        The option that says how often it measures; empty where there is none.
    quick
        What makes it take seconds; None: nothing does.
    window
        Whether it opens a window.
    long
        Whether it takes more than some minutes.
    """

    name: str
    rounds: str = "--rounds"
    quick: tuple[str, ...] | None = None
    window: bool = False
    long: bool = False

    @property
    def script(self) -> Path:
        """Its file."""
        return FOLDER / f"{self.name}.py"

    @property
    def about(self) -> str:
        """The first line of its docstring."""
        return self.script.read_text(encoding="utf-8").splitlines()[0].lstrip('"')

    def left_out(self, quick: bool) -> str:
        """Why it isn't run unless it is named; empty where it is."""
        if self.window:
            return "it opens a window"
        if quick:
            return "" if self.quick is not None else "it has no quick way"
        return "it takes long" if self.long else ""

    def lacking(self) -> str:
        """What it can't run without and isn't there; empty where nothing lacks."""
        if not self.window:
            return ""
        if importlib.util.find_spec("qtpy") is None:
            return "Qt is not installed"
        screens = ("DISPLAY", "WAYLAND_DISPLAY")
        if sys.platform.startswith("linux") and not any(map(os.environ.get, screens)):
            return "there is no display; use xvfb-run"
        return ""

    def arguments(self, rounds: int | None, quick: bool, out: Path | None) -> list[str]:
        """What it is given on its command line."""
        words = list(self.quick or ()) if quick else []
        if rounds is not None and self.rounds:
            # The last one counts.
            words += [self.rounds, str(rounds)]
        return words + (["--out", str(out)] if out is not None else [])


BENCHMARKS = (
    Benchmark("limits", quick=("--rounds", "1", "--size", "512")),
    Benchmark("encoder", quick=("--model", "small", "--rounds", "1", "--no-memory")),
    Benchmark("decoder", quick=("--rounds", "1", "--counts", "1", "8", "--no-memory")),
    Benchmark(
        "automatic_masks",
        rounds="--turns",
        quick=(
            *("--points", "6", "--size", "256", "--input-size", "256"),
            *("--threads", "1", "--bias", "0.2", "--rounds", "1"),
            *("--ways", "ours", "meta", "huggingface"),
        ),
    ),
    Benchmark("adaptive_grid", quick=("--points", "8", "--rounds", "1")),
    Benchmark("precision", rounds="", quick=("--objects", "4")),
    Benchmark("scaling", quick=("--quick", "--rounds", "1")),
    Benchmark("commit_cost", quick=("--rounds", "2")),
    Benchmark("linking", quick=("--rounds", "1", "--frames", "10", "--objects", "200")),
    Benchmark("active_help", quick=("--images", "3", "--rounds", "3")),
    Benchmark(
        "fine_tuning",
        rounds="",
        quick=("--fields", "2", "--others", "1", "--steps", "2"),
        long=True,
    ),
    Benchmark("large_frame", rounds="--clicks"),
    Benchmark("large_automatic", rounds="", quick=("--side", "2304"), long=True),
    Benchmark(
        "stack",
        quick=(
            *("--ways", "instances, one look", "--frames", "4"),
            *("--long", "12", "--rounds", "1"),
        ),
        long=True,
    ),
    Benchmark("start", window=True),
    Benchmark("click_latency", window=True),
    Benchmark("gui_heartbeat", window=True),
    Benchmark("everything_filters", window=True),
)
