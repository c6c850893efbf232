"""Image files of any kind as arrays, and one frame of them. Reading only.

What an axis means is read from the file or asked for, never guessed. Pixels are where they are
stored, as in napari: that a picture was taken with the camera turned (EXIF, TIFF's Orientation)
turns nothing, so that labels made anywhere fit. Folders of labelled images are next door in
labelled.py, label images are written by writing.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.errors import FormatError, reading
from napari_cutout.formats.picture_pixels import read_picture
from napari_cutout.formats.shown_axes import as_shown
from napari_cutout.formats.tiff_series import (
    check_colours,
    check_pages,
    has_channels_last,
    named_axes,
    series_together,
)
from napari_cutout.formats.zarr_axes import axes_of_array, axes_of_image
from napari_cutout.formats.zarr_levels import finest_level, not_ome
from napari_cutout.segment.errors import FrameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_PLAIN = {".png", ".jpg", ".jpeg", ".bmp"}
_TIFF = {".tif", ".tiff"}
_COLOURS = (3, 4)
_CHANNELS = ("c", "s")


@dataclass(frozen=True, eq=False)
class StoredImage:
    """An image file, opened but read only where it is asked for.

    Parameters
    ----------
    path
        The file.
    data
        Its array: of numpy, mapped from the file where that can be, or of zarr.
    channels_last
        Whether the last axis holds channels; None where the file doesn't say.
    planar
        Whether the third axis from the end holds colours, 3 or 4, as TIFF says where these lie in
        planes of their own. In ``data`` they stay there, where napari shows them.
    hidden
        Why no frame can be taken of it, where its rows and columns aren't shown as such: see
        :func:`.as_shown`.
    told_shape
        Of the file, for messages, where ``data`` isn't as it is stored.
    """

    path: Path
    data: Any
    channels_last: bool | None
    planar: bool = False
    hidden: str = ""
    told_shape: tuple[int, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the whole array."""
        return tuple(int(length) for length in self.data.shape)

    def frame(self, index: Sequence[int] = (), channel: int | None = None) -> NDArray[np.generic]:
        """One frame.

        Parameters
        ----------
        index
            Its place on the leading axes, one number for each. Left out where all are 1 long.
            Of colours in planes, that of the plane may be left out.
        channel
            Which channel of the last axis, or which of the planes of colours. Left out, 3 and 4
            channels are RGB and RGBA.

        Returns
        -------
        ndarray
            ``(rows, cols)``, or ``(rows, cols, 3 or 4)`` for RGB and RGBA.

        Raises
        ------
        FrameError
            If there is more than one frame, or another number of channels, and none was chosen;
            or there is no such frame or channel, or no real numbers.
        FormatError
            If the file turns out to be damaged.
        """
        if self.data.dtype.kind not in "biuf":
            raise FrameError(
                f"{self.path} holds {self.data.dtype}, but a frame holds real numbers; convert it "
                "first"
            )
        if self.hidden:
            raise FrameError(self.hidden)
        if self.planar and len(index) != len(self.shape) - 2:
            return self._in_colours().frame(index, channel)
        channels = self._has_channels(index, channel)
        if channel is not None and (
            self.channels_last is False or len(self.shape) - len(index) == 2
        ):
            raise FrameError(self._no_channels(channel, index))
        leading = self.shape[: len(self.shape) - 2 - channels]
        if not index and set(leading) == {1}:
            index = (0,) * len(leading)
        if len(self.shape) < 2 + channels or len(index) != len(leading):
            raise FrameError(self._which_frame(leading, index))
        for axis, (place, length) in enumerate(zip(index, leading, strict=True)):
            if not 0 <= place < length:
                raise FrameError(
                    f"{self.path}: there is no frame {place} on axis {axis} of shape "
                    f"{self._told}; give 0 to {length - 1}"
                )
        if channels:
            channel = self._which_channel(channel)
        with reading(self.path):
            frame = np.asarray(self.data[tuple(index)])
        return frame if channel is None else frame[..., channel]

    def with_colours_last(self) -> Any:
        """The data, with colours that lie in planes on the last axis."""
        return np.moveaxis(np.asarray(self.data), -3, -1) if self.planar else self.data

    def _in_colours(self) -> StoredImage:
        return StoredImage(self.path, self.with_colours_last(), True, told_shape=self.shape)

    @property
    def _told(self) -> tuple[int, ...]:
        return self.told_shape or self.shape

    def _has_channels(self, index: Sequence[int], channel: int | None) -> bool:
        if channel is not None:
            return True
        if self.channels_last is not None:
            return self.channels_last
        return len(self.shape) - len(index) == 3 and self.shape[-1] in _COLOURS

    def _which_frame(self, leading: tuple[int, ...], index: Sequence[int]) -> str:
        start = f"{self.path} has shape {self._told}"
        if len(self.shape) < 2:
            return f"{start}; a frame has rows and columns"
        if not leading:
            return f"{start}, one frame, but frame {_listed(index)} was asked for; leave it out"
        ranges = ", ".join(f"0 to {length - 1}" for length in leading)
        letters = ",".join("IJKLMN"[: len(leading)])
        wanted = f"{start}: choose a frame with --frame {letters} ({ranges})"
        if index:
            wanted += f", not {_listed(index)}"
        if self.channels_last is None and self.shape[-1] not in _COLOURS:
            wanted += "; if the last axis holds channels, choose one with --channel K"
        return wanted

    def _no_channels(self, channel: int, index: Sequence[int]) -> str:
        frame = f"frame {_listed(index)}" if index else "it"
        if len(self.shape) - len(index) > 2:
            # The last axis holds columns, though others may hold channels.
            return (
                f"{self._which_frame(self.shape[:-2], index)}; its last axis holds columns, not "
                f"channels, so leave --channel {channel} out"
            )
        return (
            f"{self.path} has shape {self.shape}: {frame} has no channel axis, but channel "
            f"{channel} was asked for; leave --channel out"
        )

    def _which_channel(self, channel: int | None) -> int | None:
        count = self.shape[-1]
        if channel is None and count in _COLOURS:
            return None
        if channel is None:
            raise FrameError(
                f"{self.path} has {count} channels (shape {self.shape}): choose one with "
                f"--channel K (0 to {count - 1})"
            )
        if not 0 <= channel < count:
            where = "its colours are" if self.told_shape else "its last axis has"
            raise FrameError(
                f"{self.path} has no channel {channel}: {where} {count} "
                f"(shape {self._told}); give 0 to {count - 1}"
            )
        return channel


