"""What opening a widget brings into the process: nothing that takes seconds."""

import os
import subprocess
import sys

PROGRAM = """
import sys
import napari.qt, napari._qt.qt_main_window
before = set(sys.modules)
import napari_cutout.widgets as widgets
for name in ["CutOut", "Objects", "Everything", "Folder", "Browse"]:
    getattr(widgets, name)
heavy = {"torch", "zarr", "sympy", "huggingface_hub", "roifile", "scipy.signal", "scipy.stats"}
print(sorted(heavy & (set(sys.modules) - before)))
"""


def test_opening_a_widget_imports_nothing_that_takes_long():
    """A worker does, while the person looks at the image."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )

    assert done.stdout == "[]\n"
