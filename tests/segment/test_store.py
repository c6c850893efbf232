"""Feature maps on disk: whole or not there, whatever happens to the processes that write them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from napari_cutout.sam.family import Features
from napari_cutout.segment import EmbeddingStore, Prompts, Segmenter, StoreError, StoreWarning
from napari_cutout.segment.store import STALE_SECONDS, beside

WITHOUT_FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")


def features(seed=0, dtype=torch.float16):
    maps = torch.rand(2, 1, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
    return Features({"image": maps[0].to(dtype), "skip": maps[1].to(dtype)}, (30, 40), (24, 32))


def same(one, other):
    return (
        one.pixel_size == other.pixel_size
        and one.input_size == other.input_size
        and one.maps.keys() == other.maps.keys()
        and all(torch.equal(one.maps[name], other.maps[name]) for name in one.maps)
        and all(one.maps[name].dtype == other.maps[name].dtype for name in one.maps)
    )


@pytest.fixture
def store(tmp_path):
    return EmbeddingStore(tmp_path / "store")


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_what_was_put_is_found_as_it_was(store, dtype):
    store.put("ab1", features(1, dtype))
    assert same(store.get("ab1"), features(1, dtype))


def test_what_was_not_put_is_not_there(store):
    assert store.get("ab1") is None
    assert "ab1" not in store
    assert (len(store), store.size) == (0, 0)


def test_another_store_of_the_same_folder_finds_it(store):
    store.put("ab1", features())
    other = EmbeddingStore(store.path)
    assert same(other.get("ab1"), features())
    assert len(other) == 1
    assert other.size > 4 * 3 * 64 * 2


def test_clearing_leaves_nothing(store):
    store.put("ab1", features())
    store.clear()
    assert not store.path.exists()
    assert store.get("ab1") is None


def test_clearing_keeps_what_is_not_ours(store):
    store.put("ab1", features())
    (store.path / "notes.txt").write_text("mine")
    store.clear()
    assert [path.name for path in store.path.iterdir()] == ["notes.txt"]


def test_a_full_store_drops_what_was_not_used_for_longest(store):
    for name in ("ab1", "ab2"):
        store.put(name, features())
    for age, name in ((30, "ab1"), (60, "ab2")):
        at = next(store.path.rglob(name)).stat().st_mtime - age
        os.utime(next(store.path.rglob(name)), (at, at))
    full = EmbeddingStore(store.path, capacity=2 * store.size // 2)
    full.put("ab3", features())
    assert [name in full for name in ("ab1", "ab2", "ab3")] == [True, False, True]


@pytest.mark.parametrize("damage", ["cut", "changed", "removed", "marker"])
def test_what_is_damaged_is_thrown_away(store, damage):
    store.put("ab1", features())
    place = next(store.path.rglob("ab1"))
    chunk = max(place.rglob("*"), key=lambda path: path.stat().st_size if path.is_file() else 0)
    if damage == "cut":
        chunk.write_bytes(chunk.read_bytes()[:-8])
    elif damage == "changed":
        chunk.write_bytes(bytes(1) + chunk.read_bytes()[1:])
    elif damage == "removed":
        chunk.unlink()
    else:
        (place / "complete.json").write_text("{")
    assert store.get("ab1") is None
    assert not place.exists()
    store.put("ab1", features())
    assert same(store.get("ab1"), features())


def test_an_entry_without_its_marker_is_written_anew(store):
    store.put("ab1", features())
    (next(store.path.rglob("ab1")) / "complete.json").unlink()
    assert store.get("ab1") is None
    store.put("ab1", features())
    assert same(store.get("ab1"), features())


def test_what_a_dead_process_left_behind_is_removed(store):
    store.put("ab1", features())
    left = {name: store.path / "v1" / f"writing-{name}" for name in ("old", "new")}
    for folder in left.values():
        folder.mkdir()
    at = left["old"].stat().st_mtime - STALE_SECONDS - 60
    os.utime(left["old"], (at, at))
    again = EmbeddingStore(store.path)
    assert [folder.exists() for folder in left.values()] == [False, True]
    assert len(again) == 1


def test_where_nothing_can_be_written_it_is_said_once(tmp_path):
    (tmp_path / "file").write_text("no folder")
    said = []
    store = EmbeddingStore(tmp_path / "file" / "store", warn=said.append)
    store.put("ab1", features())
    store.put("ab2", features())
    assert len(said) == 1
    assert isinstance(said[0], StoreError)
    assert "in memory only" in str(said[0])


def test_without_anyone_to_tell_it_is_a_warning(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.warns(StoreWarning, match="another folder"):
        EmbeddingStore(tmp_path / "file" / "store").put("ab1", features())


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)
def test_a_read_only_folder_is_read(store):
    store.put("ab1", features())
    said = []
    for folder in (*store.path.rglob("*"), store.path):
        if folder.is_dir():
            folder.chmod(0o555)
    reader = EmbeddingStore(store.path, warn=said.append)
    assert same(reader.get("ab1"), features())
    reader.put("cd1", features())
    assert len(said) == 1
    for folder in (store.path, *store.path.rglob("*")):
        if folder.is_dir():
            folder.chmod(0o755)


def test_a_segmenter_finds_what_another_one_stored(tmp_path, family, squares):
    first = Segmenter.from_family(family, "exact", store=tmp_path / "store")
    expected = first.predict(first.encode(squares), Prompts(points=[[5, 7]]))
    second = Segmenter.from_family(family, "exact", store=tmp_path / "store")
    found = second.predict(second.encode(squares), Prompts(points=[[5, 7]]))
    assert family.calls["encode"] == 1
    assert np.array_equal(found.logits, expected.logits)


def test_other_pixels_and_other_weights_are_encoded_again(tmp_path, family, squares):
    segmenter = Segmenter.from_family(family, "exact", store=tmp_path / "store")
    segmenter.encode(squares)
    segmenter.encode(squares[::-1])
    family.fingerprint = "trained further"
    Segmenter.from_family(family, "exact", store=segmenter.store).encode(squares)
    assert family.calls["encode"] == 3
    assert len(segmenter.store) == 3


def test_an_embedding_may_have_a_store_of_its_own(tmp_path, family, squares):
    segmenter = Segmenter.from_family(family, "exact", store=tmp_path / "store")
    other = EmbeddingStore(tmp_path / "other")
    segmenter.encode(squares, store=other)
    assert (len(segmenter.store), len(other)) == (0, 1)


def test_a_segmenter_goes_on_where_nothing_can_be_written(tmp_path, family, squares):
    (tmp_path / "file").write_text("no folder")
    said = []
    store = EmbeddingStore(tmp_path / "file" / "store", warn=said.append)
    segmenter = Segmenter.from_family(family, "exact", store=store)
    prediction = segmenter.predict(segmenter.encode(squares), Prompts(points=[[5, 7]]))
    assert np.array_equal(prediction.masks[0], squares == 200)
    assert len(said) == 1


def test_the_store_of_a_file_lies_beside_it():
    assert beside(Path("data/cells.tif")) == Path("data/cells.tif.embeddings.zarr")


FULL_DISK = """
import resource, sys, torch
from napari_cutout.sam.family import Features
from napari_cutout.segment import EmbeddingStore
said = []
store = EmbeddingStore(sys.argv[1], warn=said.append)
# No file may grow beyond that: writing fails as it does on a full disk.
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
store.put("ab1", Features({"image": torch.rand(1, 8, 64, 64)}, (64, 64), (64, 64)))
assert store.get("ab1") is None
assert [path.name for path in store.path.rglob("*") if path.is_file()] == []
assert len(said) == 1, said
"""

KILLED = """
import json, os, signal, sys, torch, zarr
from napari_cutout.sam.family import Features
from napari_cutout.segment import EmbeddingStore

