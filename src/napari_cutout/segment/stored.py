"""One entry of a store on disk: a zarr group with one array a feature map, and its marker.

The marker is written last and holds a digest of each map. Which entries there are is in store.py.
Torch and zarr are imported when an entry is read or written: a store is named long before.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.sam.family import Features

if TYPE_CHECKING:
    from pathlib import Path

    import torch

MARKER = "complete.json"


def write(folder: Path, features: Features) -> None:
    """Write features into a folder, the completion marker last."""
    import zarr

    group = zarr.open_group(folder, mode="w")
    for name, value in features.maps.items():
        array = value.detach().cpu().contiguous().numpy()
        group.create_array(name, data=array, chunks=array.shape, compressors=None, filters=None)
    marker = {
        "maps": {name: _digest(value) for name, value in features.maps.items()},
        "pixel_size": features.pixel_size,
        "input_size": features.input_size,
    }
    (folder / MARKER).write_text(json.dumps(marker), encoding="utf-8")


def read(folder: Path) -> Features | None:
    """The features of a folder, on the CPU, or None where they aren't what its marker says."""
    import torch
    import zarr

    marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    maps = {
        name: torch.from_numpy(np.asarray(zarr.open_array(folder / name, mode="r")[...]))
        for name in marker["maps"]
    }
    if any(_digest(value) != marker["maps"][name] for name, value in maps.items()):
        return None
    pixel_size, input_size = marker["pixel_size"], marker["input_size"]
    return Features(maps, (pixel_size[0], pixel_size[1]), (input_size[0], input_size[1]))


def _digest(value: torch.Tensor) -> str:
    array = value.detach().cpu().contiguous().numpy()
    digest = hashlib.blake2b(array.reshape(-1).view("u1").data, digest_size=16)
    digest.update(f"{array.dtype}{array.shape}".encode())
    return digest.hexdigest()


def size(folder: Path) -> int:
    """Bytes of a folder's files."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total
