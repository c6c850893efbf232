"""Folders of labelled images: ``images/`` and ``labels/`` with files of the same name.

Reading only; what is done with the images belongs to train/ and evaluate/.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from skimage.measure import label as connected_components

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.images import open_image
from napari_cutout.formats.label_pixels import is_mask, read_labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

Split = Literal["all", "train", "validation"]

_SUFFIXES = {".png", ".tif", ".tiff", ".jpg", ".jpeg", ".bmp"}
# Compression that changes pixels makes other ids of them.
_LABEL_SUFFIXES = _SUFFIXES - {".jpg", ".jpeg"}
_VALIDATION_SHARE = 8
_FEWEST_TO_SPLIT = 4


@dataclass(frozen=True)
class LabelledFile:
    """An image file and its label file.

    Parameters
    ----------
    folder
        Name of the labelled folder.
    image, labels
        The two paths.
    """

    folder: str
    image: Path
    labels: Path

    @property
    def name(self) -> str:
        """``folder/file``."""
        return f"{self.folder}/{self.image.name}"


@dataclass(frozen=True)
class LabelledFrame:
    """One frame with its instance labels.

    Parameters
    ----------
    name
        ``folder/file``, with ``[plane]`` behind it for a plane of a volume.
    frame
        ``(rows, cols)`` or ``(rows, cols, 3)``.
    labels
        ``(rows, cols)`` integers, 0 is background.
    """

    name: str
    frame: NDArray[np.generic]
    labels: NDArray[Any]


def find_files(data: Path, split: Split = "all", exclude: Sequence[str] = ()) -> list[LabelledFile]:
    """The labelled files of a folder, sorted by name.

    Parameters
    ----------
    data
        A folder with ``images/`` and ``labels/``, or a folder of such folders.
    split
        ``"validation"`` is about an eighth of every folder with four files or more, chosen by a
        hash of the file's name, and ``"train"`` is the rest.
    exclude
        Patterns of ``folder/file`` to leave out.

    Raises
    ------
    FormatError
        If there is no labelled image in it, or an image has two files of labels.
    """
    data = Path(data)
    folders = [data] if (data / "images").is_dir() else sorted(p for p in data.glob("*/"))
    found = [
        file
        for folder in folders
        if (folder / "images").is_dir() and (folder / "labels").is_dir()
        for file in _split(_pairs(folder), split)
        if not any(fnmatch(file.name, pattern) for pattern in exclude)
    ]
    if not found:
        raise FormatError(
            f"no labelled image in {data} (split {split!r}): expected a folder with images/ and "
            "labels/ holding files of the same name, or a folder of such folders"
        )
    return found


def read(file: LabelledFile) -> Iterator[LabelledFrame]:
    """The frames of a file: one, or the planes of a volume that hold objects.

    A mask, which is true or 255 on all objects, is taken apart into connected pieces.

    Raises
    ------
    FormatError
        If a file can't be read or the two don't match.
    """
    labels = np.asarray(read_labels(file.labels))
    if labels.dtype.kind not in "biu":
        raise FormatError(f"{file.labels}: labels are integers, not {labels.dtype}")
    if labels.dtype.kind == "b" or is_mask(np.unique(labels)):
        labels = np.asarray(connected_components(labels))  # type: ignore[no-untyped-call]
    labels = _consecutive(labels, file.labels)
    image = read_image(file, labels.shape)
    if labels.ndim == 2:
        yield LabelledFrame(file.name, image, labels)
    elif labels.ndim == 3:
        for plane in range(len(labels)):
            if labels[plane].any():
                yield LabelledFrame(f"{file.name}[{plane}]", image[plane], labels[plane])
    else:
        raise FormatError(f"{file.labels}: labels have 2 or 3 axes, not {labels.shape}")


def read_image(file: LabelledFile, labels: tuple[int, ...]) -> NDArray[Any]:
    """The pixels that a file's labels lie on.

    Planes of a TIFF that are said to be colours are these, unless each of them has labels.

    Parameters
    ----------
    file
        The image and its labels.
    labels
        Shape of the labels.

    Returns
    -------
    ndarray
        Of the labels' shape; channels lie behind that.

    Raises
    ------
    FormatError
        If the image can't be read, or has another shape.
    """
    stored = open_image(file.image)
    image = np.asarray(stored.data if stored.shape == labels else stored.with_colours_last())
    if image.shape[: len(labels)] != labels:
        raise FormatError(f"{file.image}: shape {stored.shape} does not match its labels' {labels}")
    return image


def _consecutive(labels: NDArray[Any], path: Path) -> NDArray[np.int32]:
    """The ids that occur as 1, 2, ..., so that counting them takes no more than there are."""
    if labels.size and labels.min() < 0:
        raise FormatError(f"{path}: labels are 0 for background and above, not {labels.min()}")
    values, numbers = np.unique(labels, return_inverse=True)
    numbers = numbers.reshape(labels.shape) + (values[:1] != 0).any()
    return np.asarray(numbers, np.int32)


def _pairs(folder: Path) -> list[LabelledFile]:
    labels: dict[str, Path] = {}
    for path in _files(folder / "labels", _LABEL_SUFFIXES):
        if path.stem in labels:
            raise FormatError(
                f"{folder / 'labels'} has two files of labels of one image, "
                f"{labels[path.stem].name} and {path.name}; leave the one that is meant"
            )
        labels[path.stem] = path
    return [
        LabelledFile(folder.resolve().name, path, labels[path.stem])
        for path in _files(folder / "images", _SUFFIXES)
        if path.stem in labels
    ]


def _files(folder: Path, suffixes: set[str]) -> list[Path]:
    """Hidden ones are none of anybody's: macOS leaves them on disks of others."""
    found = (path for path in folder.iterdir() if path.suffix.lower() in suffixes)
    return sorted(path for path in found if not path.name.startswith("."))


def _split(files: list[LabelledFile], split: Split) -> list[LabelledFile]:
    if split == "all":
        return files
    if len(files) < _FEWEST_TO_SPLIT:
        return files if split == "train" else []
    ranked = sorted(files, key=lambda f: hashlib.sha256(f.image.stem.encode()).digest())
    held_out = set(ranked[: -(-len(files) // _VALIDATION_SHARE)])
    return [file for file in files if (file in held_out) == (split == "validation")]
