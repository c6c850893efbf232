"""What is learned from, ready to be learned from: embeddings or pixels of views, and their objects.

In memory up to a limit, and on disk beyond it.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from napari_cutout.sam.family import Features
from napari_cutout.train.errors import TuningError
from napari_cutout.train.targets import Scene, look_at

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_cutout.train.tuning.parent import Model

MEMORY = 1 << 30
"""Bytes of examples that are kept in memory."""


@dataclass(frozen=True, eq=False)
class Example:
    """A view, as it is learned from.

    Parameters
    ----------
    scene
        Its objects in the pixels of the network's input, padding included.
    features
        Its embedding, in whose pixels prompts are given: those of the network's input. None where
        the encoder learns.
    pixels
        ``(rows, cols, 3)`` uint8 where the encoder learns, or None.
    """

    scene: Scene
    features: Features | None
    pixels: NDArray[np.uint8] | None

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays."""
        return sum(array.nbytes for array in _arrays(self).values())


def in_input(features: Features) -> Features:
    """The same, asked in pixels of the network's input."""
    return Features(features.maps, features.input_size, features.input_size)


def scene_of(labels: NDArray[np.int32], features: Features, model: Model) -> Scene | None:
    """The objects of a view in the network's input; None where none is large enough.

    Parameters
    ----------
    labels
        ``(rows, cols)`` of the view.
    features
        Of the view; only its sizes are looked at.
    model
        Whose input it is.
    """
    stride = model.info.logits_stride
    rows, cols = model.logits_size(features.pixel_size)
    placed = np.zeros((rows * stride, cols * stride), np.int32)
    height, width = features.input_size
    place = np.ix_(
        *(
            ((np.arange(new) + 0.5) * old / new).astype(int)
            for new, old in zip((height, width), labels.shape, strict=True)
        )
    )
    placed[:height, :width] = labels[place]
    scene = look_at(placed, stride)
    return scene if len(scene.large) else None


class Shelf:
    """Examples by number: the first ones in memory, the rest in files of a folder.

    Parameters
    ----------
    folder
        Made when it is needed, emptied at first, and removed by :meth:`close`.
    memory
        Bytes that are kept in memory.
    """

    def __init__(self, folder: Path, memory: int = MEMORY) -> None:
        self._folder = folder
        self._room = memory
        self._held: list[Example | Path] = []
        shutil.rmtree(folder, ignore_errors=True)

    def __len__(self) -> int:
        return len(self._held)

    def add(self, example: Example) -> None:
        """Put one more behind the others.

        Raises
        ------
        TuningError
            If the disk is full.
        """
        if example.nbytes <= self._room:
            self._room -= example.nbytes
            self._held.append(example)
            return
        path = self._folder / f"{len(self._held):06}.npz"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                np.savez(file, **_arrays(example))  # type: ignore[arg-type]
        except OSError as error:
            raise TuningError(
                f"can't write what is learned from to {self._folder} ({error.strerror or error}): "
                "free some space, write --out to another disk, or learn from fewer frames"
            ) from error
        self._held.append(path)

    def __getitem__(self, number: int) -> Example:
        held = self._held[number]
        return held if isinstance(held, Example) else _read(held)

    def close(self) -> None:
        """Forget all of them."""
        self._held.clear()
        shutil.rmtree(self._folder, ignore_errors=True)


def _arrays(example: Example) -> dict[str, NDArray[Any]]:
    scene, features = example.scene, example.features
    arrays: dict[str, NDArray[Any]] = {
        f"scene.{name}": np.asarray(value) for name, value in vars(scene).items()
    }
    if features is not None:
        arrays |= {f"map.{name}": value.numpy() for name, value in features.maps.items()}
        arrays["size"] = np.array(features.input_size)
    if example.pixels is not None:
        arrays["pixels"] = example.pixels
    return arrays


def _read(path: Path) -> Example:
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    own = {n.removeprefix("scene."): a for n, a in arrays.items() if n.startswith("scene.")}
    scene = Scene(**{**own, "stride": int(own["stride"])})
    features = None
    if "size" in arrays:
        size = int(arrays["size"][0]), int(arrays["size"][1])
        maps = {n[4:]: torch.from_numpy(a) for n, a in arrays.items() if n.startswith("map.")}
        features = Features(maps, size, size)
    return Example(scene, features, arrays.get("pixels"))
