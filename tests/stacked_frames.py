"""A stack of two bright things that move, and a model that cuts them out exactly."""

from __future__ import annotations

import numpy as np

from flat_family import flat_segmenter
from napari_cutout.segment.automatic.instances.options import InstanceOptions
from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.frames.stack import Stack
from napari_cutout.stacks.output.output import StackOutput
from napari_cutout.stacks.running.how import How

SHAPE = (60, 80)
HOW = How(InstanceOptions(zoom=1.0, min_depth=0.0))


def frames(count, shape=SHAPE):
    """``(count, rows, cols)`` uint8: one goes to the right, the other to the left."""
    data = np.zeros((count, *shape), np.uint8)
    for k in range(count):
        first, second = k % 40, 60 - k % 40
        data[k, 10:20, first : first + 12] = 255
        data[k, 30:45, second : second + 15] = 200
    return data


def a_stack(count=6):
    """Those frames over time."""
    return ArrayStack(frames(count), axes="tyx")


def begun(path, stack, how=HOW, **known):
    """An output for a stack, begun by the model of this module."""
    return StackOutput.open(path, stack, how.settings(flat_segmenter()), **known)


def files_of(path):
    """Every file of an output with its bytes, but for what two runs may differ in."""
    return {
        file.relative_to(path).as_posix(): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file()
    }


class BrokenStack(Stack):
    """The same frames, some of which can't be read or have another size.

    ``asked`` keeps which were read.
    """

    def __init__(self, count, broken=(), other=()):
        self.frames, self.broken, self.other, self.asked = frames(count), broken, other, []
        super().__init__(
            name="a stack", axes=("t",), shape=(count,), frame_shape=SHAPE, dtype=np.uint8,
            identity="frames",
        )  # fmt: skip

    def _read(self, index):
        self.asked.append(index)
        if index[0] in self.broken:
            raise FileNotFoundError("no such file")
        frame = self.frames[index]
        return frame[::2, ::2] if index[0] in self.other else frame
