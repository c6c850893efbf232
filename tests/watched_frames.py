"""Frames and a model that tell, in a folder, what was done with them in any process.

A frame's first pixel is its number. Frames may be deadly: whoever reads one is killed, so often.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from exact_family import ExactFamily
from napari_cutout.segment import Segmenter
from napari_cutout.segment.automatic import GridOptions
from napari_cutout.stacks.frames.stack import Stack
from napari_cutout.stacks.running.how import How

SIDE = 32
HOW = How(GridOptions(points_per_side=4, stability_score_offset=0.5), intensity="none")


class WatchedStack(Stack):
    """So many frames with two bright boxes each, which lie elsewhere in each of them.

    Parameters
    ----------
    folder
        Where the dead are counted.
    count
        Of the frames.
    deadly
        Numbers of frames, and how often each kills who reads it.
    """

    def __init__(self, folder, count, deadly=None):
        super().__init__(
            name="watched",
            axes=("t",),
            shape=(count,),
            frame_shape=(SIDE, SIDE),
            dtype=np.uint8,
            identity=f"watched {count}",
        )
        self.folder = Path(folder)
        self.deadly = dict(deadly or {})

    def _read(self, index):
        number = index[0]
        if self.deadly.get(number, 0) > len(list(self.folder.glob(f"died-{number}-*"))):
            (self.folder / f"died-{number}-{os.getpid()}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return frame(number)


def frame(number):
    pixels = np.zeros((SIDE, SIDE), np.uint8)
    pixels[0, 0] = number % 100
    at = number % 10
    pixels[2 + at : 12 + at, 3:14] = 255
    pixels[4 : 20 + at % 4, 18:30] = 255
    return pixels


class WatchedFamily(ExactFamily):
    """Tells what it encoded."""

    def __init__(self, folder):
        super().__init__(SIDE)
        self._folder = folder

    def encode(self, pixels):
        tell(self._folder, f"encoded {int(pixels[0, 0, 0])}")
        return super().encode(pixels)


@dataclass(frozen=True)
class WatchedModel:
    """Loads the model, and tells so."""

    folder: Path

    def __call__(self):
        tell(self.folder, f"loaded {os.getpid()}")
        return Segmenter.from_family(WatchedFamily(self.folder), "exact")


def tell(folder, line):
    # One write to the end of it: lines of several processes don't mix.
    file = os.open(folder / "told", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(file, f"{line}\n".encode())
    os.close(file)


def told(folder, what):
    """How often each thing of a kind was told: by the frame's number, or the process's."""
    path = folder / "told"
    lines = path.read_text().split("\n") if path.exists() else []
    pairs = [line.split() for line in lines if line.startswith(what)]
    return Counter(int(number) for _, number in pairs)


def files(output):
    """All files of an output, as bytes by their names, but for what is of one run alone."""
    return {
        str(path.relative_to(output)): path.read_bytes()
        for path in sorted(Path(output).rglob("*"))
        if path.is_file()
    }
