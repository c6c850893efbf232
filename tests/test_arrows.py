"""The arrow rule: a room imports only the rooms below it, and napari and Qt only where they live.

``widgets -> layers -> annotate -> formats -> segment -> sam``; stacks stands on formats, evaluate
and train on that, layers on all of them. Each room is imported in a process in which everything
else is blocked, and what its functions import later is read from the source.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import display
import napari_cutout

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(napari_cutout.__file__).parent
QT = {"PyQt5", "PyQt6", "PySide2", "PySide6", "qtpy", "superqt"}
NAPARI = {"napari", "npe2", "magicgui"}

_SEGMENT = {"segment", "sam"}
_FORMATS = {"formats", *_SEGMENT}
_ANNOTATE = {"annotate", *_FORMATS}
_STACKS = {"stacks", *_FORMATS}
_EVALUATE = {"evaluate", *_STACKS}
_TRAIN = {"train", "sample_data", *_EVALUATE, *_ANNOTATE}
_LAYERS = {"layers", *_ANNOTATE, *_STACKS, *_TRAIN}

BELOW = {
    "sample_data": {"sample_data"},
    "sam": {"sam"},
    "segment": _SEGMENT,
    "formats": _FORMATS,
    "annotate": _ANNOTATE,
    "stacks": _STACKS,
    "evaluate": _EVALUATE,
    "train": _TRAIN,
    "layers": _LAYERS,
    "widgets": {"widgets", "sample_data", *_LAYERS, *_TRAIN},
}
ROOMS = [room for room in BELOW if (PACKAGE / room).is_dir()]

IMPORT_ALL = """
import importlib, pkgutil, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        top, _, rest = name.partition(".")
        below = {*OPEN, "_lazy", "_before_torch"}
        is_closed = top == "napari_cutout" and rest and rest.split(".")[0] not in below
        if top in BLOCKED or is_closed:
            raise ImportError(f"{name} is above {ROOM}")

sys.meta_path.insert(0, Blocked())
room = importlib.import_module(f"napari_cutout.{ROOM}")
for module in pkgutil.walk_packages(getattr(room, "__path__", []), room.__name__ + "."):
    importlib.import_module(module.name)
"""


def run(code: str) -> str:
    """Run code in a fresh interpreter; what it wrote to stderr, if it failed."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    return done.stderr if done.returncode else ""


def forbidden_in(room: str) -> set[str]:
    """The foreign packages that a room keeps out."""
    if room == "widgets":
        return set()
    return QT if room == "layers" else QT | NAPARI


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, in functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_room_has_its_place():
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}

    assert rooms - {"cli"} <= set(BELOW)


@pytest.mark.parametrize("room", ROOMS)
def test_room_imports_with_the_rooms_above_it_blocked(room):
    if room == "widgets" and (problem := display.qt_problem()):
        pytest.skip(problem)
    header = f"ROOM, OPEN, BLOCKED = {room!r}, {BELOW[room]!r}, {forbidden_in(room)!r}"

    assert run(header + IMPORT_ALL) == ""


@pytest.mark.parametrize("room", ROOMS)
def test_functions_of_a_room_import_no_room_above(room):
    wrong = []
    for path in (PACKAGE / room).rglob("*.py"):
        for name in imports(path):
            parts = name.split(".")
            is_ours = parts[0] == "napari_cutout" and (PACKAGE / "/".join(parts[1:2])).is_dir()
            if is_ours and parts[1:] and parts[1] not in BELOW[room]:
                wrong.append(f"{path.relative_to(PACKAGE)}: {name}")
            if parts[0] in forbidden_in(room):
                wrong.append(f"{path.relative_to(PACKAGE)}: {name}")

    assert wrong == []


def test_importing_the_package_brings_nothing_heavy():
    code = (
        "import sys, napari_cutout; napari_cutout.__version__\n"
        f"heavy = {QT | NAPARI | {'torch', 'numpy', 'scipy', 'skimage'}!r} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )

    assert run(code) == ""


def test_importing_the_command_line_brings_neither_napari_nor_qt_nor_torch():
    code = (
        "import sys, napari_cutout.cli.app\n"
        f"heavy = {QT | {'napari', 'torch'}!r} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )

    assert run(code) == ""


@pytest.mark.parametrize("name", napari_cutout.__all__)
def test_public_names_resolve(name):
    assert getattr(napari_cutout, name) is not None
    assert name in dir(napari_cutout)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"napari_cutout.*'nothing'"):
        napari_cutout.nothing  # noqa: B018
