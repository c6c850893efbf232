"""Other implementations, where they are installed."""

from __future__ import annotations

import pytest
import torch
from decoder import CONFIG, GRID, SIDE, randomised, the_clicks
from peers import PACKAGES, MetasDecoder, MetasDecoderToExport, left_out, missing

from napari_cutout.sam.sam import Sam


def test_ours_needs_nothing():
    assert missing("ours") == ""


def test_what_lacks_is_named(monkeypatch):
    monkeypatch.setitem(PACKAGES, "another", ("torch", "no_such_package"))

    assert missing("another") == "no_such_package"
    assert left_out(["another, float32", "ours, int8", "another, bfloat16"]) == [
        "Left out, no_such_package not installed: another, float32; another, bfloat16.",
        "Left out, there is none: ours, int8.",
    ]


@torch.no_grad()
def test_what_is_exported_of_meta_s_decoder_makes_the_same_tokens():
    if missing("Meta"):
        pytest.skip("segment_anything is not installed")
    sam, clicks = randomised(Sam(CONFIG)), the_clicks(3)

    actual = MetasDecoderToExport(sam, GRID, SIDE).embed(clicks)

    expected = MetasDecoder(sam, GRID, SIDE).embed(clicks)
    for one, other in zip(actual, expected, strict=True):
        torch.testing.assert_close(one, other)
