"""What a worker is told once for a run, as a value: which model, which frames, where to write.

What it does with that is in station.py.
"""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cutout.sam.catalogue import catalogue
from napari_cutout.segment.automatic.seeds.options import SeedOptions
from napari_cutout.segment.store import EmbeddingStore
from napari_cutout.stacks.cluster.errors import ClusterError
from napari_cutout.stacks.errors import FrameReadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.stacks.frames.stack import Stack
    from napari_cutout.stacks.output.place import OutputPlace
    from napari_cutout.stacks.running.how import How

_TRIES = 3
"""Frames that are read in search of one that can be."""

_VERSION = version("napari-cutout")


@dataclass(frozen=True)
class Model:
    """A model to be loaded wherever it is needed.

    Parameters
    ----------
    name
        As :class:`.Segmenter` takes it. The path of a file or folder has to be there on every
        machine.
    device
        Where it computes there.
    """

    name: str | Path
    device: str = "auto"

    def __post_init__(self) -> None:
        is_path = isinstance(self.name, Path)
        if is_path or (self.name not in catalogue() and Path(self.name).exists()):
            # A worker has a folder of its own that it works in.
            object.__setattr__(self, "name", _anywhere(self.name))

    def __call__(self) -> Segmenter:
        """Load it.

        Raises
        ------
        WeightsError, DownloadError, DeviceError
            See :mod:`napari_cutout.sam`.
        """
        from napari_cutout.segment.segmenter import Segmenter
        from napari_cutout.stacks.running.how import RUN_CACHE_BYTES

        return Segmenter(self.name, device=self.device, cache_bytes=RUN_CACHE_BYTES)


@dataclass(frozen=True)
class Probe:
    """A frame that could be read where the run was begun, and what was in it.

    Parameters
    ----------
    index
        Which.
    digest
        Of its pixels.
    """

    index: tuple[int, ...]
    digest: str

    @classmethod
    def of(cls, stack: Stack, frames: Iterable[tuple[int, ...]]) -> Probe | None:
        """Of the first frame that can be read; None where several can't."""
        for _, index in zip(range(_TRIES), frames, strict=False):
            try:
                return cls(index, _digest(stack, index))
            except FrameReadError:
                continue
        return None

    def check(self, stack: Stack) -> None:
        """Make sure that the same is read here.

        Raises
        ------
        ClusterError
            If it isn't.
        """
        try:
            found = _digest(stack, self.index)
        except FrameReadError as error:
            raise ClusterError(
                f"{platform.node()} can't read what can be read where the run was begun: {error}; "
                "give paths that lead to the same files on every machine"
            ) from None
        if found != self.digest:
            raise ClusterError(
                f"{platform.node()} reads other pixels from {stack.name} than are read where the "
                "run was begun; give paths that lead to the same files on every machine"
            )


@dataclass(frozen=True)
class Loaded:
    """What a worker needs to do its work, in its memory.

    Parameters
    ----------
    segmenter
        The model.
    how
        What is looked for, with the finder of seeds.
    store
        Where embeddings are kept besides.
    """

    segmenter: Segmenter
    how: How
    store: EmbeddingStore | None


@dataclass(frozen=True)
class Work:
    """A run, as every worker has to know it.

    Parameters
    ----------
    model
        Gives the segmenter; a :class:`Model`.
    stack
        Whose frames.
    place
        Where to write.
    how
        What is looked for; without the finder of seeds.
    expected
        :meth:`.How.settings` with the model where the run was begun.
    finder
        Gives the finder of seeds, where there is one of its own.
    embeddings
        Folder of an embedding store. None: embeddings aren't kept.
    probe
        None: what a worker reads isn't checked.
    version
        Of this package, where the run was begun.
    """

    model: Callable[[], Segmenter]
    stack: Stack
    place: OutputPlace
    how: How
    expected: Mapping[str, Any]
    finder: Callable[[], Segmenter] | None = None
    embeddings: Path | None = None
    probe: Probe | None = None
    version: str = field(default=_VERSION)

    def __post_init__(self) -> None:
        # An absolute path, as a worker has a folder of its own that it works in.
        place = replace(self.place, path=_anywhere(self.place.path))
        object.__setattr__(self, "place", place)
        if self.embeddings is not None:
            object.__setattr__(self, "embeddings", _anywhere(self.embeddings))
        options = self.how.options
        if isinstance(options, SeedOptions) and options.finder is not None:
            how = replace(self.how, options=replace(options, finder=None))
            object.__setattr__(self, "how", how)

    def load(self) -> Loaded:
        """What it takes to do it here.

        Raises
        ------
        ClusterError
            If this isn't the place for it: another version, other weights, other files.
        """
        self._check_here()
        segmenter, how = self.model(), self.how
        if self.finder is not None:
            assert isinstance(how.options, SeedOptions)
            how = replace(how, options=replace(how.options, finder=self.finder()))
        self._check_settings(how.settings(segmenter))
        store = None if self.embeddings is None else EmbeddingStore(self.embeddings)
        return Loaded(segmenter, how, store)

    def _check_here(self) -> None:
        here = platform.node()
        if self.version != _VERSION:
            raise ClusterError(
                f"{here} has napari-cutout {_VERSION}, and the run was begun with "
                f"{self.version}; install the same everywhere"
            )
        if not self.place.hidden.is_dir():
            raise ClusterError(
                f"{here} does not see {self.place.path}; give an --out on a disk that all "
                "machines share"
            )
        if self.probe is not None:
            self.probe.check(self.stack)

    def _check_settings(self, found: Mapping[str, Any]) -> None:
        if found == self.expected:
            return
        others = [name for name, value in self.expected.items() if found.get(name) != value]
        said = "; ".join(f"{name}: {found.get(name)}, not {self.expected[name]}" for name in others)
        raise ClusterError(
            f"{platform.node()} would find something else than is found where the run was begun "
            f"({said}); begin it on a machine like those of the workers, with the same files"
        )


def _anywhere(path: str | Path) -> Path:
    return Path(path).expanduser().absolute()


def _digest(stack: Stack, index: tuple[int, ...]) -> str:
    pixels = stack.read(index)
    digest = hashlib.blake2b(f"{pixels.dtype.str}{pixels.shape}".encode(), digest_size=16)
    digest.update(pixels.tobytes())
    return digest.hexdigest()
