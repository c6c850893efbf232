"""Records of frames: what is written is read again, and what isn't whole is noticed."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finding import sets
from napari_cutout.segment.automatic.objects import FoundObject
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.windows import Window
from napari_cutout.stacks.output.record import count, from_bytes, to_bytes
from napari_cutout.stacks.running.results import FrameResult

ONE = FoundObject(Rle((2, 2), "0120"), (3, 4), 0.1 + 0.2, 1 / 3, Window(0, 0, 9, 9), (3.5, 4.5))
RESULT = FrameResult((2, 5), (ONE,), seconds={"read": 1.0})


@given(found=sets(), state=st.sampled_from(["found", "failed"]), reason=st.text())
def test_what_was_written_is_read(found, state, reason):
    result = FrameResult((3,), found.objects.found, state, reason)

    assert from_bytes(to_bytes(result, "key"), "key") == result


def test_numbers_come_back_bit_for_bit():
    (one,) = from_bytes(to_bytes(RESULT, "key"), "key").objects

    assert one == ONE


def test_seconds_are_left_out_so_that_records_are_the_same():
    again = FrameResult((2, 5), (ONE,), seconds={"read": 2.0})

    assert to_bytes(RESULT, "key") == to_bytes(again, "key")


def test_a_score_that_is_no_number_is_kept():
    odd = FoundObject(ONE.mask, ONE.origin, math.nan, 0.5, ONE.window)
    (one,) = from_bytes(to_bytes(FrameResult((0,), (odd,)), "key"), "key").objects

    assert math.isnan(one.score)


@given(kept=st.floats(0, 1, exclude_max=True))
def test_a_record_that_was_cut_off_is_none(kept):
    text = to_bytes(RESULT, "key")
    torn = text.rstrip(b"\n")[: int(kept * (len(text) - 1))]

    assert from_bytes(torn, "key") is None
    assert count(torn, "key") is None


@given(data=st.data())
def test_a_changed_byte_is_noticed(data):
    text = bytearray(to_bytes(RESULT, "key"))
    body = text.index(b"\n") + 1
    at = data.draw(st.integers(body, len(text) - 2))
    text[at] ^= data.draw(st.integers(1, 255))

    assert from_bytes(bytes(text), "key") is None


@pytest.mark.parametrize("text", [b"", b"\0" * 300, b"{}\n", b"[1]\n{}", b"\xff\n"])
def test_what_is_no_record_is_none(text):
    assert from_bytes(text, "key") is None
    assert count(text, "key") is None


def test_a_record_of_other_settings_is_none():
    assert from_bytes(to_bytes(RESULT, "other"), "key") is None


def test_objects_are_counted():
    assert count(to_bytes(RESULT, "key"), "key") == 1


def test_a_record_of_another_frame_does_not_count():
    text = to_bytes(replace(RESULT, identity="now"), "key")

    assert [count(text, "key", identity) for identity in ("now", "then", "", None)] == [
        1,
        None,
        None,
        1,
    ]
    assert from_bytes(text, "key").identity == "now"
