"""Listing models and getting one."""

import json

import pytest

from napari_cutout.sam import checksums
from napari_cutout.sam.catalogue import catalogue
from napari_cutout.sam.download import path_of, weights_dir


def test_table_names_every_model(run):
    listed = run("models").stdout

    assert all(name in listed for name in catalogue())
    assert str(weights_dir()) in listed


def test_json_has_every_model_with_its_facts(run):
    models = {row["name"]: row for row in json.loads(run("models", "--json").stdout)["models"]}

    assert list(models) == list(catalogue())
    assert models["compact"]["on_disk"]
    assert models["vit_h"]["size"] == 2564550879
    assert models["vit_h"]["licence"] == "Apache-2.0"


def test_getting_what_is_there_says_where(run):
    result = run("models", "get", "compact")

    assert result.exit_code == 0
    assert str(path_of(catalogue()["compact"])) in result.stdout


def test_getting_what_can_not_be_checked_says_so(run, tmp_path, monkeypatch):
    monkeypatch.setenv("NAPARI_CUTOUT_HOME", str(tmp_path))
    monkeypatch.setattr(checksums.importlib.util, "find_spec", lambda name: None)
    (tmp_path / "vit_b_lm.pt").write_bytes(b"weights")
    result = run("models", "get", "vit_b_lm")

    assert result.stdout == f"vit_b_lm is there already: {tmp_path / 'vit_b_lm.pt'}\n"
    assert "not checked (pip install xxhash)" in result.stderr


def test_a_model_that_is_not_the_published_one_is_refused(refused, tmp_path, monkeypatch):
    pytest.importorskip("xxhash")
    monkeypatch.setenv("NAPARI_CUTOUT_HOME", str(tmp_path))
    (tmp_path / "vit_b_lm.pt").write_bytes(b"weights")

    assert "fe9252a29f3f4ea53c15a06de471e186 is published" in refused("models", "get", "vit_b_lm")


def test_getting_an_unknown_name_is_refused(refused):
    assert "did you mean 'mobile_sam'" in refused("models", "get", "mobilesam")


def test_without_a_network_it_says_where_to_put_the_file(refused, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    line = refused("models", "get", "vit_b")

    assert f"put the file at {weights_dir() / 'sam_vit_b_01ec64.pth'} by hand" in line