def open_image(path: Path) -> StoredImage:
    """Open an image file: png, jpg, bmp, tif, npy or zarr.

    Parameters
    ----------
    path
        The file; for zarr an array or an OME-Zarr image, of which the finest level is taken.

    Raises
    ------
    FormatError
        If it isn't there, or can't be read.
    """
    path = Path(path)
    if not path.exists():
        raise FormatError(f"{path}: there is no such file")
    suffix = path.suffix.lower()
    if path.is_dir():
        return _open_zarr(path)
    if suffix not in _PLAIN | _TIFF | {".npy"}:
        raise FormatError(
            f"{path}: {suffix or 'a file without suffix'} isn't read; give a png, jpg, bmp, tif, "
            "npy or zarr"
        )
    if not path.stat().st_size:
        raise FormatError(f"{path}: the file is empty")
    with reading(path):
        if suffix in _TIFF:
            return _open_tiff(path)
        if suffix == ".npy":
            return StoredImage(path, np.load(path, mmap_mode="r", allow_pickle=False), None)
        array = read_picture(path)
    return StoredImage(path, array, array.ndim == 3)


def _open_tiff(path: Path) -> StoredImage:
    import tifffile  # not skimage's imread, which takes three planes for colours

    with tifffile.TiffFile(path) as file:
        check_pages(file, str(path))
        several = series_together(file)
        series = several[0]
        check_colours(series.keyframe, str(path))
        said = named_axes(series.axes, series.shape)
        channels_last = has_channels_last(series.axes, series.shape)
        if len(several) > 1:
            data = np.stack([one.asarray() for one in several])
        elif series.dataoffset is not None:
            data = tifffile.memmap(path, mode="r")
        else:
            data = series.asarray()
    planar = said[-3:-2] == ("s",) and data.shape[-3] in _COLOURS
    return StoredImage(path, data, channels_last, planar, _hidden(said, path))


def _open_zarr(path: Path) -> StoredImage:
    if not any((path / name).is_file() for name in ("zarr.json", ".zarray", ".zgroup")):
        raise FormatError(f"{path} is a folder, not an image; give a file or a zarr array")
    with reading(path):
        import zarr

        node = zarr.open(path, mode="r")
        if isinstance(node, zarr.Array):
            said = axes_of_array(node)
            if said is None:
                return StoredImage(path, node, None)
            return StoredImage(path, node, said[-1] in _CHANNELS, hidden=_hidden(said, path))
        array, multiscale = finest_level(node, str(path))
        try:
            said = axes_of_image(multiscale, array.ndim)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise not_ome(str(path), error) from error
    return StoredImage(path, array, said[-1] in _CHANNELS, hidden=_hidden(said, path))


def _hidden(said: Sequence[str | None], path: Path) -> str:
    try:
        as_shown(said, str(path))
    except FormatError as error:
        return str(error)
    return ""


def _listed(numbers: Sequence[int]) -> str:
    return ",".join(str(number) for number in numbers)
