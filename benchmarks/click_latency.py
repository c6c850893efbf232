"""A click, the outline under the cursor and a commit, beside a dab of napari's own brush.

All in one process and interleaved, in a real window, embedding ready, at 1,024 x 1,024 with
``compact``. Run it with a display, or under ``xvfb-run``::

    python benchmarks/click_latency.py
"""

from __future__ import annotations

from statistics import median
from time import perf_counter

import napari
import numpy as np
from qtpy.QtWidgets import QApplication
from skimage.transform import resize

from napari_cutout import Prompts, Session
from napari_cutout.sample_data import fluorescence

ROUNDS = 15


def timed(action, *arguments) -> float:
    """Seconds until it is done and drawn."""
    start = perf_counter()
    action(*arguments)
    QApplication.processEvents()
    return perf_counter() - start


def main() -> None:
    """Print medians and ratios."""
    viewer = napari.Viewer()
    pixels = resize(fluorescence(), (1024, 1024), preserve_range=True).astype(np.uint16)
    image = viewer.add_image(pixels, name="nuclei")
    brushed = viewer.add_labels(np.zeros((1024, 1024), np.int32), name="brushed")
    brushed.brush_size = 20
    session = Session(viewer, image)
    session.encode()
    embedding = session.segmenter.encode(pixels)
    session.hovering = True
    rng = np.random.default_rng(0)
    places = rng.uniform(100, 900, (ROUNDS + 2, 2))
    spent: dict[str, list[float]] = {
        name: [] for name in ("brush", "decode", "click", "hover", "commit", "undo")
    }

    def click(place: np.ndarray) -> None:
        session.add_point(place)
        session.update()

    for place in places:
        # The window around it is encoded beforehand.
        session.segmenter.predict(embedding, Prompts(points=place))
        spent["brush"].append(timed(brushed.paint, tuple(place.astype(int)), 1))
        asked = Prompts(points=place + 1)
        spent["decode"].append(timed(session.segmenter.predict, embedding, asked))
        spent["hover"].append(timed(session.hover, place))
        spent["click"].append(timed(click, place))
        spent["commit"].append(timed(session.commit))
        spent["undo"].append(timed(session.undo))
        session.clear()
    base = {"hover": "decode"}
    for name, seconds in spent.items():
        middle = median(seconds[2:])
        other = base.get(name, "brush")
        ratio = middle / median(spent[other][2:])
        print(f"{name:>8} {middle * 1e3:8.1f} ms  {ratio:6.2f} x {other}")
    session.close()
    viewer.close()


if __name__ == "__main__":
    main()
