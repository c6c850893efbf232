"""Downloads by the hub's own client, from a hub on this machine."""

from __future__ import annotations

import hashlib
import http.server
import os
import subprocess
import sys
import threading

import pytest

from napari_cutout.sam.catalogue import Row
from napari_cutout.sam.download import fetch, is_on_disk
from napari_cutout.sam.errors import DownloadError, WeightsError

CONTENT = b"weights" * 100_000
CONFIG = b'{"mask_decoder_config": {"num_attention_heads": 4}}'
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Hub(http.server.BaseHTTPRequestHandler):
    """A hub whose repositories have pytorch_model.bin alone; someone's has config.json, too."""

    def do_HEAD(self):
        """Answer with what the hub tells of a file."""
        error = None
        if "/nobody/" in self.path:
            error = "RepoNotFound"
        elif "/gated/" in self.path:
            error = "GatedRepo"
        elif self._content is None:
            error = "EntryNotFound"
        if error is not None:
            self.send_response(403 if error == "GatedRepo" else 404)
            self.send_header("X-Error-Code", error)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("X-Repo-Commit", "0" * 40)
        etag = "0" * 64 if "/wrong/" in self.path else hashlib.sha256(self._content).hexdigest()
        self.send_header("X-Linked-ETag", f'"{etag}"')
        self.send_header("X-Linked-Size", str(len(self._content)))
        self.send_header("Content-Length", str(len(self._content)))
        self.end_headers()

    def do_GET(self):
        """Answer with the file."""
        self.do_HEAD()
        if self._content is not None:
            self.wfile.write(self._content)

    @property
    def _content(self):
        if self.path.endswith("pytorch_model.bin"):
            return CONTENT
        has_config = "/someone/" in self.path and self.path.endswith("config.json")
        return CONFIG if has_config else None

    def log_message(self, format, *args):
        """Be quiet."""


@pytest.fixture(scope="module")
def hub():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_CUTOUT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def row(hub, owner):
    return Row(f"{owner}/sam", repo=f"{owner}/sam", url=hub)


def test_the_first_file_that_is_there(hub, home):
    seen = []
    path = fetch(row(hub, "someone"), lambda done, total: seen.append((done, total)))
    assert path == home / "someone--sam" / "pytorch_model.bin"
    assert path.read_bytes() == CONTENT
    assert is_on_disk(row(hub, "someone"))
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_config_comes_with_the_weights(hub):
    path = fetch(row(hub, "someone"))
    for name in ("config.json", "preprocessor_config.json", "processor_config.json"):
        assert path.with_name(name).read_bytes() == CONFIG


def test_a_repository_needs_no_config(hub):
    path = fetch(row(hub, "another"))
    assert path.read_bytes() == CONTENT
    assert [file.name for file in path.parent.glob("*.json")] == []


def test_the_hubs_checksum_is_compared(hub, home):
    with pytest.raises(WeightsError, match=f"{SHA256} where {'0' * 64}"):
        fetch(row(hub, "wrong"))
    assert not is_on_disk(row(hub, "wrong"))


@pytest.mark.parametrize(
    ("owner", "reason"), [("nobody", "does not exist"), ("gated", "accept its terms")]
)
def test_repositories_that_cannot_be_had(hub, owner, reason):
    with pytest.raises(DownloadError, match=reason):
        fetch(row(hub, owner))


def test_a_repository_without_weights(hub):
    with pytest.raises(DownloadError, match=r"none of sam\.safetensors"):
        fetch(Row("x", repo="someone/sam", url=hub, file="sam.safetensors"))


def test_no_network(home):
    with pytest.raises(DownloadError, match="by hand") as caught:
        fetch(row("http://127.0.0.1:9", "someone"))
    assert "\n" not in str(caught.value)


def test_the_client_is_asked_only_where_its_cache_holds_the_repository(tmp_path):
    program = (
        "import sys; from napari_cutout.sam.hub import in_hub_cache; "
        "found = in_hub_cache('some/one', ('model.pt',)); "
        "print('huggingface_hub' in sys.modules, found)"
    )

    def asked(**environment):
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | environment,
        )
        return done.stdout.split()

    assert asked(HF_HOME=str(tmp_path)) == ["False", "None"]
    snapshot = tmp_path / "hub" / "models--some--one" / "snapshots" / ("a" * 40)
    snapshot.mkdir(parents=True)
    (snapshot / "model.pt").write_bytes(b"weights")
    refs = tmp_path / "hub" / "models--some--one" / "refs"
    refs.mkdir()
    (refs / "main").write_text("a" * 40)
    assert asked(HF_HOME=str(tmp_path)) == ["True", str(snapshot / "model.pt")]
    assert asked(HF_HUB_CACHE=str(tmp_path / "hub")) == ["True", str(snapshot / "model.pt")]
