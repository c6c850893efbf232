"""What a commit costs, by the size of the labels it goes into. It should follow the object.

    python benchmarks/commit_cost.py [--rounds 15] [--profile]

An object of some 100,000 pixels is committed through a session on a viewer without a window, into
labels of three shapes in turn, so that whatever else the machine does hits all alike. Each commit
is undone again, which isn't counted. Printed are medians, and how many times the smallest labels'
each is; the bar is 2.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
from contextlib import nullcontext

import numpy as np
from napari.components import ViewerModel
from pages import add_out, report
from tabulated import table
from turns import ratio, spread, timed

from napari_cutout import Segmenter, Session

SHAPES = ((1024, 1024), (10_000, 10_000), (200, 1024, 1024))
RADIUS = 178.5
CENTRE = (512, 512)
BOX = (333, 333, 691, 691)


def disc() -> np.ndarray:
    """A bright disc of some 100,000 pixels on a noisy background."""
    rows, cols = np.indices((1024, 1024))
    inside = np.hypot(rows - CENTRE[0], cols - CENTRE[1]) < RADIUS
    noise = np.random.default_rng(0).normal(0, 6, inside.shape)
    return np.clip(np.where(inside, 190, 50) + noise, 0, 255).astype(np.uint8)


def start(shape: tuple[int, ...], image: np.ndarray, model: Segmenter) -> Session:
    """A session with labels of a shape, committed to once."""
    viewer = ViewerModel()
    layer = viewer.add_image(image)
    session = Session(viewer, layer, model)
    session.labels = viewer.add_labels(np.zeros(shape, np.int32))
    prepare(session)
    session.commit()
    session.undo()
    return session


def prepare(session: Session) -> None:
    """Have the preview of the disc ready."""
    if not session.has_prompts:
        session.add_box(BOX)
    session.update()
    areas = session.candidates.masks.sum(axis=(1, 2))
    session.choose(int(np.argmin(np.abs(areas - np.pi * RADIUS**2))))


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--profile", action="store_true", help="print where the time goes, too")
    add_out(parser)
    given = parser.parse_args()
    image, model = disc(), Segmenter("compact")
    sessions = {shape: start(shape, image, model) for shape in SHAPES}
    times: dict[tuple[int, ...], list[float]] = {shape: [] for shape in SHAPES}
    profiles = {shape: cProfile.Profile() for shape in SHAPES}
    pixels = 0
    for _ in range(given.rounds):
        for shape, session in sessions.items():
            prepare(session)
            with profiles[shape] if given.profile else nullcontext():
                times[shape].append(timed(session.commit))
            pixels = int(np.count_nonzero(frame_of(session)))
            session.undo()
    rows = [
        (
            " x ".join(f"{length:,}" for length in shape),
            spread(times[shape], 1, 1e3),
            ratio(times[shape], times[SHAPES[0]]),
        )
        for shape in SHAPES
    ]
    heads = ("labels", "commit, ms", "times the smallest")
    report(__file__, __doc__, [table(f"A commit of {pixels:,} pixels", heads, rows)], given.out)
    for shape, profile in profiles.items() if given.profile else ():
        print(shape)
        pstats.Stats(profile).sort_stats("cumtime").print_stats(35)


def frame_of(session: Session) -> np.ndarray:
    """The frame of the labels that was written."""
    data = session.labels.data
    return data[0] if data.ndim == 3 else data


if __name__ == "__main__":
    main()
