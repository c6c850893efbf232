"""What opening "Cut Out" brings into the process: nothing that takes seconds."""

import os
import subprocess
import sys

PROGRAM = """
import sys
import napari.qt, napari._qt.qt_main_window
before = set(sys.modules)
import napari_cutout.widgets.cut_out
heavy = {"torch", "zarr", "sympy", "huggingface_hub", "roifile"}
print(sorted(heavy & (set(sys.modules) - before)))
"""


def test_opening_the_widget_does_not_import_torch():
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
