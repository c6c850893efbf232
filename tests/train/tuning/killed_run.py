"""A run of fine-tuning that is killed from outside: a line for each progress."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import torch

from napari_cutout.train.data import from_arrays
from napari_cutout.train.tuning import TuningOptions, fine_tune


def main(model: str, out: str) -> None:
    spec = importlib.util.spec_from_file_location("fields", Path(__file__).with_name("conftest.py"))
    fields = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fields)
    torch.set_num_threads(1)
    data = from_arrays([(f"discs/{number}", *fields.field(number)) for number in range(4)])
    options = TuningOptions(what="decoder", steps=8, objects_per_step=4, accumulate=2, remember=0)
    for progress in fine_tune(
        Path(model), data, Path(out), options, device="cpu", validate_every=2
    ):
        sys.stdout.write(f"{progress.stage} {progress.step}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
