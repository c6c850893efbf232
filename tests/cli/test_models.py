"""Listing models and getting one."""

import json

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


def test_getting_an_unknown_name_is_refused(refused):
    assert "did you mean 'mobile_sam'" in refused("models", "get", "mobilesam")


def test_without_a_network_it_says_where_to_put_the_file(refused, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    line = refused("models", "get", "vit_b")

    assert f"put the file at {weights_dir() / 'sam_vit_b_01ec64.pth'} by hand" in line
