"""Images with their objects in files of COCO or SA-1B as sources of frames."""

from __future__ import annotations

from dataclasses import dataclass, replace
from glob import escape
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.images import open_image
from napari_cutout.formats.labelled import LabelledFrame
from napari_cutout.formats.objects.annotated_folder import open_annotated_folder
from napari_cutout.formats.objects.annotated_labels import to_labels
from napari_cutout.train.data.matching import matched
from napari_cutout.train.data.planes import numbers, plane_name, without_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cutout.formats.objects.annotated import AnnotatedImage
    from napari_cutout.formats.objects.annotated_folder import AnnotatedEntry


@dataclass(frozen=True)
class AnnotatedFile:
    """An image, or the frames of a stack.

    Parameters
    ----------
    name
        See :class:`.LabelledSource`.
    entries
        One, or one for each frame of the stack that has annotations.
    images
        The folder or file of the image; None where it lies beside the annotations.
    channel
        Of the image; see :func:`.matched`.
    """

    name: str
    entries: tuple[AnnotatedEntry, ...]
    images: Path | None = None
    channel: int | None = None

    def frames(self) -> Iterator[LabelledFrame]:
        """See :class:`.LabelledSource`.

        Where objects overlap the smaller one has the pixels. What stands for a crowd is left out.
        """
        for entry in self.entries:
            yield self._frame(entry, entry.read())

    def _frame(self, entry: AnnotatedEntry, annotated: AnnotatedImage) -> LabelledFrame:
        name = plane_name(self.name, annotated.frame)
        single = tuple(one for one in annotated.objects if not one.is_crowd and one.area)
        if not single:
            return without_objects(name)
        numbered = to_labels(
            replace(annotated, objects=single), "large first", tuple(range(1, len(single) + 1))
        )
        image = open_image(self._image_path(entry, annotated))
        shape = (*image.shape[: len(annotated.frame)], *annotated.shape)
        pixels = matched(image.data, shape, str(image.path), self.channel, image.channels_last)
        for at, length in zip(annotated.frame, shape, strict=False):
            if not 0 <= at < length:
                raise FormatError(
                    f"{entry.path} is about frame {list(annotated.frame)} of {image.path}, whose "
                    f"shape is {image.shape}"
                )
        # Numbered anew: of an object that others cover nothing is left.
        return LabelledFrame(
            name, pixels.frame((*annotated.frame, None, None)), numbers(numbered, name)
        )

    def _image_path(self, entry: AnnotatedEntry, annotated: AnnotatedImage) -> Path:
        path = image_of(entry, self.images, annotated)
        if path is None:
            named = annotated.file_name or entry.name
            where = "beside it" if self.images is None else f"in {self.images}"
            raise FormatError(
                f"{entry.path}: the image {named!r} isn't found {where}; put it there"
            )
        return path


def open_annotations(
    path: Path, images: Path | None = None, channel: int | None = None
) -> tuple[AnnotatedFile, ...]:
    """The annotated images of a file or folder.

    Parameters
    ----------
    path
        See :func:`.open_annotated_folder`.
    images
        The folder of the images, or the only one; None where they lie beside the annotations.
    channel
        See :class:`AnnotatedFile`.

    Raises
    ------
    FormatError
        If there are none, one can't be opened, or an image of COCO isn't found. Images of SA-1B
        are looked for when it is their turn, as their file says what they are called.
    """
    folder = path.resolve().name if path.is_dir() else path.resolve().parent.name
    grouped: dict[tuple[Path, str], list[AnnotatedEntry]] = {}
    for entry in open_annotated_folder(path):
        if entry.problem:
            raise FormatError(entry.problem)
        grouped.setdefault((entry.path, _file_name(entry)), []).append(entry)
    _check_found([group[0] for group in grouped.values() if group[0].coco is not None], images)
    return tuple(
        AnnotatedFile(f"{folder}/{PurePosixPath(name).name}", tuple(group), images, channel)
        for (_, name), group in grouped.items()
    )


def image_of(
    entry: AnnotatedEntry, images: Path | None, annotated: AnnotatedImage | None = None
) -> Path | None:
    """Where the image of an entry is, None where it isn't found."""
    if images is None or images.is_file():
        return images or entry.image_path(annotated)
    names = [annotated.file_name if annotated is not None else _file_name(entry)]
    if entry.coco is None:
        stem = entry.path.stem.removesuffix(".sa1b")
        names += [one.name for one in images.glob(f"{escape(stem)}.*") if one.suffix != ".json"]
    parts = [PurePosixPath(name.replace("\\", "/")) for name in names if name]
    inside = [one for one in parts if not one.is_absolute() and ".." not in one.parts]
    wanted = [*(images / one.name for one in parts), *(images / one for one in inside)]
    return next((found for found in wanted if found.exists()), None)


def _check_found(entries: list[AnnotatedEntry], images: Path | None) -> None:
    needed = [entry for entry in entries if entry.count_objects()]
    missing = [entry for entry in needed if image_of(entry, images) is None]
    if missing:
        where = "beside it" if images is None else f"in {images}"
        raise FormatError(
            f"{missing[0].path}: {len(missing)} of {len(needed)} images aren't found {where}, the "
            f"first is {_file_name(missing[0])!r}; put them there, or give their folder"
        )


def _file_name(entry: AnnotatedEntry) -> str:
    return entry.name if entry.coco is None else entry.coco.images[entry.place].file_name
