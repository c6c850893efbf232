"""Files are what was published, or what was first seen."""

from __future__ import annotations

import hashlib
import os

import pytest

from napari_cutout.sam import checksums
from napari_cutout.sam.checksums import check_file, file_digest
from napari_cutout.sam.errors import WeightsError

CONTENT = b"weights" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "sam.pth"
    path.write_bytes(CONTENT)
    return path


def change(path, content):
    """Write other bytes and make sure that the time stamp shows it."""
    path.write_bytes(content)
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 10))


@pytest.mark.parametrize("published", [f"sha256:{SHA256}", f"md5:{MD5}", f"md5:{MD5.upper()}"])
def test_a_whole_checksum_settles_it(weights, published):
    assert check_file(weights, published, weights.parent, "sam.pth") == ()


@pytest.mark.parametrize("published", [None, f"sha256:{SHA256[:16]}", f"md5:{MD5[:6]}"])
def test_without_a_whole_checksum_the_first_one_is_remembered(weights, published):
    notes = check_file(weights, published, weights.parent, "sam.pth")
    assert SHA256 in notes[0]
    change(weights, CONTENT + b"!")
    with pytest.raises(WeightsError):
        check_file(weights, published, weights.parent, "sam.pth")


@pytest.mark.parametrize("published", [f"sha256:{'0' * 64}", "sha256:0000", f"md5:{'0' * 32}"])
def test_another_checksum_names_both(weights, published):
    algorithm, expected = published.split(":")
    with pytest.raises(WeightsError, match=f"{file_digest(weights, algorithm)} where {expected}"):
        check_file(weights, published, weights.parent, "sam.pth")


def test_another_size(weights):
    with pytest.raises(WeightsError, match="has 7000 bytes where 7001 were expected"):
        check_file(weights, None, weights.parent, "sam.pth", size=7001)


def test_a_checked_file_is_not_read_again(weights):
    check_file(weights, None, weights.parent, "sam.pth")
    stamp = weights.stat()
    weights.write_bytes(CONTENT[::-1])
    os.utime(weights, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert check_file(weights, None, weights.parent, "sam.pth") == ()


@pytest.fixture
def no_xxhash(monkeypatch):
    """An environment without the package."""
    monkeypatch.setattr(checksums.importlib.util, "find_spec", lambda name: None)


def test_a_whole_xxh128_settles_it(weights):
    published = f"xxh128:{pytest.importorskip('xxhash').xxh3_128(CONTENT).hexdigest()}"
    assert check_file(weights, published, weights.parent, "sam.pth") == ()
    change(weights, CONTENT + b"!")
    with pytest.raises(WeightsError, match="its xxh128 is"):
        check_file(weights, published, weights.parent, "sam.pth")


@pytest.mark.usefixtures("no_xxhash")
def test_without_xxhash_it_is_said_each_time_that_nothing_was_checked(weights):
    for _ in range(2):
        (note,) = check_file(weights, f"xxh128:{'0' * 32}", weights.parent, "sam.pth")
        assert "not checked (pip install xxhash)" in note
        assert SHA256 in note


def test_a_file_is_checked_once_xxhash_is_there(weights):
    pytest.importorskip("xxhash")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checksums.importlib.util, "find_spec", lambda name: None)
        check_file(weights, f"xxh128:{'0' * 32}", weights.parent, "sam.pth")
    with pytest.raises(WeightsError, match=f"where {'0' * 32} is published"):
        check_file(weights, f"xxh128:{'0' * 32}", weights.parent, "sam.pth")


def test_a_damaged_ledger_is_begun_anew(weights):
    (weights.parent / "known_hashes.json").write_text("{")
    assert SHA256 in check_file(weights, None, weights.parent, "sam.pth")[0]
