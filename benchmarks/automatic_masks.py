"""Automatic masks with a grid of points: ours, Meta's, micro-sam's, Hugging Face's, side by side.

    python benchmarks/automatic_masks.py [--points 32] [--size 1024] [--threads 2] [--rounds 3]

ViT-B's decoder with random weights (see tests/random_sam.py), one image, the same settings, the
embedding given: the encoder takes no part. The predicted IoU is raised by ``--bias``, so that with
32 points a side more than 100 masks stay, as many as of a real image. Each runs in a process of its
own, one after the other; memory is what that process grew by in its first round. What isn't
installed is left out, see automatic_peers.py.

Stages are timed around the functions that do them, and add up to less than the whole. "Without
decoder" is all but the prompt encoder and the mask decoder. ``--clock cpu`` counts the processor
time of all threads, nearer to the truth on a busy machine, but with threads that wait for work.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import automatic_peers
import numpy as np
import torch
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
CLOCKS = {"wall": perf_counter, "cpu": process_time}


class Clock:
    """Seconds by stage, for functions that are wrapped where they are looked up."""

    def __init__(self, now=perf_counter) -> None:
        self.now = now
        self.spent: dict[str, float] = defaultdict(float)

    def wrap(self, owner: object, name: str, stage: str) -> None:
        """Time all calls of ``owner.name`` as a stage."""
        inner = getattr(owner, name)

        def timed(*args, **kwargs):
            begin = self.now()
            try:
                return inner(*args, **kwargs)
            finally:
                self.spent[stage] += self.now() - begin

        setattr(owner, name, timed)


def image_of(size: int) -> np.ndarray:
    """``(size, size, 3)`` uint8, nuclei."""
    from skimage.transform import resize

    from napari_cutout.sample_data import fluorescence
    from napari_cutout.segment import to_pixels

    large = resize(fluorescence(), (size, size), preserve_range=True).astype(np.uint8)
    return np.array(to_pixels(large))


def run_ours(model, image, given, clock):
    """Our grid."""
    from napari_cutout.segment import Segmenter
    from napari_cutout.segment.automatic import results
    from napari_cutout.segment.automatic.grid import find as grid
    from napari_cutout.segment.automatic.grid.options import GridOptions

    segmenter = Segmenter.from_family(model, "random")
    segmenter._storage = torch.float32
    embedding = segmenter.encode(image, "none", "whole")
    clock.wrap(grid, "ask", "decoder")
    clock.wrap(grid, "hopeful", "filters on logits")
    clock.wrap(grid, "judged", "pixels in boxes")
    clock.wrap(grid, "_object", "run lengths")
    clock.wrap(grid.Keeping, "add", "suppression")
    clock.wrap(grid, "upscaling", "shares of logits")
    options = GridOptions(
        given.points, pred_iou_thresh=given.score, stability_score_thresh=given.stability,
        box_nms_thresh=given.nms,
    )  # fmt: skip

    def work():
        return results.records(segmenter.everything(embedding, options), "coco_rle")

    return work


WAYS = {
    "ours": run_ours,
    "meta": automatic_peers.run_meta,
    "micro-sam": automatic_peers.run_micro_sam,
    "huggingface": automatic_peers.run_huggingface,
}


def model_of(image: np.ndarray, given: argparse.Namespace):
    """The model that all ways take their weights of."""
    from random_sam import random_sam

    model = random_sam(image, input_size=given.input_size)
    with torch.no_grad():
        model.mask_decoder.iou_prediction_head.layers[-1].bias.add_(given.bias)
    return model


def measured(way: str, given: argparse.Namespace) -> dict:
    """Run one way in this process: what it took in each round, and what it found."""
    torch.set_num_threads(given.threads)
    image = image_of(given.size)
    clock = Clock(CLOCKS[given.clock])
    work = WAYS[way](model_of(image, given), image, given, clock)
    before, rounds, memory = peak(since_now=True), [], 0.0
    for _ in range(given.rounds):
        clock.spent.clear()
        begin = clock.now()
        found = work()
        rounds.append({"total": clock.now() - begin, "stages": dict(clock.spent)})
        memory = memory or peak() - before
    masks = [_counts(record["segmentation"]) for record in found]
    return {"rounds": rounds, "memory": memory, "masks": masks}


def _counts(rle) -> dict:
    """Run lengths as COCO's text, whoever made them."""
    from pycocotools import mask as coco

    if isinstance(rle["counts"], list):
        rle = coco.frPyObjects({"size": rle["size"], "counts": rle["counts"]}, *rle["size"])
    counts = rle["counts"]
    text = counts.decode() if isinstance(counts, bytes) else counts
    return {"size": list(rle["size"]), "counts": text}


