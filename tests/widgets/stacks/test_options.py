"""Every option of a run can be set, and is explained."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

import pytest
from qtpy.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QSpinBox

from napari_cutout.segment.automatic.filters import Filters
from napari_cutout.stacks.linking.options import LinkOptions, VolumeOptions
from napari_cutout.stacks.propagating.options import PropagateOptions
from napari_cutout.widgets.stacks.options import RunOptions

pytestmark = pytest.mark.gui


@dataclass(frozen=True)
class Various:
    """Options of all kinds.

    Parameters
    ----------
    way
        Which way.
    names
        What no control is for.
    """

    way: Literal["there_and_back", "there"] = "there"
    names: tuple[str, ...] = ()


@pytest.fixture
def section(qtbot):
    shown = RunOptions("Advanced", "Options")
    qtbot.addWidget(shown)
    shown.heard = []
    shown.changed.connect(lambda *heard: shown.heard.append(heard))
    return shown


@pytest.mark.parametrize("options", [LinkOptions(), VolumeOptions(), Filters()])
def test_every_field_has_a_control_with_its_meaning(section, options):
    section.show_options(options)

    assert list(section.controls) == [field.name for field in fields(options)]
    tips = {name: control.toolTip() for name, control in section.controls.items()}
    assert [name for name, tip in tips.items() if tip in ("", name)] == []


def test_numbers_and_switches_are_shown_and_told_of(section):
    section.show_options(LinkOptions(max_gap=3, divisions=False, motion=0.25))
    gap, divisions = section.controls["max_gap"], section.controls["divisions"]
    motion = section.controls["motion"]
    assert (type(gap), gap.value()) == (QSpinBox, 3)
    assert (type(divisions), divisions.isChecked()) == (QCheckBox, False)
    assert isinstance(motion, QDoubleSpinBox)
    assert (motion.value(), motion.text()) == (0.25, "0.25")
    gap.setValue(2)
    divisions.click()
    motion.setValue(0.5)

    assert section.heard == [("max_gap", 2), ("divisions", True), ("motion", 0.5)]


def test_what_is_left_open_says_so(section):
    section.show_options(LinkOptions())
    distance = section.controls["max_distance"]
    assert distance.text() == "not set"
    distance.setValue(12.5)
    distance.setValue(0)

    assert section.heard == [("max_distance", 12.5), ("max_distance", None)]


def test_words_are_chosen_among(section):
    section.show_options(Various())
    (way,) = section.controls.values()
    assert isinstance(way, QComboBox)
    assert (way.currentText(), way.itemText(0)) == ("there", "there and back")
    way.setCurrentIndex(0)
    way.activated.emit(0)

    assert section.heard == [("way", "there_and_back")]


def test_options_of_another_kind_take_their_place(section):
    section.show_options(LinkOptions())
    section.show_options(VolumeOptions(min_extent=4))

    assert section.controls["min_extent"].value() == 4
    assert section.heard == []


@pytest.mark.parametrize(
    ("options", "name", "lowest", "highest"),
    [
        (Filters(), "min_area", 0, 1e10),
        (Filters(max_area=50), "min_area", 0, 1e10),
        (Filters(), "min_roundness", 0, 1),
        (Filters(), "max_area", 0, 1e10),
        (Filters(), "min_score", -1e9, 1e10),
        (LinkOptions(), "max_distance", 0, 1e10),
        (LinkOptions(), "min_length", 1, 1_000_000),
        (PropagateOptions(), "max_area_change", 1, 1e6),
        (PropagateOptions(), "patience", 0, 1_000_000),
    ],
)
def test_numbers_go_as_far_as_the_options_take_them(section, options, name, lowest, highest):
    section.show_options(options)
    control = section.controls[name]

    assert (control.minimum(), control.maximum()) == (lowest, highest)
    assert section.heard == []


def test_a_large_number_is_shown_as_it_is(section):
    section.show_options(Filters(max_area=25_000_000))

    control = section.controls["max_area"]
    assert (control.value(), control.text()) == (25_000_000, "25000000")
