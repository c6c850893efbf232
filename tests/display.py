"""Where windows open during the tests: the display that is there, or an Xvfb of our own.

What is missing is installed by bring_xvfb.py; which tests open a window is decided in conftest.py.
"""

from __future__ import annotations

import atexit
import importlib
import os
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

import bring_xvfb

_SCREEN = "1400x900x24"
_BINDINGS = ("PyQt6", "PySide6")


def is_side_by_side() -> bool:
    """Whether this process is one of several that pytest-xdist runs tests in."""
    return "PYTEST_XDIST_WORKER" in os.environ


def has_binding() -> bool:
    """Whether a Qt binding is installed, usable or not."""
    return any(_is_installed(name) for name in _BINDINGS)


def qt_problem() -> str | None:
    """Why Qt can't be imported, or None."""
    if not has_binding():
        return "no Qt binding is installed (pip install 'napari-cutout[qt]')"
    try:
        for module in ("QtGui", "QtTest", "QtWidgets"):
            importlib.import_module(f"qtpy.{module}")
    except (ImportError, RuntimeError) as error:
        return f"Qt can't be loaded ({error}); {bring_xvfb.advice(bring_xvfb.missing())}"
    return None


def open_display() -> str | None:
    """Make sure that a window can be opened: None, or the reason why it can't.

    Starts an Xvfb that lives as long as this process, if there is no display, or if tests run side
    by side: windows on one display would take the keyboard from each other.
    """
    if problem := qt_problem():
        return problem
    if not sys.platform.startswith("linux"):
        return None
    has_display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if has_display and not is_side_by_side():
        return None
    if shutil.which("Xvfb") is None:
        if has_display:
            return None
        return f"no display; {bring_xvfb.advice(bring_xvfb.missing())}"
    number = _start_xvfb()
    if number is None:
        return "no display, and Xvfb does not start (run it by hand to see why: Xvfb -displayfd 1)"
    os.environ["DISPLAY"] = f":{number}"
    os.environ["QT_QPA_PLATFORM"] = "xcb"
    return None


_running: list[subprocess.Popen[bytes]] = []


# Registered before Qt is imported and so run after Qt has left the display.
@atexit.register
def _stop_xvfb() -> None:
    for process in _running:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _start_xvfb() -> str | None:
    """The number of a new display; Xvfb itself finds one that is free."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as answer:
        process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", _SCREEN, "-noreset"],
            pass_fds=(writing,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        _running.append(process)
        return answer.readline().strip() or None


def _is_installed(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True
