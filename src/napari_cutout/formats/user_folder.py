"""Where what a person made goes when there is no place for it beside an image.

Downloads, which can be had again, lie in the user's cache, see sam/download.py.
"""

from __future__ import annotations

import os
from pathlib import Path


def user_folder() -> Path:
    """Give napari-cutout's folder among the user's data, which nothing empties by itself.

    ``NAPARI_CUTOUT_HOME`` if it is set, as for downloads.
    """
    if home := os.environ.get("NAPARI_CUTOUT_HOME"):
        return Path(home).expanduser()
    import platformdirs

    return platformdirs.user_data_path("napari-cutout", appauthor=False)
