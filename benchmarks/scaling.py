"""How cost grows with the image, the prompts, the objects, the windows and the threads.

    python benchmarks/scaling.py [--rounds 5] [--threads 1] [--quick] [--out FOLDER]

A click has to cost the same in an image of any size; prompts and windows, each as much as the one
before; objects, less than that, as the network looks at a frame once, however many there are; and
threads share the work of encoding. For each stands the power of the size with which the cost grows,
beside the one that it should have. The sizes take turns. That the answers are the same, whatever
the size, is told besides, as the mean IoU of masks. With ``--out`` a picture is drawn of each.

The model is ``compact``; for the threads a ViT-B with random weights encodes, too.
"""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch
from agreement import iou, mean_iou
from encoder import randomised, the_input
from growth import Growth, shown
from large_automatic import Tiled
from pages import add_out, report
from turns import in_turns

from napari_cutout import Prompts, Segmenter
from napari_cutout.sam.config import ARCHITECTURES
from napari_cutout.sam.cores import cores
from napari_cutout.sample_data import fluorescence
from napari_cutout.segment import LazyFrame
from napari_cutout.segment.automatic.instances.options import InstanceOptions
from napari_cutout.segment.automatic.windowed.lattice import lattice
from napari_cutout.segment.automatic.windowed.tiles import Tiles
from napari_cutout.segment.windows import Window

if TYPE_CHECKING:
    from agreement import Crop
    from tabulated import Table

PLACE = (200.0, 200.0)
SIDE = 1024
TILES = Tiles(side=512, overlap=64)
FULL = {
    "image": (512, 1024, 2048, 4096, 8192),
    "prompts": (1, 2, 4, 8, 16, 32, 64),
    "objects": (4, 16, 64, 256, 1024),
    "windows": (1, 2, 4, 8),
}
QUICK = {"image": (512, 2048), "prompts": (1, 8), "objects": (4, 64), "windows": (1, 2)}


def by_image(segmenter: Segmenter, sides: tuple[int, ...], rounds: int) -> Table:
    """A click at the same place of the same picture, which goes on and on."""
    frames = {side: LazyFrame([Tiled(fluorescence(), side)]) for side in sides}
    embeddings = {side: segmenter.encode(frame) for side, frame in frames.items()}

    def ask(side: int) -> Crop:
        return segmenter.predict(embeddings[side], Prompts(points=PLACE)).crop()

    def ask_anew(side: int) -> Crop:
        segmenter.cache.clear()
        return ask(side)

    first = in_turns({side: partial(ask_anew, side) for side in sides}, rounds)
    for side in sides:
        ask(side)
    later = in_turns({side: partial(ask, side) for side in sides}, rounds)
    growths = [Growth("first click", first, 0), Growth("next click", later, 0)]
    smallest = ask(sides[0])
    same = {side: f"{iou(ask(side), smallest):.4f}" for side in sides}
    more = {"IoU with the first": same}
    return shown("A click, by the side of the image", "pixels", growths, more)


def by_prompts(segmenter: Segmenter, counts: tuple[int, ...], rounds: int) -> Table:
    """So many objects asked for in one call."""
    image = fluorescence()
    embedding = segmenter.encode(image, window="whole")
    rng = np.random.default_rng(0)
    places = rng.uniform(0, np.array(image.shape) - 1, (max(counts), 2))
    prompts = [Prompts(points=place) for place in places]

    def ask(count: int) -> np.ndarray:
        return np.stack([one.masks[0] for one in segmenter.predict(embedding, prompts[:count])])

    alone = np.stack([segmenter.predict(embedding, prompt).masks[0] for prompt in prompts])
    same = {count: f"{mean_iou(ask(count), alone[:count]):.4f}" for count in counts}
    spent = in_turns({count: partial(ask, count) for count in counts}, rounds)
    growth = Growth("prompts", spent, 1, "at most")
    return shown("Prompts in one call", "prompts", [growth], {"IoU with one by one": same})


