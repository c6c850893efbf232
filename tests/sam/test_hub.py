"""Downloads by the hub's own client, from a hub on this machine."""

from __future__ import annotations

import hashlib
import http.server
import os
import subprocess
import sys
import threading
from typing import ClassVar

import pytest
from huggingface_hub import hf_hub_download

from napari_cutout.sam import load_model, save_huggingface
from napari_cutout.sam import loading as loading_room
from napari_cutout.sam.catalogue import Row
from napari_cutout.sam.download import fetch, is_on_disk, not_asked_for
from napari_cutout.sam.errors import DownloadError, WeightsError

CONTENT = b"weights" * 100_000
CONFIG = b'{"mask_decoder_config": {"num_attention_heads": 4}}'
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Hub(http.server.BaseHTTPRequestHandler):
    """A hub whose repositories have pytorch_model.bin alone; someone's has config.json, too."""

    asked: ClassVar[list[str]] = []

    def do_HEAD(self):
        """Answer with what the hub tells of a file."""
        self.asked.append(self.path)
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


STATED = ("config.json", "preprocessor_config.json", "processor_config.json")
NOBODY = "http://127.0.0.1:9"


def weights_alone(path):
    """As a download left them that asked for nothing beside them."""
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    return path


def test_what_is_said_of_weights_on_disk_is_fetched(hub, home):
    path = weights_alone(home / "someone--sam" / "pytorch_model.bin")

    assert fetch(row(hub, "someone")) == path

    assert [path.with_name(name).read_bytes() for name in STATED] == [CONFIG] * 3
    assert not_asked_for(row(hub, "someone")) == ()


@pytest.mark.parametrize("is_there", [True, False])
def test_that_nothing_is_said_is_remembered(hub, home, is_there):
    path = home / "another--sam" / "pytorch_model.bin"
    if is_there:
        weights_alone(path)
    fetch(row(hub, "another"))
    Hub.asked.clear()

    fetch(row(hub, "another"))

    assert Hub.asked == []
    assert not_asked_for(row(hub, "another")) == ()
    assert list(path.parent.glob("*.json")) == []


@pytest.mark.parametrize("owner", ["someone", "another"])
def test_what_is_said_of_weights_in_the_clients_cache_is_fetched_beside_them(
    hub, owner, tmp_path, monkeypatch
):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    path = hf_hub_download(f"{owner}/sam", "pytorch_model.bin", endpoint=hub)
    fetch(row(hub, owner))
    Hub.asked.clear()

    found = fetch(row(hub, owner))

    assert str(found) == path
    there = [name for name in STATED if found.with_name(name).is_file()]
    assert there == (list(STATED) if owner == "someone" else [])
    assert Hub.asked == []
    assert not_asked_for(row(hub, owner)) == ()


def test_without_a_network_weights_on_disk_are_good_and_asked_about_later(hub, home, caplog):
    path = weights_alone(home / "someone--sam" / "pytorch_model.bin")

    assert fetch(row(NOBODY, "someone"), note=lambda _: None) == path

    assert caplog.records == []
    assert not_asked_for(row(NOBODY, "someone")) == STATED
    fetch(row(hub, "someone"))
    assert not_asked_for(row(hub, "someone")) == ()


def test_what_could_not_be_asked_for_is_in_the_models_notes(home, small_sam, monkeypatch):
    save_huggingface(small_sam, home / "someone--sam")
    monkeypatch.setattr(loading_room, "find", lambda _: row(NOBODY, "someone"))
    assert load_model("someone/sam", device="cpu").info.notes == ()
    (home / "someone--sam" / "preprocessor_config.json").unlink()

    assert load_model("someone/sam", device="cpu").info.notes == (
        "the hub couldn't be asked for preprocessor_config.json, processor_config.json of "
        "someone/sam: what they would say is taken to be SAM's own",
    )


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
