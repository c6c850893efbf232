"""What is shipped: wheel and sdist, and the README's first command in a clean environment."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
IN_THE_PACKAGE = {
    "napari_cutout/napari.yaml",
    "napari_cutout/py.typed",
    "napari_cutout/sam/catalogue.toml",
    "napari_cutout/sam/weights/compact.safetensors",
    "napari_cutout/sample_data/ATTRIBUTION.md",
    "napari_cutout/sample_data/fluorescence.png",
    "napari_cutout/sample_data/histology.png",
    "napari_cutout/sample_data/phase_contrast.png",
    "napari_cutout/train/recipes/compact.toml",
}
BESIDE_THE_PACKAGE = {
    "CHANGELOG.md",
    "CITATION.cff",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "constraints.txt",
    "docs/index.md",
    "napari.yaml",
    "pyproject.toml",
    "tests/conftest.py",
    "tox.ini",
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """The folder with an sdist, and a wheel built from it."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--outdir", folder, ROOT], check=True)
    return folder


@pytest.fixture(scope="module")
def wheel(built) -> Path:
    (path,) = built.glob("*.whl")
    return path


def test_wheel_holds_manifest_types_weights_and_samples(wheel):
    with zipfile.ZipFile(wheel) as archive:
        assert set(archive.namelist()) >= IN_THE_PACKAGE


def test_wheel_holds_nothing_but_the_package(wheel):
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"napari_cutout"}


def test_wheel_is_small_enough_to_ship(wheel):
    assert wheel.stat().st_size < 20_000_000


def test_sdist_holds_all_that_the_tests_need(built):
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert names >= BESIDE_THE_PACKAGE | {f"src/{name}" for name in IN_THE_PACKAGE}


@pytest.mark.skipif(os.name == "nt", reason="git makes no symlinks there")
def test_the_manifest_at_the_top_is_the_one_in_the_package():
    inside = ROOT / "src" / "napari_cutout" / "napari.yaml"

    assert (ROOT / "napari.yaml").read_text() == inside.read_text()


def test_first_command_of_the_readme_works_in_a_clean_environment(wheel, tmp_path):
    """With no display given: the demo finds Xvfb, or does without a window."""
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    bin_folder = environment / ("Scripts" if os.name == "nt" else "bin")
    picture = tmp_path / "demo.png"
    variables = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "QT_API", "PYTHONPATH"}
    }

    subprocess.run(
        [bin_folder / "pip", "install", "-q", "-c", ROOT / "constraints.txt", f"{wheel}[all]"],
        check=True,
        env=variables,
    )
    subprocess.run(
        [bin_folder / "napari-cutout", "demo", "--screenshot", picture],
        check=True,
        env=variables,
        cwd=tmp_path,
        timeout=300,
    )

    assert picture.read_bytes().startswith(b"\x89PNG")
