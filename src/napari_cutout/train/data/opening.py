"""Labelled images of whatever was given: what it is, is told by looking at it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.json_kind import json_kind
from napari_cutout.stacks.frames.zarrs import is_zarr
from napari_cutout.train.data import pairs
from napari_cutout.train.data.annotations import open_annotations
from napari_cutout.train.data.kinds import (
    Kind,
    annotations_in,
    check_there,
    kinds_in,
    label_files,
    logs_in,
)
from napari_cutout.train.data.label_files import LabelFiles, with_its_labels
from napari_cutout.train.data.labelled_data import LabelledData
from napari_cutout.train.data.logs import open_log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cutout.train.data.labelled_data import LabelledSource

_EXPECTED = (
    "expected folders images/ and labels/ with files of the same names, or a folder of such "
    "folders; images with labels beside them (a.tif and a_mask.tif); OME-Zarr with labels inside; "
    "COCO or SA-1B; or prompt logs (a.tif.cutout.jsonl)"
)


def open_data(
    images: str | Path | Sequence[str | Path],
    labels: str | Path | None = None,
    *,
    channel: int | None = None,
) -> LabelledData:
    """Labelled images of files of any kind. No pixel is read before it is asked for.

    Parameters
    ----------
    images
        A folder with ``images/`` and ``labels/`` (or ``masks/``), or of such folders; a folder of
        images with their labels beside them (``a.tif`` and ``a_mask.tif``, ``a_masks.png``,
        ``a.labels.tif``), or one of the images; OME-Zarr with labels inside, or a folder of them; a
        folder of COCO or SA-1B, or one such file; a folder of prompt logs, or one of them. Or
        several of all these, whose images are added up.
    labels
        Where the labels are, when they aren't in ``images``: a folder or file of any of these
        kinds. Then ``images`` is a folder of images, or one of them.
    channel
        Which channel to take of images that have several. None: there are none, or three that are
        taken as colours.

    Returns
    -------
    LabelledData
        A source for each image; a stack is one source.

    Raises
    ------
    FormatError
        If there is nothing labelled, it can be taken for two kinds, or an image isn't found.
    """
    if not isinstance(images, str | os.PathLike):
        if labels is not None:
            raise FormatError("labels go with one folder or file of images; give no list of them")
        if not images:
            raise FormatError("no folder or file was given")
        return sum((open_data(one, channel=channel) for one in images), LabelledData())
    path = Path(images)
    check_there(path)
    if labels is None:
        return LabelledData(tuple(_open(path, channel)))
    check_there(Path(labels))
    return LabelledData(tuple(_open_with(path, Path(labels), channel)))


def _open(path: Path, channel: int | None) -> Sequence[LabelledSource]:
    if is_zarr(path):
        return [with_its_labels(path, channel)]
    if path.is_dir():
        return _only(kinds_in(path, channel), path)
    if path.suffix.lower() == ".jsonl":
        return [open_log(path, None, channel)]
    if json_kind(path) is not None:
        return open_annotations(path, None, channel)
    kind = label_files(_folder(path), pairs.beside(path), "with labels beside it", channel)
    return _only([] if kind is None else [kind], path)


def _open_with(images: Path, labels: Path, channel: int | None) -> Sequence[LabelledSource]:
    if labels.suffix.lower() == ".jsonl":
        return [open_log(labels, images, channel)]
    if labels.is_file() and json_kind(labels) is not None:
        return open_annotations(labels, images, channel)
    is_image = is_zarr(images) or not images.is_dir()
    if is_zarr(labels) or not labels.is_dir():
        if not is_image:
            raise FormatError(f"{labels} are labels of one image, and {images} is a folder")
        return [LabelFiles(f"{_folder(images)}/{images.name}", images, labels, channel)]
    name = _folder(images) if is_image else pairs.folder_name(images)
    found = _pairs(images, labels, is_image)
    kinds = [
        label_files(name, found, "with labels in files", channel),
        annotations_in(labels, images, channel),
        logs_in(labels, images, channel),
    ]
    return _only([kind for kind in kinds if kind is not None], labels)


def _pairs(images: Path, labels: Path, is_image: bool) -> list[tuple[Path, Path]]:
    folder = images.parent if is_image else images
    same = folder.resolve() == labels.resolve()
    found = pairs.side_by_side(folder) if same else pairs.in_two_folders(folder, labels)
    return [pair for pair in found if not is_image or pair[0] == images]


def _folder(image: Path) -> str:
    return pairs.folder_name(image.resolve().parent)


def _only(kinds: Sequence[Kind], path: Path) -> Sequence[LabelledSource]:
    if not kinds:
        raise FormatError(f"no labelled image in {path}: {_EXPECTED}")
    if len(kinds) > 1:
        _refuse(kinds, path)
    return kinds[0].open()


def _refuse(kinds: Sequence[Kind], path: Path) -> NoReturn:
    *first, last = (kind.words for kind in kinds)
    raise FormatError(
        f"{path} holds {', '.join(first)} and {last}, and may be read as either; give the folders "
        "or files that are meant, images and labels apart: open_data(IMAGES, LABELS)"
    )
