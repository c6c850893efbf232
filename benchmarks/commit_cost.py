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
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from napari.components import ViewerModel

from napari_cutout import Segmenter, Session

if TYPE_CHECKING:
    from collections.abc import Callable

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
    given = parser.parse_args()
    image, model = disc(), Segmenter("compact")
    sessions = {shape: start(shape, image, model) for shape in SHAPES}
    times: dict[tuple[int, ...], list[float]] = {shape: [] for shape in SHAPES}
    profiles = {shape: cProfile.Profile() for shape in SHAPES}
    pixels = 0
    for _ in range(given.rounds):
        for shape, session in sessions.items():
            prepare(session)
            times[shape].append(timed(session.commit, profiles[shape] if given.profile else None))
            pixels = int(np.count_nonzero(frame_of(session)))
            session.undo()
    smallest = median(times[SHAPES[0]])
    print(f"{'labels':>20}  {'commit of ' + format(pixels, ','):>24}  times the smallest")
    for shape in SHAPES:
        size = " x ".join(f"{length:,}" for length in shape)
        spent = median(times[shape])
        print(f"{size:>20}  {spent * 1e3:>21.1f} ms  {spent / smallest:>18.2f}")
    for shape, profile in profiles.items() if given.profile else ():
        print(shape)
        pstats.Stats(profile).sort_stats("cumtime").print_stats(35)


def timed(call: Callable[[], object], profile: cProfile.Profile | None) -> float:
    """Seconds that a call takes."""
    if profile is not None:
        profile.enable()
    begin = perf_counter()
    call()
    spent = perf_counter() - begin
    if profile is not None:
        profile.disable()
    return spent


def frame_of(session: Session) -> np.ndarray:
    """The frame of the labels that was written."""
    data = session.labels.data
    return data[0] if data.ndim == 3 else data


if __name__ == "__main__":
    main()
