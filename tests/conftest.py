"""What all tests share: settings and caches apart from the user's, and a display for windows.

A test that opens a window, or uses a fixture that needs Qt, is a GUI test. Where no window can be
opened it is skipped with what to install; with ``CI=true`` that is a failure.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import shutil
import signal
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import hypothesis
import pytest

import display

_HOME = Path(tempfile.mkdtemp(prefix="napari-cutout-tests-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
os.environ["NAPARI_CONFIG"] = str(_HOME / "napari" / "settings.yaml")
os.environ["NAPARI_CUTOUT_HOME"] = str(_HOME / "napari-cutout")
os.environ["HF_HOME"] = str(_HOME / "huggingface")

if display.is_side_by_side():
    # As many processes as cores: threads that wait for each other would only turn.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell that starts the tests in the background has what they start ignore Ctrl+C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine is no bug, and what fails once in CI should fail again on the desk. There the
# examples are the same every time: fewer are enough.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, max_examples=50
)
_IN_CI = os.environ.get("CI", "").lower() == "true"
hypothesis.settings.load_profile("ci" if _IN_CI else "here")

_QT_FIXTURES = {
    "make_napari_viewer",
    "make_napari_viewer_proxy",
    "qapp",
    "qtbot",
    "qtmodeltester",
}

can_open_windows = cache(display.open_display)


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Take pytest-qt out where Qt can't be imported: it would end the whole run."""
    if display.qt_problem() and (plugin := pluginmanager.get_plugin("pytest-qt")):
        pluginmanager.unregister(plugin)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _QT_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.gui)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("gui") and (problem := can_open_windows()):
        _leave_out(problem)


@pytest.fixture(scope="session", autouse=True)
def _short_collections() -> None:
    """Let the garbage collector forget what the imports made.

    napari collects all garbage whenever a layer is removed. Most of that time would go to the
    objects of modules, which are there until the end; what tests make is collected as ever.
    """
    # Ours first: it sets what torch reads when it is imported.
    for module in ("napari_cutout", "napari._qt.qt_main_window", "torch", "skimage", "pandas"):
        with suppress(ImportError):
            importlib.import_module(module)
    gc.collect()
    gc.freeze()


class _WithoutQt(pytest.Module):
    """A module of widget tests where Qt can't be imported."""

    def collect(self):
        _leave_out(self.problem, allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector):
    if "widgets" not in module_path.relative_to(Path(__file__).parent).parts:
        return None
    if not (problem := display.qt_problem()):
        return None
    module = _WithoutQt.from_parent(parent, path=module_path)
    module.problem = problem
    return module


def _leave_out(problem: str, **options: bool) -> None:
    # Without a binding nobody expects windows: that environment was asked for.
    if _IN_CI and display.has_binding():
        pytest.fail(f"GUI test can't run: {problem}", pytrace=False)
    pytest.skip(f"GUI test left out: {problem}", **options)
