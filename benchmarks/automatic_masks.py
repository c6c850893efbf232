"""Automatic masks with a grid of points: ours, Meta's, micro-sam's, Hugging Face's, side by side.

    python benchmarks/automatic_masks.py [--points 32] [--size 1024] [--threads 2] [--rounds 3]

ViT-B's decoder with random weights (see tests/random_sam.py), one image, the same settings, the
embedding given: the encoder takes no part. The predicted IoU is raised by ``--bias``, so that with
32 points a side more than 100 masks stay, as many as of a real image. Each runs in a process of its
own, one after the other, as often as there are turns; memory is what that process grew by in its
first round, in the turn in which it was most. What isn't installed is left out, and said; see
automatic_peers.py.

Stages are timed around the functions that do them, and add up to less than the whole. "Without
decoder" is all but the prompt encoder and the mask decoder. ``--clock cpu`` counts the processor
time of all threads, nearer to the truth on a busy machine, but with threads that wait for work.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from time import perf_counter, process_time

import automatic_peers
import numpy as np
import torch
from limits import limit
from pages import add_out, report
from peak_memory import forget, high_water
from tabulated import Table, table
from turns import ratio, spread

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
    from napari_cutout.segment.automatic.grid.silhouette import Silhouette
    from napari_cutout.segment.rle import Rle

    segmenter = Segmenter.from_family(model, "random")
    segmenter._storage = torch.float32
    embedding = segmenter.encode(image, "none", "whole")
    clock.wrap(grid, "ask", "decoder")
    clock.wrap(grid, "hopeful", "filters on logits")
    clock.wrap(grid, "judged", "pixels of outlines")
    clock.wrap(Silhouette, "mask", "masks")
    clock.wrap(Rle, "encode", "run lengths")
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
    # Making the model took more than some ways do.
    forget()
    before, rounds, memory = high_water(), [], 0.0
    for _ in range(given.rounds):
        clock.spent.clear()
        begin = clock.now()
        found = work()
        rounds.append({"total": clock.now() - begin, "stages": dict(clock.spent)})
        memory = memory or (high_water() - before) / 1e6
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
    made.add_argument("--turns", type=int, default=1, help="processes of each, in turns")
    made.add_argument("--clock", choices=CLOCKS, default="wall")
    made.add_argument("--bias", type=float, default=0.5, help="added to the predicted IoU")
    made.add_argument("--score", type=float, default=0.6)
    made.add_argument("--stability", type=float, default=0.85)
    made.add_argument("--nms", type=float, default=0.85)
    made.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    made.add_argument("--only", choices=WAYS, help=argparse.SUPPRESS)
    made.add_argument("--to", help=argparse.SUPPRESS)
    add_out(made)
    return made


def main() -> None:
    """Run all ways, and print a table."""
    given = parser().parse_args()
    if given.only:
        Path(given.to).write_text(json.dumps(measured(given.only, given)))
        return
    lacking = {way: automatic_peers.missing(way) for way in given.ways}
    notes = [f"Left out, {what} not installed: {way}." for way, what in lacking.items() if what]
    found: dict[str, dict] = {}
    failed: set[str] = set()
    for _ in range(given.turns):
        for way in given.ways:
            if lacking[way] or way in failed:
                continue
            try:
                found[way] = joined(found.get(way), in_own_process(way))
            except RuntimeError as error:
                failed.add(way)
                found.pop(way, None)
                notes.append(f"Left out, {error}: {way}.")
    if not found:
        sys.exit("\n".join(notes))
    torch.set_num_threads(given.threads)
    report(__file__, __doc__, [compared(given, found, [*notes, limit()])], given.out)


def in_own_process(way: str) -> dict:
    """What a way took and found, with the options of this process.

    Raises
    ------
    RuntimeError
        If it fails, with its last words.
    """
    with tempfile.TemporaryDirectory() as folder:
        to = Path(folder) / "found.json"
        command = [sys.executable, __file__, *sys.argv[1:], "--only", way, "--to", str(to)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError((done.stderr.strip().splitlines() or ["it said nothing"])[-1])
        return json.loads(to.read_text())


def joined(before: dict | None, now: dict) -> dict:
    """The rounds of all turns so far; the same masks are found in each."""
    if before is None:
        return now
    rounds, memory = before["rounds"] + now["rounds"], max(before["memory"], now["memory"])
    return now | {"rounds": rounds, "memory": memory}


def _without_decoder(result: dict) -> list[float]:
    return [one["total"] - one["stages"]["decoder"] for one in result["rounds"]]


def _totals(result: dict) -> list[float]:
    return [one["total"] for one in result["rounds"]]


def compared(given: argparse.Namespace, found: dict[str, dict], notes: list[str]) -> Table:
    """What each way took and found, beside Meta's or the first there is."""
    reference = "meta" if "meta" in found else next(iter(found))
    base, rows = found[reference], []
    for way, result in found.items():
        cells = [way]
        for of in (_totals, _without_decoder):
            cells += [spread(of(result)), ratio(of(base), of(result), 1)]
        cells += [f"{result['memory']:.0f}", f"{base['memory'] / max(result['memory'], 1):.1f}"]
        alike = f"{agreement(result['masks'], base['masks'])} / {len(base['masks'])}"
        rows.append((*cells, str(len(result["masks"])), alike))
        last = result["rounds"][-1]["stages"]
        stages = ", ".join(f"{name} {spent:.2f}" for name, spent in last.items())
        notes.append(f"{way}: {stages} s.")
    heads = (
        "way",
        f"{given.clock} s",
        f"times {reference}",
        "without decoder",
        f"times {reference} without",
        "memory MB",
        f"of {reference}",
        "masks",
        "agree",
    )
    title = f"{given.points}² points, {given.size}², {given.threads} threads"
    return table(title, heads, rows, notes)


if __name__ == "__main__":
    main()
