"""The manifest is one that npe2 accepts and that napari shows in full."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from napari.layers import Layer
from npe2 import PluginManifest

import display
import napari_cutout

PATH = Path(napari_cutout.__file__).with_name("napari.yaml")
MANIFEST = PluginManifest.from_file(PATH)
CONTRIBUTIONS = MANIFEST.contributions
COMMANDS = {command.id: command for command in CONTRIBUTIONS.commands}


def test_installed_distribution_points_at_the_manifest():
    (entry,) = entry_points(group="napari.manifest", name="napari-cutout")

    assert entry.value == "napari_cutout:napari.yaml"
    assert PluginManifest.from_distribution("napari-cutout").contributions == CONTRIBUTIONS


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_commands_resolve_to_callables(command):
    module, _, name = command.python_name.partition(":")
    if module.startswith("napari_cutout.widgets") and (problem := display.qt_problem()):
        pytest.skip(problem)

    assert callable(getattr(import_module(module), name))


def test_menus_are_among_those_that_napari_takes_from_plugins():
    from napari._app_model.constants import MenuId

    ours = {submenu.id for submenu in CONTRIBUTIONS.submenus}
    assert set(CONTRIBUTIONS.menus) - ours <= {str(menu) for menu in MenuId.contributables()}


def test_submenus_are_shown_and_filled():
    items = [item for items in CONTRIBUTIONS.menus.values() for item in items]
    shown = {item.submenu for item in items if hasattr(item, "submenu")}
    assert {submenu.id for submenu in CONTRIBUTIONS.submenus} == shown
    assert shown <= set(CONTRIBUTIONS.menus)


def test_menus_widgets_samples_and_files_name_commands_that_exist():
    named = [
        *(
            item.command
            for items in CONTRIBUTIONS.menus.values()
            for item in items
            if hasattr(item, "command")
        ),
        *(widget.command for widget in CONTRIBUTIONS.widgets),
        *(sample.command for sample in CONTRIBUTIONS.sample_data),
        *(reader.command for reader in CONTRIBUTIONS.readers),
        *(writer.command for writer in CONTRIBUTIONS.writers),
    ]

    assert set(named) == set(COMMANDS)


@pytest.mark.parametrize("sample", CONTRIBUTIONS.sample_data, ids=lambda sample: sample.key)
def test_samples_open_as_layers(sample):
    module, _, name = COMMANDS[sample.command].python_name.partition(":")
    layers = [Layer.create(*data) for data in getattr(import_module(module), name)()]

    assert len(layers) == 1
