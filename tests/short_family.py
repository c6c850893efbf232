"""A model on a device that has memory for little: what is more fails as it does there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from napari_cutout.sam.family import Family

CUDA = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
CPU = RuntimeError(
    "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: "
    "you tried to allocate 68719476736 bytes. Error code 12 (Cannot allocate memory)"
)
WINDOWS = RuntimeError(
    "[enforce fail at alloc_cpu.cpp:127] data. DefaultCPUAllocator: not enough memory: "
    "you tried to allocate 68719476736 bytes."
)
MPS = RuntimeError(
    "MPS backend out of memory (MPS allocated: 8.93 GB, other allocations: 128.00 KB, max "
    "allowed: 9.07 GB). Tried to allocate 256.00 MB on private pool."
)
NUMPY = MemoryError("Unable to allocate 64.0 GiB for an array with shape (131072, 131072)")
NEW = RuntimeError("std::bad_alloc")
NO_OPERATION = NotImplementedError(
    "The operator 'aten::_upsample_bilinear2d_aa.out' is not currently implemented for the MPS "
    "device."
)

ALL = {"cuda": CUDA, "cpu": CPU, "windows": WINDOWS, "mps": MPS, "numpy": NUMPY, "new": NEW}


class ShortFamily:
    """Another model's answers, within limits; ``failed`` counts what was too much.

    Parameters
    ----------
    family
        The model.
    prompts
        Decoded at once, at most.
    side
        Pixels along a side that are encoded, at most.
    maps
        Pixels along a side that maps are made of, at most.
    error
        What is raised where it is more.
    """

    def __init__(
        self,
        family: Family,
        *,
        prompts: int = 1_000_000,
        side: int = 1_000_000,
        maps: int = 1_000_000,
        error: Exception = CUDA,
    ) -> None:
        self.family, self.error = family, error
        self.prompts, self.side, self.maps = prompts, side, maps
        self.failed = 0

    def __getattr__(self, name):
        return getattr(self.family, name)

    def encode(self, pixels):
        self._need(max(pixels.shape), self.side)
        return self.family.encode(pixels)

    def decode(self, features, prompts, multimask):
        self._need(len(prompts.points), self.prompts)
        return self.family.decode(features, prompts, multimask)

    def draft(self, features, prompts, multimask):
        self._need(len(prompts.points), self.prompts)
        return self.family.draft(features, prompts, multimask)

    def dense(self, features):
        self._need(max(features.pixel_size), self.maps)
        return self.family.dense(features)

    def _need(self, wanted: int, there: int) -> None:
        if wanted > there:
            self.failed += 1
            raise type(self.error)(*self.error.args)
