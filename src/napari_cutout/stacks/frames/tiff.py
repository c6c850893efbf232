"""A stack of a TIFF: its planes read one at a time, of a file that was cut short those it has.

What the file says of its planes is in tiff_facts.py.
"""

from __future__ import annotations

import itertools
import math
import threading
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.errors import FormatError, reason_of
from napari_cutout.stacks.errors import FrameReadError, StackError
from napari_cutout.stacks.frames import identity as identities
from napari_cutout.stacks.frames.layout import layout_of, shown_axes
from napari_cutout.stacks.frames.stack import Stack
from napari_cutout.stacks.frames.tiff_facts import facts_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from tifffile import TiffFile


class TiffStack(Stack):
    """Frames of a TIFF: ImageJ's, OME's, or pages one after another.

    Parameters
    ----------
    path
        The file. Of OME-TIFF in several files, any of them.
    axes
        A letter for every axis of the file. None: as the file says, and rows and columns as
        :func:`.as_shown` has them.
    channel
        Which channel to take. None: there are none, or they are colours.

    Raises
    ------
    StackError
        If it can't be read as a TIFF, or its axes can be read in two ways.
    """

    def __init__(
        self, path: Path, axes: str | Sequence[str] | None = None, channel: int | None = None
    ) -> None:
        self._path = path
        self._set_up()
        file = self._opened()
        try:
            self._facts = facts = facts_of(file, str(path))
            paths = [path] if facts.pages is not None else _paths(file, path)
        except StackError:
            raise
        except FormatError as error:
            raise StackError(str(error)) from error
        except Exception as error:
            raise StackError(f"{path}: not a readable TIFF ({error})") from error
        name = f"{path} (cut short)" if facts.cut else str(path)
        said = facts.axes if axes is not None else shown_axes(facts.axes, str(path))
        self._layout = layout = layout_of(facts.shape, axes, channel, name, said=said)
        # Of an axis that was named otherwise than in the file the size isn't known.
        same = {axis for axis, said in zip(layout.axes, facts.axes, strict=True) if axis == said}
        sizes = {axis: size for axis, size in facts.scales.items() if axis in same}
        known = [sizes.get(axis, (1.0, None)) for axis in (*layout.looped, "y", "x")]
        super().__init__(
            name=str(path),
            axes=layout.looped,
            shape=layout.shape,
            frame_shape=layout.frame_shape,
            dtype=facts.dtype.newbyteorder("="),
            identity=identities.of_files(paths, layout.axes, channel),
            is_rgb=layout.is_rgb,
            scale=[size for size, _ in known],
            units=[unit for _, unit in known],
        )

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_lock": None, "_file": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._set_up()

    def _set_up(self) -> None:
        self._lock = threading.RLock()
        self._file: TiffFile | None = None

    def _opened(self) -> TiffFile:
        """The file, opened once in each process."""
        import tifffile

        with self._lock:
            if self._file is None:
                try:
                    self._file = tifffile.TiffFile(self._path)
                except Exception as error:
                    raise StackError(f"{self._path}: not a readable TIFF ({error})") from error
                weakref.finalize(self, self._file.close)
            return self._file

    def _read(self, index: tuple[int, ...]) -> NDArray[Any]:
        where = self._layout.where(index)
        found = self._of_bytes(where) if self._facts.offset is not None else self._of_pages(where)
        frame = self._layout.arranged(found)
        return frame.astype(frame.dtype.newbyteorder("="), copy=False)

    def _of_bytes(self, where: tuple[int | slice, ...]) -> NDArray[Any]:
        """From where the pixels lie one after another: of the leading axes one place each."""
        facts = self._facts
        first = _leading(where)
        block = facts.shape[len(first) :]
        count = math.prod(block)
        begin = int(np.ravel_multi_index(first, facts.shape[: len(first)])) if first else 0
        start = (facts.offset or 0) + begin * count * facts.dtype.itemsize
        with self._path.open("rb") as opened:
            opened.seek(start)
            values = np.fromfile(opened, facts.dtype, count)
        if values.size < count:
            raise self._missing(facts.cut or f"{self._path} is cut short")
        return values.reshape(block)[where[len(first) :]]

    def _of_pages(self, where: tuple[int | slice, ...]) -> NDArray[Any]:
        """From the pages that have it, one for most files."""
        shape, leading = self._facts.shape, len(self._facts.shape) - self._facts.plane
        places = [
            range(length)[place] if isinstance(place, slice) else (place,)
            for place, length in zip(where[:leading], shape, strict=False)
        ]
        numbers = [
            int(np.ravel_multi_index(at, shape[:leading])) if at else 0
            for at in itertools.product(*places)
        ]
        pages = [self._page(number) for number in numbers]
        if len(pages) == 1 and not any(isinstance(place, slice) for place in where[:leading]):
            return pages[0][where[leading:]]
        slices = [
            len(range(length)[place])
            for place, length in zip(where[:leading], shape, strict=False)
            if isinstance(place, slice)
        ]
        joined = np.stack(pages).reshape(*slices, *pages[0].shape)
        return joined[(*(slice(None),) * len(slices), *where[leading:])]

    def _page(self, number: int) -> NDArray[Any]:
        file, facts = self._opened(), self._facts
        reason = facts.cut or f"{self._path}: page {number} can't be read"
        with self._lock:
            try:
                page = self._stored_page(file, number)
                found: NDArray[Any] | None = None if page is None else _values(page)
            except MemoryError:
                raise
            except Exception as error:
                raise self._missing(f"{reason} ({reason_of(error)})") from error
        if found is None:
            raise self._missing(facts.cut or f"{self._path} has no page {number}")
        # In the pages of a series tifffile may leave out axes of length 1, or place them otherwise.
        return found if facts.pages is not None else found.reshape(facts.shape[-facts.plane :])

    def _stored_page(self, file: TiffFile, number: int) -> Any:
        facts = self._facts
        pages: Any = file.pages
        if facts.pages is None:
            each = len(file.series[0].pages)
            place, number = divmod(number, each) if facts.series > 1 else (0, number)
            pages = file.series[place].pages
        return pages[number] if number < len(pages) else None

    def _missing(self, reason: str) -> FrameReadError:
        return FrameReadError((), reason)


def _values(page: Any) -> NDArray[Any]:
    """The pixels of a page, which may be in another file of the same OME-TIFF."""
    handle = page.parent.filehandle
    if not handle.closed:
        found: NDArray[Any] = page.asarray(maxworkers=1)
        return found
    handle.open()
    try:
        found = page.asarray(maxworkers=1)
    finally:
        handle.close()
    return found


def _leading(where: tuple[int | slice, ...]) -> list[int]:
    """The places before the first axis of which all is taken."""
    found = []
    for place in where:
        if isinstance(place, slice):
            break
        found.append(place)
    return found


def _paths(file: TiffFile, path: Path) -> list[Path]:
    """The files that the planes are in."""
    series = file.series[0]
    if not series.is_multifile:
        return [path]
    names = {page.parent.filehandle.path for page in series.pages if page is not None}
    return [path.parent / name for name in sorted(names)]
