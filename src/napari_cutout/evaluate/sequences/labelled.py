"""Labelled sequences: folders with ``images/`` and ``labels/`` whose ids go on over frames.

Reading only; what is done with them is in linking.py and propagation.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.evaluate.sequences.identity import check_ids
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.label_pixels import read_labels
from napari_cutout.formats.labelled import find_files, read_image

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_cutout.formats.labelled import LabelledFile


@dataclass(frozen=True, eq=False)
class LabelledSequence:
    """Frames in order, and the ids in them.

    Parameters
    ----------
    name
        The folder's, or the volume's file.
    frames
        ``(T, rows, cols)`` or ``(T, rows, cols, 3)``.
    labels
        ``(T, rows, cols)`` integers; 0 is background, an object has one id in all frames.
    is_volume
        Whether the frames are slices of one file.
    """

    name: str
    frames: NDArray[Any]
    labels: NDArray[np.integer[Any]]
    is_volume: bool


def read_sequences(folder: Path) -> list[LabelledSequence]:
    """The sequences of a folder: its volumes, one each, or all of its frames as one.

    Parameters
    ----------
    folder
        With ``images/`` and ``labels/`` holding files of the same name: frames in the order of
        the numbers in their names, or TIFFs of several slices.

    Raises
    ------
    FormatError
        If there is nothing of the kind, a file can't be read, frames don't fit together, or ids
        don't go on from one to the next.
    """
    found = _sequences(folder)
    for one in found:
        check_ids(one.name, one.labels)
    return found


def _sequences(folder: Path) -> list[LabelledSequence]:
    files = sorted(find_files(folder), key=_in_order)
    read = [_read(file) for file in files]
    volumes = [labels.ndim == 3 for _, labels in read]
    if all(volumes):
        return [
            LabelledSequence(file.name, *pair, True) for file, pair in zip(files, read, strict=True)
        ]
    if any(volumes):
        raise FormatError(
            f"{folder} holds frames and volumes; put the volumes into a folder of their own"
        )
    for file, (image, labels) in zip(files, read, strict=True):
        if image.shape != read[0][0].shape or labels.shape != read[0][1].shape:
            raise FormatError(
                f"{file.image}: {image.shape} pixels, but {files[0].image.name} has "
                f"{read[0][0].shape}; the frames of a sequence have one size"
            )
    if len(files) < 2:
        raise FormatError(f"{folder} holds one frame; a sequence has two or more")
    frames, masks = (np.stack(some) for some in zip(*read, strict=True))
    return [LabelledSequence(files[0].folder, frames, masks, False)]


def _read(file: LabelledFile) -> tuple[NDArray[Any], NDArray[Any]]:
    labels = np.asarray(read_labels(file.labels))
    if labels.dtype.kind not in "iu" or labels.ndim not in (2, 3):
        raise FormatError(
            f"{file.labels}: labels are integers with 2 or 3 axes, not {labels.dtype} "
            f"{labels.shape}"
        )
    return read_image(file, labels.shape), labels


def _in_order(file: LabelledFile) -> tuple[str, list[tuple[int, str]]]:
    """By folder, then by name with numbers as numbers."""
    parts = re.findall(r"(\d+)|(\D+)", file.image.name)
    return file.folder, [(int(number or -1), text) for number, text in parts]
