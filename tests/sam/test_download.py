"""Downloads from a server on this machine that misbehaves in every way."""

from __future__ import annotations

import hashlib
import http.server
import logging
import os
import socket
import sys
import threading
import time
from dataclasses import replace

import pytest

from napari_cutout.sam import download
from napari_cutout.sam.catalogue import Row, find
from napari_cutout.sam.download import fetch, is_on_disk, path_of, weights_dir
from napari_cutout.sam.errors import DownloadError, WeightsError

CONTENT = os.urandom(3 * 2**20 + 17)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves CONTENT at /whole; all of it but the end, having promised it, at /cut."""

    def do_GET(self):
        """Answer."""
        if self.path.startswith("/missing"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[:-1000] if self.path.startswith("/cut") else CONTENT)

    def log_message(self, format, *args):
        """Be quiet."""


@pytest.fixture(scope="module")
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_CUTOUT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def row(server):
    return Row("model", url=f"{server}/whole/sam.pth", hash=f"sha256:{SHA256}", size=len(CONTENT))


def weights_in(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != "known_hashes.json")


def test_a_download_is_whole_and_has_its_name(row, home):
    assert not is_on_disk(row)
    path = fetch(row)
    assert path == path_of(row) == home / "sam.pth"
    assert path.read_bytes() == CONTENT
    assert is_on_disk(row)
    assert weights_in(home) == ["sam.pth"]


def test_what_is_there_is_not_downloaded(row, home):
    path = fetch(row)
    assert fetch(replace(row, url="http://127.0.0.1:9/whole/sam.pth")) == path


def test_progress_ends_at_the_total(row):
    seen = []
    fetch(row, lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen)
    assert seen[0][0] < len(CONTENT)
    assert seen[-1] == (len(CONTENT), len(CONTENT))


@pytest.mark.parametrize("path", ["cut", "missing"])
def test_a_failed_download_leaves_nothing_and_can_be_tried_again(server, row, home, path):
    bad = replace(row, url=f"{server}/{path}/sam.pth")
    with pytest.raises(DownloadError) as caught:
        fetch(bad)
    message = str(caught.value)
    assert bad.url in message
    assert str(home / "sam.pth") in message
    assert "\n" not in message
    assert weights_in(home) == []
    assert fetch(row).read_bytes() == CONTENT


def test_no_network(row, home):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/sam.pth"
        with pytest.raises(DownloadError, match=r"put the file at .*sam\.pth by hand"):
            fetch(replace(row, url=url))
    assert weights_in(home) == []


def test_a_wrong_checksum_deletes_the_download(row, home):
    with pytest.raises(WeightsError, match=f"{SHA256} where {'0' * 64} .* deleted it"):
        fetch(replace(row, hash=f"sha256:{'0' * 64}"))
    assert weights_in(home) == []


def test_a_first_download_without_a_checksum_is_said(row, caplog):
    with caplog.at_level(logging.WARNING):
        fetch(replace(row, hash=None))
    assert SHA256 in caplog.text


def test_a_file_put_there_by_hand_is_checked(row, home):
    home.mkdir()
    (home / "sam.pth").write_bytes(CONTENT[:-1])
    with pytest.raises(WeightsError, match=r"move .*sam\.pth away"):
        fetch(row)
    (home / "sam.pth").write_bytes(CONTENT)
    assert fetch(row) == home / "sam.pth"


def test_a_killed_download_is_swept_away_a_day_later(row, home):
    home.mkdir()
    for name, age in [("sam.pth.old.part", 2), ("sam.pth.other.part", 0)]:
        (home / name).write_bytes(b"")
        os.utime(home / name, (time.time(), time.time() - age * 24 * 3600))
    fetch(row)
    assert weights_in(home) == ["sam.pth", "sam.pth.other.part"]


def test_an_interrupt_leaves_nothing(row, home):
    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(row, interrupt)
    assert weights_in(home) == []


@pytest.mark.skipif(sys.platform == "win32", reason="files can't be limited there")
def test_no_room_on_the_disk(row, home):
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, limits[1]))
    try:
        with pytest.raises(DownloadError, match=r"no room for sam\.pth"):
            fetch(row)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert weights_in(home) == []


def test_a_home_that_cannot_be_made(row, home):
    home.write_text("a file")
    with pytest.raises(DownloadError, match="NAPARI_CUTOUT_HOME"):
        fetch(row)


def test_a_name_is_looked_up(home):
    home.mkdir()
    with pytest.raises(WeightsError, match="no model is called 'nonsense'"):
        fetch("nonsense")


def test_the_packaged_model_is_not_in_the_home():
    assert weights_dir() not in path_of(find("compact")).parents


def test_weights_missing_from_the_package(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "_PACKAGED", tmp_path)
    with pytest.raises(WeightsError, match="install it again"):
        fetch("compact")
