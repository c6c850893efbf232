"""Whether a window can be opened, and where: the display that is there, or an Xvfb of our own.

Asked of a child process, because Qt ends the process that it can't start in.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from napari_cutout.cli.errors import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SCREEN = "1400x900x24"
_BINDINGS = ("PyQt6", "PySide6")
_PROBE_SECONDS = 120
GET_QT = "pip install 'napari-cutout[qt]'"
GET_XVFB = (
    "install Xvfb and Mesa (Debian, Ubuntu: apt-get install xvfb libgl1 libegl1 libgl1-mesa-dri "
    "libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-xinerama0)"
)


def has_display() -> bool:
    """Whether there is a screen to open a window on."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def has_qt() -> bool:
    """Whether a Qt binding is installed, usable or not."""
    return any(find_spec(name) is not None for name in _BINDINGS)


def has_xvfb() -> bool:
    """Whether a screen that nobody sees can be made."""
    return shutil.which("Xvfb") is not None


@contextmanager
def virtual_display() -> Iterator[dict[str, str]]:
    """Start an Xvfb, and give the environment for a process whose windows open there.

    Raises
    ------
    OSError
        If it doesn't start.
    """
    reading, writing = os.pipe()
    with os.fdopen(reading) as answer:
        try:
            process = subprocess.Popen(
                ["Xvfb", "-displayfd", str(writing), "-screen", "0", _SCREEN, "-noreset"],
                pass_fds=(writing,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        finally:
            os.close(writing)
        try:
            number = answer.readline().strip()
            if not number:
                raise OSError("Xvfb does not start (to see why: Xvfb -displayfd 1)")
            here = {name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"}
            yield here | {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
        finally:
            _stop(process)


def opengl(environment: Mapping[str, str] | None = None) -> tuple[bool, str]:
    """Whether Qt starts and has OpenGL in an environment; its renderer, or what is wrong."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "napari_cutout.cli.opengl"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PROBE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return False, f"no answer within {_PROBE_SECONDS} s"
    if done.returncode:
        return False, last_words(done.stderr, done.returncode)
    return True, done.stdout.strip()


def last_words(stderr: str, returncode: int) -> str:
    """What a process that failed said last, in one line."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    complaints = [line for line in lines if "Error" in line or "qt.qpa" in line]
    said = (complaints or lines or ["it said nothing"])[-1]
    ending = f"signal {-returncode}" if returncode < 0 else f"exit code {returncode}"
    return f"{one_line(said)[:200]} ({ending})"


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
