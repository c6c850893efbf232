"""How the documentation is built. Its pages are Markdown; the reference is read from the source."""

from __future__ import annotations

from importlib.metadata import version as version_of

project = "napari-cutout"
author = "napari-cutout developers"
copyright = "2026, napari-cutout developers"
release = version = version_of("napari-cutout")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_attr_annotations = False

html_theme = "furo"
html_title = "napari-cutout"
