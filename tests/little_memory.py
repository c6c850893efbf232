"""A process of its own: prompts are answered twice, the second time with little memory left."""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # a thread's stack would not fit either

import resource
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from napari_cutout.sam.loading import load_model
from napari_cutout.sample_data import fluorescence
from napari_cutout.segment import Prompts, Segmenter

ROOM = 220 << 20


class AtOnce:
    """A model that is asked 48 prompts at once."""

    def __init__(self, family):
        self.family = family

    def __getattr__(self, name):
        return getattr(self.family, name)

    @property
    def info(self):
        return replace(self.family.info, chunk=48)


def main() -> None:
    """Print what is said, and whether the answers are the same."""
    family = load_model("compact", "cpu", "float32")
    prompts = [Prompts(points=[(4 * k, 4 * k)]) for k in range(48)]
    plain = Segmenter.from_family(family, "compact")
    expected = plain.predict(plain.encode(fluorescence()), prompts)
    segmenter = Segmenter.from_family(AtOnce(family), "compact", say=print)
    embedding = segmenter.encode(fluorescence())
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, resource.RLIM_INFINITY))
    found = segmenter.predict(embedding, prompts)
    pairs = zip(found, expected, strict=True)
    if all(np.allclose(one.logits, other.logits, atol=1e-2) for one, other in pairs):
        sys.stdout.write("the same\n")


if __name__ == "__main__":
    main()
