"""Where a journal's files go, and that nobody else writes them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from logged import IMAGE, NOW, first
from napari_cutout.formats.logs.log_entries import Entry
from napari_cutout.formats.logs.log_json import entry_to_json
from napari_cutout.formats.logs.prompt_log import line_of
from napari_cutout.layers.journal.files import (
    Lock,
    Place,
    claim,
    data_folder,
    prompts_path,
    usual_folder,
)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path, "cells.tif.cutout")


def image_at(path, **changes):
    return replace(IMAGE, path=str(path), **changes)


def write(log, *entries):
    log.write_bytes(b"".join(line_of(entry_to_json(entry)) for entry in entries))


def test_beside_an_image_the_names_begin_with_its_own(tmp_path):
    place = Place.of(image_at(tmp_path / "cells.tif"), tmp_path)
    assert next(place.logs()) == tmp_path / "cells.tif.cutout.jsonl"
    assert prompts_path(next(place.logs())) == tmp_path / "cells.tif.cutout.prompts.json"


def test_elsewhere_images_of_one_name_do_not_meet(tmp_path):
    places = [Place.of(image_at(f"/{folder}/cells.tif"), tmp_path) for folder in "ab"]
    assert places[0].stem != places[1].stem
    assert all(place.stem.startswith("cells.tif-") for place in places)


def test_any_name_of_a_layer_becomes_a_file_s(tmp_path):
    for name in ("a/b: <c>?", "..", "x" * 999, "", "Zellen \u00e4\udcff"):
        place = Place.of(replace(IMAGE, path="", name=name), tmp_path)
        log = next(place.logs())
        log.write_bytes(b"")
        assert log.parent == tmp_path


@pytest.mark.parametrize("path", ["", "https://example.org/cells.tif", "/no/such/folder/cells.tif"])
def test_images_that_lie_nowhere_go_to_the_user_s_folder(path):
    assert usual_folder(image_at(path)) == data_folder()


def test_images_that_are_files_keep_theirs_beside_them(tmp_path):
    assert usual_folder(image_at(tmp_path / "cells.tif")) == tmp_path


def test_a_lock_is_one_s_own(place):
    log = next(place.logs())
    lock = Lock(log)
    with pytest.raises(BlockingIOError):
        Lock(log)
    lock.release()
    Lock(log).release()
    assert list(place.folder.iterdir()) == []


def test_a_lock_ends_with_its_process(place):
    log = next(place.logs())
    program = f"""
import os, pathlib
from napari_cutout.layers.journal.files import Lock
lock = Lock(pathlib.Path({str(log)!r}))
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 9
    Lock(log).release()


def test_the_first_name_that_is_free_is_taken(place):
    first_claim, second_claim = claim(place), claim(place)
    assert [found.log.name for found in (first_claim, second_claim)] == [
        "cells.tif.cutout.jsonl",
        "cells.tif.cutout-2.jsonl",
    ]
    first_claim.lock.release()
    assert claim(place).log == first_claim.log


def test_a_log_that_was_closed_is_gone_on_with(place):
    log = next(place.logs())
    write(log, first(), Entry("closed", 1, NOW))
    found = claim(place)
    assert (found.log, found.size) == (log, log.stat().st_size)


@pytest.mark.parametrize("left", ["log", "prompts"])
def test_what_may_still_be_restored_is_left_alone(place, left):
    log = next(place.logs())
    write(log, first())
    if left == "prompts":
        log.unlink()
        prompts_path(log).write_text("{}")
    assert claim(place).log.name == "cells.tif.cutout-2.jsonl"
    assert place.found() == [log]


def test_a_folder_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        claim(Place(tmp_path / "nowhere", "cells"))


def test_the_user_s_folder_is_made(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_CUTOUT_HOME", str(tmp_path / "home"))
    claim(Place(data_folder(), "cells")).lock.release()
    assert data_folder() == tmp_path / "home" / "autosave"
    assert data_folder().is_dir()