def features(seed):
    maps = torch.rand(2, 1, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
    return Features({"image": maps[0], "skip": maps[1]}, (30, 40), (24, 32))

def die_at(moment):
    count = 0
    def hook(event, arguments):
        nonlocal count
        if event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir"):
            if sys.argv[1] in str(arguments[0]):
                count += 1
                if count == moment:
                    os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)

def in_child(moment):
    child = os.fork()
    if not child:
        die_at(moment)
        store = EmbeddingStore(sys.argv[1])
        store.put("ab1", features(moment))
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

killed, found = 0, 0
for moment in range(1, 60, 2):
    code = in_child(moment)
    killed += code == -signal.SIGKILL
    child = os.fork()
    if not child:
        store = EmbeddingStore(sys.argv[1])
        kept = store.get("ab1")
        whole = kept is None or torch.equal(kept.maps["skip"], features(moment).maps["skip"])
        # What can't be read can be written: nothing of a dead process is in the way.
        store.put("ab2", features(0))
        able = torch.equal(store.get("ab2").maps["skip"], features(0).maps["skip"])
        code = 10 + 1 * (kept is not None) if whole and able else 1
        store.clear()
        os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (10, 11), (moment, code)
    found += code == 11
print(json.dumps([killed, found]))
"""

TWO_WRITERS = """
import os, sys, torch, zarr
from napari_cutout.sam.family import Features
from napari_cutout.segment import EmbeddingStore

def features(seed):
    maps = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
    return Features({"image": maps}, (30, 40), (24, 32))

def write():
    said = []
    store = EmbeddingStore(sys.argv[1], warn=said.append)
    for key in range(20):
        store.put(f"ab{key}", features(key))
        kept = store.get(f"ab{key}")
        assert torch.equal(kept.maps["image"], features(key).maps["image"])
    assert not said, said

children = []
for _ in range(3):
    child = os.fork()
    if not child:
        try:
            write()
        finally:
            os._exit(sys.exc_info()[0] is not None)
    children.append(child)
assert not any(os.waitpid(child, 0)[1] for child in children)
"""


def run(code, *arguments):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@WITHOUT_FORK
def test_a_full_disk_leaves_nothing_half_written(tmp_path):
    run(FULL_DISK, tmp_path / "store")


@WITHOUT_FORK
def test_a_process_killed_at_any_moment_leaves_whole_entries_or_none(tmp_path):
    killed, found = json.loads(run(KILLED, tmp_path / "store"))
    assert killed > 10
    assert found > 0


@WITHOUT_FORK
def test_processes_that_write_the_same_leave_one_of_each(tmp_path):
    run(TWO_WRITERS, tmp_path / "store")
    store = EmbeddingStore(tmp_path / "store")
    assert len(store) == 20
    assert not list(store.path.glob("*/writing-*"))
