"""What is read of an annotated image before it is shown. It may run in any thread: no viewer here.

Showing it is in shown.py, and which image is next in browsing.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.layers.files.annotated_layers import frame_layers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_cutout.formats.objects.annotated import AnnotatedImage
    from napari_cutout.formats.objects.annotated_folder import AnnotatedFolder
    from napari_cutout.layers.files.annotated_layers import LayerData

TRIES = 20
"""Images in a row that are tried: when so many can't be read, it is the wrong folder."""


@dataclass(frozen=True, eq=False)
class Opened:
    """An image that was read.

    Parameters
    ----------
    place
        In its folder.
    annotated
        The objects, with their overlaps.
    layers
        The image, where its file was found, and the labels.
    """

    place: int
    annotated: AnnotatedImage
    layers: list[LayerData]

    @property
    def has_image(self) -> bool:
        """Whether the file of the image was found."""
        return len(self.layers) > 1


def open_first(
    folder: AnnotatedFolder, places: Sequence[int], is_wanted: Callable[[], bool]
) -> tuple[Opened | None, dict[int, str]]:
    """Read the first of some images that can be read.

    Parameters
    ----------
    folder, places
        The images, of which no more than :data:`TRIES` are tried.
    is_wanted
        Asked before each; when it says no, nothing more is read.

    Returns
    -------
    opened : Opened or None
        The image.
    problems : dict
        Why those before it can't be read, by their places.
    """
    problems: dict[int, str] = {}
    for place in places[:TRIES]:
        if not is_wanted():
            break
        entry = folder[place]
        try:
            annotated = entry.read()
            return Opened(place, annotated, frame_layers(entry.path, annotated)), problems
        except (ValueError, OSError, MemoryError) as error:
            problems[place] = str(error) or type(error).__name__
    return None, problems
