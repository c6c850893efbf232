"""A run that is killed at any moment, and begun again, leaves what an undisturbed one does."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from flat_family import flat_segmenter
from napari_cutout.stacks.linking.options import LinkOptions
from napari_cutout.stacks.running.run import run_stack
from stacked_frames import HOW, a_stack, begun, files_of

COUNT = 24
ROUNDS = 8

# One interpreter starts, and forks a child for each attempt: it runs and tells of each step, until
# it is killed after some of them, wherever it is then. The last attempt of a round runs to its end.
CHILDREN = """
import os, random, signal, sys
sys.path[:0] = sys.argv[3:]
from pathlib import Path
from flat_family import flat_segmenter
from napari_cutout.stacks.linking.options import LinkOptions
from napari_cutout.stacks.running.run import run_stack
from napari_cutout.stacks.output import linked
from stacked_frames import HOW, a_stack, begun

random.seed(7)
linked._BETWEEN = 5
count = int(sys.argv[2])

def run(path, told, link):
    stack = a_stack(count)
    with begun(path, stack) as output:
        for step in run_stack(flat_segmenter(), stack, output, HOW, link=link):
            os.write(told, b".")

for number in range(int(sys.argv[1])):
    path = Path(f"round-{number}") / "out.zarr"
    link = LinkOptions() if number % 2 else None
    steps_of_all = count * (3 if link else 1)
    for attempt in range(5):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            run(path, writing, link)
            os._exit(0)
        os.close(writing)
        if attempt < 4:
            steps, extra = random.randint(0, steps_of_all), random.randint(0, 20000)
            for _ in range(steps):
                if not os.read(reading, 1):
                    break
            for _ in range(extra):
                os.getpid()
            os.kill(child, signal.SIGKILL)
        else:
            while os.read(reading, 999):
                pass
        os.close(reading)
        _, status = os.waitpid(child, 0)
    assert status == 0, status
"""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def test_killed_again_and_again_it_ends_with_the_same_files(tmp_path):
    command = [sys.executable, "-c", CHILDREN, str(ROUNDS), str(COUNT), *sys.path]
    subprocess.run(command, check=True, timeout=600, cwd=tmp_path)
    stack, expected = a_stack(COUNT), []
    for kind, link in enumerate((None, LinkOptions())):
        path = tmp_path / f"undisturbed-{kind}" / "out.zarr"
        with begun(path, stack) as output:
            list(run_stack(flat_segmenter(), stack, output, HOW, link=link))
        expected.append(files_of(path))

    for number in range(ROUNDS):
        assert files_of(tmp_path / f"round-{number}" / "out.zarr") == expected[number % 2]
