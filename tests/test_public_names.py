"""The names that packages offer, imported when they are first asked for."""

from __future__ import annotations

import importlib

import pytest


@pytest.mark.parametrize(
    "package",
    ["napari_cutout", "napari_cutout.annotate", "napari_cutout.layers", "napari_cutout.stacks"],
)
def test_public_names_are_there_and_listed(package):
    module = importlib.import_module(package)

    assert {name for name in module.__all__ if getattr(module, name, None) is None} == set()
    assert set(module.__all__) <= set(dir(module))
    assert len(set(module.__all__)) == len(module.__all__)


def test_what_a_script_needs_is_public():
    import napari_cutout

    assert {"EmbeddingStore", "FolderSession", "LazyFrame", "Segmenter", "Session"} <= set(
        napari_cutout.__all__
    )
