"""The benchmark of automatic masks runs, and its ways find the same masks; no time is judged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pycocotools import mask as coco

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "automatic_masks.py"
OPTIONS = "--points 6 --size 256 --input-size 256 --threads 1 --bias 0.2 --clock cpu"

pytestmark = pytest.mark.skipif(
    not SCRIPT.exists(), reason="benchmarks are not part of the source distribution"
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """One round of a way with few points and a small network; each is run once."""
    folder, found = tmp_path_factory.mktemp("found"), {}

    def of(way):
        if way not in found:
            to = folder / f"{way}.json"
            # A process of its own, as the benchmark has it: it puts clocks around functions.
            command = [sys.executable, str(SCRIPT), *OPTIONS.split(), "--only", way, "--to", to]
            subprocess.run(command, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
            found[way] = json.loads(to.read_text())
        return found[way]

    return of


@pytest.mark.slow
def test_huggingface_s_masks_are_found(run):
    pytest.importorskip("transformers")

    ours, theirs = run("ours")["masks"], run("huggingface")["masks"]

    assert len(theirs) > 5
    assert len(ours) == len(theirs)
    assert (coco.iou(ours, theirs, [0] * len(theirs)).max(axis=0) > 0.99).all()


def test_all_but_the_decoder_is_told_apart(run):
    (first,) = run("ours")["rounds"]

    stages = first["stages"]
    assert 0 < stages["decoder"] < first["total"]
    assert {"filters on logits", "pixels of outlines", "masks", "run lengths", "suppression"} < set(
        stages
    )
