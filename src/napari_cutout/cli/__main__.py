"""``python -m napari_cutout.cli`` is ``napari-cutout``."""

from __future__ import annotations

from napari_cutout.cli import main

main()
