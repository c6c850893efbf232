"""``napari-cutout doctor``: what is installed, what works, and what to do where it doesn't."""

# typer evaluates the annotations of a command when the program starts.
# ruff: noqa: TC001

from __future__ import annotations

import os
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import typer

from napari_cutout._before_torch import WAITING, WAITING_OTHERWISE
from napari_cutout.cli import windows
from napari_cutout.cli.errors import one_line
from napari_cutout.cli.options import Json
from napari_cutout.cli.output import print_json, results

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PACKAGES = (
    "torch",
    "napari",
    "npe2",
    "magicgui",
    "superqt",
    "qtpy",
    "numpy",
    "scikit-image",
    "zarr",
)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    name
        What.
    value
        What was found.
    advice
        What to do about it; nothing where it is well.
    """

    name: str
    value: str
    advice: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is to be done."""
        return not self.advice


def doctor(as_json: Json = False) -> None:
    """Show what is installed and works, and what to do where something doesn't.

    Versions, devices, threads, weights and OpenGL.

    Example: napari-cutout doctor
    """
    findings = [finding for look in _LOOKS for finding in look()]
    if as_json:
        shown = [asdict(finding) | {"ok": finding.ok} for finding in findings]
        print_json({"ok": all(finding.ok for finding in findings), "findings": shown})
        return
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("", "", "found", "what to do"):
        table.add_column(name)
    for finding in findings:
        mark = "[green]ok[/]" if finding.ok else "[red]wrong[/]"
        table.add_row(mark, finding.name, _plain(finding.value), _plain(finding.advice))
    results().print(table)
    wrong = sum(not finding.ok for finding in findings)
    typer.echo("all is well" if not wrong else f"{wrong} to see to")


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _versions() -> Iterator[Finding]:
    python = ".".join(str(number) for number in sys.version_info[:3])
    yield Finding("python", f"{python}, {sys.executable}")
    yield Finding("napari-cutout", version("napari-cutout"))
    for name in _PACKAGES:
        try:
            yield Finding(name, version(name))
        except PackageNotFoundError:
            yield Finding(name, "missing", f"pip install {name}")


def _manifest() -> Iterator[Finding]:
    try:
        from npe2 import PluginManifest

        manifest = PluginManifest.from_distribution("napari-cutout")
        manifest.validate_imports()
    except Exception as error:  # whatever npe2 and the imports raise is the finding
        yield Finding("napari's manifest", one_line(str(error)), "install napari-cutout again")
    else:
        count = len(manifest.contributions.widgets or ())
        yield Finding("napari's manifest", f"valid, {count} widgets")


def _devices() -> Iterator[Finding]:
    import torch

    from napari_cutout.sam.device import resolve_device, resolve_precision
    from napari_cutout.sam.threads import bring_torch

    chosen = resolve_device("auto")
    threads = bring_torch()
    cores = f"{threads.cores} cores of {os.cpu_count()}"
    yield Finding("cpu", f"{threads.count} threads on {cores}, {threads.why}")
    yield Finding("threads that wait", _waiting())
    cards = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    yield Finding("cuda", ", ".join(cards) or "none")
    yield Finding("mps", "yes" if torch.backends.mps.is_available() else "none")
    yield Finding("used", f"{chosen}, {resolve_precision('auto', chosen)}")


def _waiting() -> str:
    """How threads wait for each other, as torch was told when it was imported."""
    names = [name for name in (WAITING, *WAITING_OTHERWISE) if name in os.environ]
    told = ", ".join(f"{name}={os.environ[name]}" for name in names)
    return told or "torch was imported before, by default they spin"


def _weights() -> Iterator[Finding]:
    from napari_cutout.formats.user_folder import user_folder
    from napari_cutout.sam.catalogue import catalogue
    from napari_cutout.sam.download import is_on_disk, weights_dir
    from napari_cutout.sam.loading import load_model

    folder = weights_dir()
    there = [row.name for row in catalogue().values() if not row.in_package and is_on_disk(row)]
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    is_usable = nearest.is_dir() and os.access(nearest, os.W_OK)
    advice = "" if is_usable else "make it writable, or set NAPARI_CUTOUT_HOME to another"
    yield Finding("weights' folder", str(folder), advice)
    yield Finding("your data's folder", str(user_folder()))
    yield Finding("downloaded", ", ".join(there) or "none; 'napari-cutout models' lists them")
    try:
        load_model("compact", device="cpu")
    except (OSError, ValueError) as error:
        yield Finding("compact", one_line(str(error)), "install napari-cutout again")
    else:
        yield Finding("compact", "loads")


def _screen() -> Iterator[Finding]:
    if not windows.has_qt():
        yield Finding("Qt", "no binding is installed", f"for windows: {windows.GET_QT}")
        return
    yield Finding("Qt", _qt())
    if windows.has_display():
        shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform
        yield Finding("display", shown)
        yield _opengl(*windows.opengl())
    elif windows.has_xvfb():
        yield Finding("display", "none; Xvfb is there")
        try:
            with windows.virtual_display() as environment:
                yield _opengl(*windows.opengl(environment))
        except OSError as error:
            yield Finding("OpenGL", one_line(str(error)), windows.GET_XVFB)
    else:
        advice = f"for windows without a screen: {windows.GET_XVFB}"
        yield Finding("display", "none, and no Xvfb", advice)


def _qt() -> str:
    found = [name for name in ("PyQt6", "PySide6") if _is_installed(name)]
    return ", ".join(f"{name} {version(name)}" for name in found)


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _opengl(works: bool, words: str) -> Finding:
    advice = f"update the graphics driver; or {windows.GET_XVFB}" if os.name == "posix" else ""
    return Finding("OpenGL", words, "" if works else advice or "update the graphics driver")


_LOOKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _versions,
    _manifest,
    _devices,
    _weights,
    _screen,
)