def by_objects(segmenter: Segmenter, counts: tuple[int, ...], rounds: int) -> Table:
    """Everything in a frame of one size that holds so many discs."""
    options = InstanceOptions(zoom=0.5)
    embeddings = {count: segmenter.encode(discs(count)) for count in counts}
    works = {
        count: partial(segmenter.everything, one, options) for count, one in embeddings.items()
    }
    found = {count: f"{len(work()):,}" for count, work in works.items()}
    growth = Growth("everything", in_turns(works, rounds), 1, "at most")
    title = f"Everything in {SIDE:,} x {SIDE:,} pixels, by the objects there"
    return shown(title, "objects", [growth], {"found": found})


def by_windows(segmenter: Segmenter, lines: tuple[int, ...], rounds: int) -> Table:
    """Everything in a frame with so many lines of as many windows."""
    options = InstanceOptions(zoom=1.0, tiles=TILES)
    frames, found = {}, {}
    for count in lines:
        side = TILES.side + (count - 1) * (TILES.side - TILES.overlap)
        cells = lattice(Window(0, 0, side, side), TILES.side, TILES.overlap)
        frames[len(list(cells))] = LazyFrame([Tiled(fluorescence(), side)])

    def find(count: int) -> None:
        segmenter.cache.clear()
        found[count] = len(segmenter.everything(frames[count], options))

    find(min(frames))
    growth = Growth("everything", in_turns({n: partial(find, n) for n in frames}, rounds), 1)
    objects = {count: f"{found[count]:,}" for count in frames}
    title = f"Everything, by windows of {TILES.side} x {TILES.side} pixels"
    return shown(title, "windows", [growth], {"found": objects})


def by_threads(segmenter: Segmenter, rounds: int, large: bool) -> Table | None:
    """Encoding with more threads; None where there is one core."""
    counts = sorted({1, *(2**n for n in range(10) if 2**n < cores()), cores()})
    if len(counts) < 2:
        return None
    image, sam = fluorescence(), randomised(ARCHITECTURES["vit_b"]) if large else None

    def compact() -> None:
        segmenter.cache.clear()
        segmenter.features(*_whole(segmenter, image))

    works = {"compact": compact}
    if sam is not None:
        works["ViT-B"] = torch.no_grad()(partial(sam.image_encoder, the_input()))

    def with_threads(count: int, name: str) -> None:
        torch.set_num_threads(count)
        works[name]()

    ways = {(n, name): partial(with_threads, n, name) for name in works for n in counts}
    before = torch.get_num_threads()
    in_turns(ways, 1)
    spent = in_turns(ways, rounds)
    torch.set_num_threads(before)
    growths = [Growth(name, {n: spent[n, name] for n in counts}, -1, "at best") for name in works]
    return shown("Encoding, by threads", "threads", growths, {})


def _whole(segmenter: Segmenter, image: np.ndarray) -> tuple:
    """An embedding of the whole of an image, and its window."""
    embedding = segmenter.encode(image, window="whole")
    return embedding, embedding.window


def discs(count: int) -> np.ndarray:
    """So many bright discs of the same size on a lattice, ``(SIDE, SIDE)`` uint8."""
    lines = round(count**0.5)
    rows, cols = np.indices((SIDE, SIDE))
    spacing = SIDE / lines
    away = np.hypot(*((axis + 0.5) % spacing - spacing / 2 for axis in (rows, cols)))
    noise = np.random.default_rng(0).normal(0, 4, away.shape)
    return np.clip(30 + 150 / (1 + np.exp(away - 12)) + noise, 0, 255).astype(np.uint8)


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1, help="of all but the last table")
    parser.add_argument("--quick", action="store_true", help="two small sizes of each")
    add_out(parser)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    segmenter, sizes = Segmenter("compact"), QUICK if given.quick else FULL
    ways = {
        "image": by_image, "prompts": by_prompts, "objects": by_objects, "windows": by_windows
    }  # fmt: skip
    tables = [way(segmenter, sizes[name], given.rounds) for name, way in ways.items()]
    threads = by_threads(segmenter, given.rounds, large=not given.quick)
    report(__file__, __doc__, [*tables, threads] if threads else tables, given.out)


if __name__ == "__main__":
    main()
