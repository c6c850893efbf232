"""An image file with a file of labels as a source of frames, opened when it is its turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.images import open_image
from napari_cutout.formats.label_pixels import read_labels
from napari_cutout.train.data.planes import Planes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_cutout.formats.labelled import LabelledFrame


@dataclass(frozen=True)
class LabelFiles:
    """An image and its labels.

    Parameters
    ----------
    name
        See :class:`.LabelledSource`.
    image, labels
        Their files, or zarrs. Of an OME-Zarr's labels the finest level is taken.
    channel
        Of the image; see :func:`.matched`.
    """

    name: str
    image: Path
    labels: Path
    channel: int | None = None

    def frames(self) -> Iterator[LabelledFrame]:
        """See :class:`.LabelledSource`."""
        image = open_image(self.image)
        labels = _open_labels(self.labels)
        planes = Planes.of(image.data, labels, str(self.image), self.channel, image.channels_last)
        yield from planes.frames(self.name)


def _open_labels(path: Path) -> Any:
    from napari_cutout.formats.objects.ome_labels_reading import is_ome_labels, read_ome_labels

    return read_ome_labels(path).levels[0] if is_ome_labels(path) else read_labels(path)


def with_its_labels(image: Path, channel: int | None = None) -> LabelFiles:
    """An OME-Zarr image with the labels inside.

    Raises
    ------
    FormatError
        If there are none, or several.
    """
    from napari_cutout.formats.objects.ome_labels_reading import is_ome_labels, read_ome_labels

    if is_ome_labels(image):
        raise FormatError(f"{image} is labels, without an image; give that too")
    try:
        labels = read_ome_labels(image).path
    except FormatError as error:
        raise FormatError(f"{error}: open_data(IMAGE.zarr, LABELS)") from error
    return LabelFiles(f"{image.resolve().parent.name}/{image.name}", image, labels, channel)
