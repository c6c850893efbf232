"""Bring Xvfb and Mesa, so that a real napari window can be opened on a machine without a display.

As root on Debian and Ubuntu what is missing is installed through apt; elsewhere it is named. Never
fails: the tests that need a window say themselves what they lack. Standard library only, because
tox runs it before anything else is sure to work.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def _runs(command: str) -> bool:
    return shutil.which(command) is not None


def _has_software_driver() -> bool:
    folders = (Path("/usr/lib"), Path("/usr/lib64"))
    return any(any(f.glob("**/dri/swrast_dri.so")) for f in folders if f.is_dir())


PACKAGES: dict[str, Callable[[], bool]] = {
    "xvfb": partial(_runs, "Xvfb"),
    "xauth": partial(_runs, "xauth"),
    "libgl1": partial(_loads, "libGL.so.1"),
    "libegl1": partial(_loads, "libEGL.so.1"),
    "libopengl0": partial(_loads, "libOpenGL.so.0"),
    "libglx-mesa0": partial(_loads, "libGLX_mesa.so.0"),
    "libgl1-mesa-dri": _has_software_driver,
    "libfontconfig1": partial(_loads, "libfontconfig.so.1"),
    "libfreetype6": partial(_loads, "libfreetype.so.6"),
    "libglib2.0-0": partial(_loads, "libglib-2.0.so.0"),
    "libdbus-1-3": partial(_loads, "libdbus-1.so.3"),
    "libxkbcommon-x11-0": partial(_loads, "libxkbcommon-x11.so.0"),
    "libxcb-cursor0": partial(_loads, "libxcb-cursor.so.0"),
    "libxcb-icccm4": partial(_loads, "libxcb-icccm.so.4"),
    "libxcb-image0": partial(_loads, "libxcb-image.so.0"),
    "libxcb-keysyms1": partial(_loads, "libxcb-keysyms.so.1"),
    "libxcb-randr0": partial(_loads, "libxcb-randr.so.0"),
    "libxcb-render-util0": partial(_loads, "libxcb-render-util.so.0"),
    "libxcb-shape0": partial(_loads, "libxcb-shape.so.0"),
    "libxcb-sync1": partial(_loads, "libxcb-sync.so.1"),
    "libxcb-xfixes0": partial(_loads, "libxcb-xfixes.so.0"),
    "libxcb-xinerama0": partial(_loads, "libxcb-xinerama.so.0"),
}
"""Debian's and Ubuntu's packages, each with what proves that it is there on any Linux."""


def missing() -> list[str]:
    """The packages that a window on a bare machine needs and that are not there."""
    return [package for package, is_there in PACKAGES.items() if not is_there()]


def commands(packages: list[str]) -> Iterator[list[str]]:
    """What root runs on Debian and Ubuntu to install them."""
    yield ["apt-get", "update", "-q"]
    yield ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages]


def advice(packages: list[str]) -> str:
    """One line that says what to install."""
    if not packages:
        return "all that a window without a display needs is there"
    return (
        "a window without a display needs Xvfb and Mesa; missing here, by Debian's and Ubuntu's "
        f"names: {' '.join(packages)} (sudo apt-get install --no-install-recommends "
        f"{' '.join(packages)})"
    )


def _install(packages: list[str]) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    options = ["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"]
    for command in commands(packages):
        done = subprocess.run(
            [*command, *options], env=environment, stdin=subprocess.DEVNULL, check=False
        )
        if done.returncode and command[1] == "install":
            return False
    return True


def main() -> None:
    """Install or name what is missing."""
    if not sys.platform.startswith("linux"):
        return
    packages = missing()
    if not packages:
        return
    if _runs("apt-get") and os.geteuid() == 0:
        print("installing", *packages, flush=True)  # noqa: T201
        if _install(packages):
            return
    print(advice(packages), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
