"""Preferences are those of the page in the manifest, and defaults without it."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import get_args

import pytest
from npe2 import PluginManifest

import napari_cutout
from napari_cutout.annotate.overlap import OverlapPolicy
from napari_cutout.layers.preferences import PAGE, PLUGIN, Preferences, read_preferences
from napari_cutout.sam.device import DTYPES

MANIFEST = PluginManifest.from_file(Path(napari_cutout.__file__).with_name("napari.yaml"))
PARTS = MANIFEST.contributions.configurations
PROPERTIES = {name: prop for part in PARTS.values() for name, prop in part.properties.items()}


@pytest.fixture
def page(plugin_settings, npe2pm):
    """The page as napari makes it, in a folder of its own."""
    from napari.settings import get_plugin_settings

    npe2pm.register(MANIFEST)
    return get_plugin_settings(PLUGIN)


def test_the_page_has_what_is_read():
    assert {name: tuple(part.properties) for name, part in PARTS.items()} == PAGE
    assert set(PROPERTIES) == {field.name for field in fields(Preferences)}


def test_the_page_has_the_same_defaults():
    assert {name: prop.default for name, prop in PROPERTIES.items()} == asdict(Preferences())


def test_the_page_offers_what_there_is():
    assert tuple(PROPERTIES["policy"].enum) == get_args(OverlapPolicy)
    assert PROPERTIES["precision"].enum == ["auto", *DTYPES]


def test_without_the_plugin_they_are_the_defaults(plugin_settings):
    assert read_preferences() == Preferences()


def test_what_is_set_is_read(page):
    page.models.model = "vit_b"
    page.embeddings.cache_megabytes = 256
    page.work.policy = "keep_existing"
    page.work.hovering = True
    assert read_preferences() == Preferences(
        model="vit_b", cache_megabytes=256, policy="keep_existing", hovering=True
    )
    assert read_preferences().cache_bytes == 256 * 1024**2


def test_a_broken_file_of_settings_leaves_the_defaults(plugin_settings, npe2pm):
    """As it may be after a crash, or by hand."""
    from napari.settings import get_plugin_settings

    npe2pm.register(MANIFEST)
    path = Path(get_plugin_settings(PLUGIN).config_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("work:\n  policy: nonsense\n  hovering: 12x\nmodels: 3\n")
    npe2pm.events.enablement_changed.emit({PLUGIN}, set())
    assert read_preferences() == Preferences()


def test_a_path_is_told_from_a_name(tmp_path):
    assert Preferences(model="vit_b").model_source == "vit_b"
    assert Preferences(model="facebook/sam-vit-base").model_source == "facebook/sam-vit-base"
    assert Preferences(model=str(tmp_path / "my.pt")).model_source == tmp_path / "my.pt"
    assert Preferences(model="~/my.pt").model_source == Path.home() / "my.pt"
