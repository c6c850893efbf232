"""What is learned from: pairs of layers and folders, and reading them in any thread.

What is left out of it to judge on is said in holding_out.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.learning.holding_out import Split, split
from napari_cutout.train.data import open_data

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from napari_cutout.layers.learning.layer_pair import LayerPair
    from napari_cutout.layers.learning.piece import Piece
    from napari_cutout.train.data.labelled_data import LabelledSource


@dataclass(frozen=True)
class Layers:
    """An Image layer and a Labels layer.

    Parameters
    ----------
    image, labels
        The two.
    """

    image: Any
    labels: Any

    @property
    def name(self) -> str:
        """In words."""
        return f"{self.labels.name} on {self.image.name}"


@dataclass(frozen=True)
class Folder:
    """Labelled images in files.

    Parameters
    ----------
    images, labels
        As :func:`~napari_cutout.train.data.open_data` takes them.
    """

    images: Path
    labels: Path | None = None

    @property
    def name(self) -> str:
        """In words."""
        of_labels = "" if self.labels is None else f" with {self.labels.name}"
        return f"{self.images.name}{of_labels}"


Example = Layers | Folder


@dataclass(frozen=True)
class Found:
    """What there is to learn from in an example.

    Parameters
    ----------
    name
        Of the example.
    sources
        Frames of layers, or files.
    objects
        In them; None where the files weren't read for it.
    """

    name: str
    sources: int
    objects: int | None = None

    @property
    def text(self) -> str:
        """In words."""
        if self.objects is None:
            return f"{self.sources:,} file{'' if self.sources == 1 else 's'}"
        frames = f"{self.sources:,} frame{'' if self.sources == 1 else 's'}"
        return f"{self.objects:,} object{'' if self.objects == 1 else 's'} in {frames}"


@dataclass(frozen=True)
class Looked:
    """How far looking through the examples is.

    Parameters
    ----------
    done, total
        Frames of the example that is looked through.
    text
        Which one, in words.
    """

    done: int
    total: int
    text: str


@dataclass(frozen=True, eq=False)
class Gathered:
    """All that there is to learn from.

    Parameters
    ----------
    found
        In each example, in their order.
    split
        What is learned from, and what is judged on.
    """

    found: tuple[Found, ...]
    split: Split


def gather(
    readers: Sequence[LayerPair | Folder], share: float, seed: int
) -> Iterator[Looked | Gathered]:
    """Look through all examples; the last step has what there is.

    Parameters
    ----------
    readers
        What reads each of them.
    share, seed
        See :func:`.split`.

    Raises
    ------
    SessionError
        If there is nothing to learn from.
    FormatError, TrainError, TargetError
        If an example can't be used.
    """
    found: list[Found] = []
    sources: list[LabelledSource] = []
    for reader in readers:
        if isinstance(reader, Folder):
            yield Looked(0, 0, f"Looking through {reader.name} …")
            data = open_data(reader.images, reader.labels)
            found.append(Found(reader.name, len(data)))
            sources.extend(data.sources)
            continue
        here: list[Piece] = []
        name = Layers(reader.image, reader.labels).name
        for done, total, pieces in reader.pieces():
            here.extend(pieces)
            yield Looked(done, total, f"Looking through {name} …")
        count = len({piece.name.partition(" at ")[0] for piece in here})
        found.append(Found(name, count, sum(piece.objects for piece in here)))
        sources.extend(here)
    if not sources:
        raise SessionError(
            "there is nothing to learn from yet: commit some objects, or add layers or a folder"
        )
    yield Gathered(tuple(found), split(tuple(sources), share, seed))
