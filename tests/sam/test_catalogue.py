"""The catalogue's facts are well-formed, and names are found or explained."""

from __future__ import annotations

import re

import pytest

from napari_cutout.sam.catalogue import Row, catalogue, find
from napari_cutout.sam.errors import WeightsError

ROWS = list(catalogue().values())


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_every_row_is_complete(row):
    assert row.licence != "unknown"
    assert row.good_for.endswith(".")
    assert row.source
    assert not (row.url and row.repo)
    assert row.hash is None or re.fullmatch(
        "sha256:[0-9a-f]{1,64}|md5:[0-9a-f]{1,32}|xxh128:[0-9a-f]{1,32}", row.hash
    )


def test_no_two_rows_share_a_file():
    files = [(row.repo, name) for row in ROWS for name in row.file_names]
    assert len(set(files)) == len(files)


def test_the_default_model_is_in_the_package():
    assert [row.name for row in ROWS if row.in_package] == ["compact"]


def test_any_hub_repository():
    assert find("someone/their-sam") == Row(
        "someone/their-sam", repo="someone/their-sam", source="huggingface.co/someone/their-sam"
    )


@pytest.mark.parametrize(
    ("name", "meant"), [("VIT_B", "vit_b"), ("mobilesam", "mobile_sam"), ("vit-h", "vit_h")]
)
def test_a_misspelt_name(name, meant):
    with pytest.raises(
        WeightsError, match=rf"no model is called '{name}'; did you mean .*'{meant}'"
    ):
        find(name)


def test_a_name_like_no_other():
    with pytest.raises(WeightsError, match=r"there are compact, vit_b, .* path of a file"):
        find("zzz")
