"""A process that is killed while it saves leaves whole files."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from napari_cutout.annotate.series.labels import LabelsFile
from napari_cutout.annotate.series.progress import PROGRESS_NAME, read_progress

ROUNDS = 12

# One interpreter starts, and forks a child for each round: it saves version after version and says
# so, until it is killed after some of them, wherever it is then.
CHILDREN = """
import os, random, signal, sys
from pathlib import Path
import numpy as np
from napari_cutout.annotate.series.labels import LabelsFile
from napari_cutout.annotate.series.progress import update_progress

root, kind, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
random.seed(kind)

def save_all(folder, told):
    file = LabelsFile(folder / "a.labels", folder, 0 if kind == "zarr" else 1 << 28)
    noise = np.random.default_rng(0).integers(0, 1000, (300, 300))
    for version in range(1, 1_000_000):
        if kind == "progress":
            mark = lambda progress: progress.with_done(f"{version}.tif", True)
            update_progress(folder / ".napari-cutout.json", mark)
        else:
            file.save(noise + version)
        os.write(told, version.to_bytes(4, "little"))

for number in range(rounds):
    folder = root / str(number)
    folder.mkdir()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        save_all(folder, writing)
    os.close(writing)
    versions, extra = random.randint(1, 6), random.randint(0, 3000)
    for _ in range(versions):
        seen = int.from_bytes(os.read(reading, 4), "little")
    for _ in range(extra):
        os.getpid()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    (folder / "seen").write_text(str(seen))
"""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture(params=["tif", "zarr", "progress"])
def killed(request, tmp_path):
    """The kind, and a folder for each process that was killed, with what it said last."""
    subprocess.run(
        [sys.executable, "-c", CHILDREN, tmp_path, request.param, str(ROUNDS)],
        check=True,
        timeout=300,
    )
    folders = [tmp_path / str(number) for number in range(ROUNDS)]
    return request.param, [(folder, int((folder / "seen").read_text())) for folder in folders]


def test_the_last_version_that_was_saved_is_there_whole(killed):
    kind, folders = killed
    noise = np.random.default_rng(0).integers(0, 1000, (300, 300))
    for folder, seen in folders:
        if kind == "progress":
            progress = read_progress(folder / PROGRESS_NAME)
            assert progress.problem == ""
            found = len(progress.done)
        else:
            file = LabelsFile(folder / "a.labels", folder, 0 if kind == "zarr" else 1 << 28)
            versions = np.unique(file.read()[...] - noise)
            assert len(versions) == 1, "of one version, not of two"
            found = int(versions[0])
        # It may have saved some more before it was killed.
        assert seen <= found <= seen + 50
