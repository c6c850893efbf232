"""Image files of any kind as arrays, and one frame of them. Reading only.

What an axis means is read from the file or asked for, never guessed. Folders of labelled images
are next door in labelled.py, label images are written by writing.py.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.errors import FormatError
from napari_cutout.segment.errors import FrameError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

_PLAIN = {".png", ".jpg", ".jpeg", ".bmp"}
_TIFF = {".tif", ".tiff"}
_COLOURS = (3, 4)
# Pillow's names; others, as CMYK and palettes, are colours in other words.
_MODES = {"1", "L", "LA", "I", "I;16", "I;16B", "F", "RGB", "RGBA"}


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
    """

    path: Path
    data: Any
    channels_last: bool | None

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the whole array."""
        return tuple(int(length) for length in self.data.shape)

    def frame(self, index: Sequence[int] = (), channel: int | None = None) -> NDArray[np.generic]:
        """One frame.

        Parameters
        ----------
        index
            Its place on the leading axes, one number for each.
        channel
            Which channel of the last axis. Left out, 3 and 4 channels are RGB and RGBA.

        Returns
        -------
        ndarray
            ``(rows, cols)``, or ``(rows, cols, 3 or 4)`` for RGB and RGBA.

        Raises
        ------
        FrameError
            If there is more than one frame, or another number of channels, and none was chosen;
            or there is no such frame or channel.
        FormatError
            If the file turns out to be damaged.
        """
        channels = self._has_channels(index, channel)
        if channel is not None and len(self.shape) - len(index) == 2:
            raise FrameError(self._no_channels(channel, index))
        leading = self.shape[: len(self.shape) - 2 - channels]
        if len(self.shape) < 2 + channels or len(index) != len(leading):
            raise FrameError(self._which_frame(leading, index))
        for axis, (place, length) in enumerate(zip(index, leading, strict=True)):
            if not 0 <= place < length:
                raise FrameError(
                    f"{self.path}: there is no frame {place} on axis {axis} of shape "
                    f"{self.shape}; give 0 to {length - 1}"
                )
        if channels:
            channel = self._which_channel(channel)
        with _reading(self.path):
            frame = np.asarray(self.data[tuple(index)])
        return frame if channel is None else frame[..., channel]

    def _has_channels(self, index: Sequence[int], channel: int | None) -> bool:
        if channel is not None:
            return True
        if self.channels_last is not None:
            return self.channels_last
        return len(self.shape) - len(index) == 3 and self.shape[-1] in _COLOURS

    def _which_frame(self, leading: tuple[int, ...], index: Sequence[int]) -> str:
        start = f"{self.path} has shape {self.shape}"
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
            raise FrameError(
                f"{self.path} has no channel {channel}: its last axis has {count} "
                f"(shape {self.shape}); give 0 to {count - 1}"
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
    with _reading(path):
        if suffix in _TIFF:
            return _open_tiff(path)
        if suffix == ".npy":
            return StoredImage(path, np.load(path, mmap_mode="r", allow_pickle=False), None)
        array = _read_plain(path)
    return StoredImage(path, array, array.ndim == 3)


def _read_plain(path: Path) -> NDArray[np.generic]:
    from PIL import Image  # what scikit-image reads with, after trying it on twenty plugins

    with Image.open(path) as image:
        return np.asarray(image if image.mode in _MODES else image.convert("RGB"))


def _open_tiff(path: Path) -> StoredImage:
    import tifffile  # not skimage's imread, which takes three planes for colours

    with tifffile.TiffFile(path) as file:
        series = file.series[0]
        # Three separate planes stay planes: tifffile calls any such stack of uint8 RGB.
        channels_last = series.axes.endswith("S")
        is_mappable = series.dataoffset is not None
        data = tifffile.memmap(path, mode="r") if is_mappable else series.asarray()
    return StoredImage(path, data, channels_last)


def _open_zarr(path: Path) -> StoredImage:
    if not any((path / name).is_file() for name in ("zarr.json", ".zarray", ".zgroup")):
        raise FormatError(f"{path} is a folder, not an image; give a file or a zarr array")
    with _reading(path):
        import zarr

        node = zarr.open(path, mode="r")
        if isinstance(node, zarr.Array):
            return StoredImage(path, node, None)
        attributes: Any = dict(node.attrs)
        scales = attributes.get("ome", attributes).get("multiscales")
        inside = scales[0]["datasets"][0]["path"] if scales else None
        array = node[inside] if inside is not None else None
    if array is None:
        names = ", ".join(sorted(node.array_keys())) or "none"
        raise FormatError(f"{path} is a zarr group; give one of its arrays as PATH/NAME: {names}")
    return StoredImage(path, array, False if scales else None)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Readers raise whatever their back end raises; to the user they are all one."""
    try:
        yield
    except (MemoryError, FormatError):
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise FormatError(f"{path}: not a readable image ({reason})") from error


def _listed(numbers: Sequence[int]) -> str:
    return ",".join(str(number) for number in numbers)