def peak(since_now: bool = False) -> float:
    """Peak resident memory of this process in MB; since the last time that it was reset."""
    status = Path("/proc/self/status")
    if status.exists():
        if since_now:
            # Linux forgets the peak: making the model took more than some ways do.
            Path("/proc/self/clear_refs").write_text("5")
        line = next(text for text in status.read_text().splitlines() if "VmHWM" in text)
        return int(line.split()[1]) * 1024 / 1e6
    unit = 1 if platform.system() == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def agreement(masks: list[dict], reference: list[dict]) -> int:
    """How many of the reference's masks have one of IoU over 0.99."""
    from pycocotools import mask as coco

    if not masks or not reference:
        return 0
    iou = coco.iou(masks, reference, [0] * len(reference))
    return int((iou.max(axis=0) > 0.99).sum())


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    made.add_argument("--points", type=int, default=32, help="points per side")
    made.add_argument("--size", type=int, default=1024, help="side of the image in pixels")
    made.add_argument("--input-size", type=int, default=1024, help="side of the network's input")
    made.add_argument("--threads", type=int, default=2)
    made.add_argument("--rounds", type=int, default=1)
    made.add_argument("--clock", choices=CLOCKS, default="wall")
    made.add_argument("--bias", type=float, default=0.5, help="added to the predicted IoU")
    made.add_argument("--score", type=float, default=0.6)
    made.add_argument("--stability", type=float, default=0.85)
    made.add_argument("--nms", type=float, default=0.85)
    made.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    made.add_argument("--only", choices=WAYS, help=argparse.SUPPRESS)
    made.add_argument("--to", help=argparse.SUPPRESS)
    return made


def main() -> None:
    """Run all ways, and print a table."""
    given = parser().parse_args()
    if given.only:
        Path(given.to).write_text(json.dumps(measured(given.only, given)))
        return
    console, found = Console(), {}
    with tempfile.TemporaryDirectory() as folder:
        for way in given.ways:
            if lacking := automatic_peers.missing(way):
                console.print(f"{way}: left out, {lacking} is not installed")
                continue
            to = Path(folder) / f"{way}.json"
            command = [sys.executable, __file__, *sys.argv[1:], "--only", way, "--to", str(to)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                console.print(f"{way}: left out, {done.stderr.strip().splitlines()[-1]}")
            else:
                found[way] = json.loads(to.read_text())
    if found:
        _show(console, given, found)


def _without_decoder(result: dict) -> list[float]:
    return [one["total"] - one["stages"]["decoder"] for one in result["rounds"]]


def _totals(result: dict) -> list[float]:
    return [one["total"] for one in result["rounds"]]


def _spread(seconds: list[float]) -> str:
    middle = f"{median(seconds):.2f}"
    return middle if len(seconds) < 2 else f"{middle} ({min(seconds):.2f} to {max(seconds):.2f})"


def _show(console: Console, given: argparse.Namespace, found: dict[str, dict]) -> None:
    base = found.get("meta") or next(iter(found.values()))
    table = Table(
        "", f"{given.clock} s", "x", "without decoder", "x", "memory MB", "x", "masks", "agree",
        title=f"{given.points}² points, {given.size}², {given.threads} threads",
    )  # fmt: skip
    for way, result in found.items():
        cells = [way]
        for of in (_totals, _without_decoder):
            cells += [_spread(of(result)), f"{median(of(base)) / median(of(result)):.1f}"]
        table.add_row(
            *cells, f"{result['memory']:.0f}", f"{base['memory'] / max(result['memory'], 1):.1f}",
            str(len(result["masks"])),
            f"{agreement(result['masks'], base['masks'])} / {len(base['masks'])}",
        )  # fmt: skip
    console.print(table)
    for way, result in found.items():
        last = result["rounds"][-1]["stages"]
        stages = ", ".join(f"{name} {spent:.2f}" for name, spent in last.items())
        console.print(f"{way}: {stages} s")


if __name__ == "__main__":
    main()
