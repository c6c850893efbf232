"""The tests' own display: found, started, stopped, and what is said when there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bring_xvfb
import display

OPEN = "import display, os; print(display.open_display()); print(os.environ.get('DISPLAY'))"


def open_display_in_a_process(**variables: str) -> list[str]:
    """What open_display answers, and the display, in a process that has none."""
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        [sys.executable, "-c", OPEN],
        cwd=Path(__file__).parent,
        env=environment | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="no Xvfb")
@pytest.mark.skipif(display.qt_problem() is not None, reason="no Qt")
def test_xvfb_is_started_where_there_is_no_display_and_stopped_at_the_end():
    problem, number = open_display_in_a_process()

    assert problem == "None"
    assert not Path("/tmp/.X11-unix", f"X{number.removeprefix(':')}").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Xvfb is for Linux")
@pytest.mark.skipif(display.qt_problem() is not None, reason="no Qt")
def test_without_xvfb_the_answer_names_what_to_install(tmp_path):
    problem, number = open_display_in_a_process(PATH=str(tmp_path))

    assert "apt-get install" in problem
    assert "xvfb" in problem
    assert number == "None"


def test_a_missing_program_is_named_by_its_package(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert {"xvfb", "xauth"} <= set(bring_xvfb.missing())


def test_advice_names_every_missing_package():
    assert "libegl1 libgl1" in bring_xvfb.advice(["libegl1", "libgl1"])
