"""What it saves to begin where the model is least sure: average precision against clicks.

    python benchmarks/active_help.py [--data FOLDER] [--images 30] [--tuned FILE.safetensors]

A simulated annotator puts right what ``compact`` found by itself, in the order of its doubt and in
random orders. First object by object, as in a review: each decision is a key, and what is cut out
anew takes its clicks, the next one always at the deepest point of the largest error, until the IoU
is 0.85 or after 8. Then frame by frame, with what was missed. ``--tuned`` adds how many clicks an
object takes before and after fine-tuning, ``--picture`` writes the curves as SVG. ``--data`` is a
folder with images/ and labels/, of which the eighth that training leaves out is taken; without it
frames are drawn: discs of all brightnesses in noise. Nothing of it depends on the machine.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pages import add_out, report
from scipy import ndimage
from tabulated import table

from napari_cutout import Segmenter
from napari_cutout.evaluate import evaluate
from napari_cutout.evaluate.comparison import Comparison
from napari_cutout.evaluate.corrections import correctable
from napari_cutout.evaluate.effort import (
    every_object,
    frames_curve,
    least_sure_first,
    least_sure_frames_first,
    review_curve,
)
from napari_cutout.evaluate.picture.marks import COLOURS
from napari_cutout.evaluate.picture.plot import Curve, Plot
from napari_cutout.formats.labelled import LabelledFrame, find_files, read
from napari_cutout.segment import InstanceOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabulated import Table

    from napari_cutout.evaluate.corrections import CorrectableFrame
    from napari_cutout.evaluate.effort import Curve as Effort

PARTS = (0.25, 0.5, 0.75, 0.9)
"""Of the whole rise of the precision: where clicks are compared."""


def frames_of(data: Path | None, count: int, most: int) -> list[LabelledFrame]:
    """Frames of a folder, evenly chosen and with no more than so many objects; or drawn ones."""
    if data is None:
        return [drawn(number) for number in range(count)]
    files = find_files(data, "validation")
    frames = (frame for file in files for frame in read(file))
    wanted = [frame for frame in frames if 0 < len(np.unique(frame.labels)) - 1 <= most]
    return wanted[:: max(len(wanted) // count, 1)][:count]


def drawn(number: int) -> LabelledFrame:
    """Discs that are more and less bright, out of focus, in noise; more of it in some frames."""
    rng = np.random.default_rng(number)
    rows, cols = np.ogrid[:200, :240]
    labels = np.zeros((200, 240), np.int32)
    for label in range(1, 31):
        row, col, radius = rng.uniform(10, 190), rng.uniform(10, 230), rng.uniform(6, 13)
        labels[(np.hypot(rows - row, cols - col) < radius) & (labels == 0)] = label
    bright = rng.uniform(0.15, 1.0, 31)
    bright[0] = 0.1
    levels = ndimage.gaussian_filter(bright[labels], rng.uniform(0.5, 2.5))
    levels += rng.normal(0, rng.uniform(0.02, 0.2), labels.shape)
    return LabelledFrame(f"drawn/{number}", (np.clip(levels, 0, 1) * 255).astype(np.uint8), labels)


def orders(frames: Sequence[CorrectableFrame], rounds: int) -> tuple[list[Effort], list[Effort]]:
    """The curve of objects by doubt and those of random orders; and the same of frames."""
    pairs = every_object(frames)
    rngs = [np.random.default_rng(seed) for seed in range(rounds)]
    mixed = ([pairs[n] for n in rng.permutation(len(pairs))] for rng in rngs)
    objects = [review_curve(frames, order) for order in (least_sure_first(frames), *mixed)]
    rngs = [np.random.default_rng(seed) for seed in range(rounds)]
    whole = (rng.permutation(len(frames)).tolist() for rng in rngs)
    return objects, [
        frames_curve(frames, order) for order in (least_sure_frames_first(frames), *whole)
    ]


def effort_table(title: str, curves: Sequence[Effort], steps: str) -> Table:
    """Clicks and steps to the same precision: by doubt, and in random order."""
    ranked, *mixed = curves
    first, last = ranked.precision[0], ranked.precision[-1]
    rows = []
    for part in PARTS:
        wanted = first + part * (last - first)
        by_doubt, by_lot = ranked.effort_for(wanted), [one.effort_for(wanted) for one in mixed]
        mean = float(np.mean(by_lot))
        walked = [int(np.flatnonzero(one.precision >= wanted)[0]) for one in curves]
        rows.append(
            (
                f"{part:.0%}",
                f"{wanted:.3f}",
                f"{by_doubt:.0f}",
                f"{mean:.0f} ({min(by_lot):.0f} to {max(by_lot):.0f})",
                f"{by_doubt / mean - 1:+.0%}",
                f"{walked[0]}",
                f"{np.mean(walked[1:]):.0f}",
            )
        )
    heads = (
        "of the rise",
        "mean AP",
        "clicks, least sure first",
        "clicks, random order",
        "more or less",
        f"{steps}, least sure first",
        f"{steps}, random order",
    )
    note = f"Mean AP {first:.3f} before, {last:.3f} after all, with {ranked.clicks[-1]:.0f} clicks."
    return table(title, heads, rows, [note])


def tuned_table(frames: Sequence[LabelledFrame], tuned: Path, objects: int) -> Table:
    """Clicks for each object before and after fine-tuning."""
    found = Comparison(
        tuple(evaluate(Segmenter(model), frames, objects=objects) for model in ("compact", tuned))
    )
    rows = []
    for name, one in zip(("before", "after"), found.prompted, strict=True):
        figures, ends = one.rows()[-1].figures, one.intervals()
        cells = [f"{figures[key]:.3f}" for key in ("click_1", "click_3", "box")]
        between = ends["clicks_needed"]
        clicks = f"{figures['clicks_needed']:.2f} ({between.low:.2f} to {between.high:.2f})"
        rows.append((name, clicks, *cells))
    heads = ("compact", "clicks for each object", "IoU, 1 click", "3 clicks", "box")
    return table("Before and after fine-tuning", heads, rows)


def picture(objects: Sequence[Effort], frames: Sequence[Effort]) -> str:
    """Both pairs of curves, side by side."""
    plots = []
    for number, (title, curves) in enumerate((("objects", objects), ("frames", frames))):
        top = float(curves[0].clicks[-1])
        ticks = tuple(np.linspace(0, top, 5).round().tolist())
        grid = np.linspace(0, top, 101)
        mixed = np.array([[one.at(clicks) for clicks in grid] for one in curves[1:]])
        by_lot = tuple(zip(grid.tolist(), mixed.mean(axis=0).tolist(), strict=True))
        by_doubt = tuple((clicks, curves[0].at(clicks)) for clicks in grid.tolist())
        low, high = (tuple(end.tolist()) for end in (mixed.min(axis=0), mixed.max(axis=0)))
        # No dots: a line of many points. A dash as long as the line is none.
        shown = (
            Curve(COLOURS[6], by_lot, low, high, "6 4"),
            Curve(COLOURS[0], by_doubt, dashes="9999"),
        )
        plot = Plot(f"By {title}: least sure first, and random order", "clicks", "mean AP", shown,
                    ticks)  # fmt: skip
        plots.append(plot.svg(number * 460, 0, 460, 340))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 920 340" width="920" height="340" '
        'font-family="sans-serif"><rect width="920" height="340" fill="white"/>\n'
        + "\n".join(plots)
        + "\n</svg>\n"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--images", type=int, default=30)
    parser.add_argument("--most", type=int, default=80, help="objects of a frame at most")
    parser.add_argument("--rounds", type=int, default=20, help="random orders")
    parser.add_argument("--tuned", type=Path, help="compact, fine-tuned")
    parser.add_argument("--picture", type=Path, help="where the curves are written, as SVG")
    add_out(parser)
    asked = parser.parse_args()
    segmenter = Segmenter("compact")
    labelled = frames_of(asked.data, asked.images, asked.most)
    found = [correctable(segmenter, frame, InstanceOptions()) for frame in labelled]
    objects, frames = orders(found, asked.rounds)
    what = f"{len(every_object(found))} objects found in {len(found)} frames"
    tables = [
        effort_table(f"Object by object: {what}", objects, "objects"),
        effort_table(f"Frame by frame: {what}", frames, "frames"),
    ]
    if asked.tuned is not None:
        tables.append(tuned_table(labelled, asked.tuned, 10))
    if asked.picture is not None:
        asked.picture.write_text(picture(objects, frames), encoding="utf-8")
    report(__file__, __doc__, tables, asked.out)


if __name__ == "__main__":
    main()
