"""What is linked, and how, by the options that were given."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_cutout.cli.errors import InputError
from napari_cutout.cli.stack_options import asked_to_link
from napari_cutout.stacks.linking.options import LinkOptions, VolumeLinkOptions, VolumeOptions

CTC = Path("cells_RES")


def asked(axes, link=None, volume=False, distance=None, gap=None, length=None, ctc=None):
    return asked_to_link(tuple(axes), link, volume, distance, gap, length, ctc)


@pytest.mark.parametrize("how", [{"link": True}, {"ctc": CTC}])
@pytest.mark.parametrize("axes", ["tz", "zt", "ptz", "pz", "tcz"])
def test_volumes_are_linked_over_time_where_both_are_asked_for(axes, how):
    assert asked(axes, volume=True, **how) == VolumeLinkOptions()


def test_options_of_volumes_over_time_are_those_of_time():
    wanted = asked("tz", volume=True, distance=4.5, gap=2, length=3)
    assert wanted == VolumeLinkOptions(link=LinkOptions(max_distance=4.5, max_gap=2, min_length=3))


def test_volumes_alone_are_joined():
    assert asked("tz", volume=True, gap=2, length=3) == VolumeOptions(max_gap=2, min_extent=3)
    assert asked("z", volume=True, link=True) == VolumeOptions()


def test_channels_are_no_time():
    assert asked("cz", volume=True, link=True) == VolumeOptions()
    with pytest.raises(InputError, match="--ctc is for frames over time"):
        asked("cz", volume=True, ctc=CTC)


def test_without_volumes_each_slice_is_linked_over_time():
    assert asked("tz") == LinkOptions()
    assert asked("tz", ctc=CTC) == LinkOptions()
    assert asked("z") == VolumeOptions()
    assert asked("p") is None
    assert asked("tz", link=False) is None
