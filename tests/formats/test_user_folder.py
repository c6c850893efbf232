"""Where what a person made goes: not where downloads lie, which may be removed."""

from pathlib import Path

import platformdirs

from napari_cutout.formats.user_folder import user_folder


def test_it_is_where_the_environment_says(monkeypatch):
    monkeypatch.setenv("NAPARI_CUTOUT_HOME", "~/elsewhere")
    assert user_folder() == Path.home() / "elsewhere"


def test_it_is_no_cache(monkeypatch):
    monkeypatch.delenv("NAPARI_CUTOUT_HOME", raising=False)
    folder = user_folder()
    assert folder.name == "napari-cutout"
    assert not folder.is_relative_to(platformdirs.user_cache_path())
