"""One short text that stands for all of a model's weights; a part of every embedding's key."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor


def fingerprint(state: Mapping[str, Tensor], sizes: object = None) -> str:
    """Hash weights.

    Parameters
    ----------
    state
        A state dict. Names, shapes, dtypes and values count, their order doesn't.
    sizes
        Anything else that the answers depend on and the weights don't show; its ``repr`` counts.

    Returns
    -------
    str
        64 hex digits, sha256. Takes about a second for each gigabyte.
    """
    digest = hashlib.sha256(repr(sizes).encode())
    for name in sorted(state):
        tensor = state[name].detach().cpu().contiguous()
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
