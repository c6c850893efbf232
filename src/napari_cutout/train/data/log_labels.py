"""What the sessions of a prompt log left of their labels, frame by frame.

Where the log's image is, and reading it, is in logs.py.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.frame_index import frame_axes, frame_slices
from napari_cutout.annotate.replay import empty_labels, header_of, replay, sections
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.images import open_image
from napari_cutout.formats.logs.start_copy import read_start

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from napari_cutout.annotate.frame_index import FrameIndex
    from napari_cutout.formats.logs.log_entries import Entry, Header

    Channels = tuple[int, tuple[int, ...]]

_NEAR = 1e-3


@dataclass(frozen=True, eq=False)
class LogFrame:
    """A frame of the log's image with the labels that it has in the end.

    Parameters
    ----------
    header
        Of the labels' layer.
    index
        The frame in the image.
    labels
        ``(rows, cols)`` of the image's frame.
    channels
        The image's axis of channels and the one or three that the objects were cut in; None where
        none were chosen.
    """

    header: Header
    index: FrameIndex
    labels: NDArray[np.integer[Any]]
    channels: Channels | None


def labels_of_log(entries: Sequence[Entry], folder: Path) -> Iterator[LogFrame]:
    """The frames of a log in which objects were made, each as it was left.

    Labels of the same name go on from session to session. A frame is taken from the last of them;
    one that this session didn't touch, as it began with empty labels, from the one before.

    Parameters
    ----------
    entries
        Of the log.
    folder
        Where it lies, with copies of what labels held before.

    Raises
    ------
    FormatError
        If the labels can't be had again.
    """
    by_layer: dict[str, list[tuple[Entry, ...]]] = {}
    for section in sections(entries):
        by_layer.setdefault(header_of(section).layer, []).append(section)
    for of_layer in by_layer.values():
        yield from _of_layer(of_layer, folder)


def _of_layer(of_layer: Sequence[tuple[Entry, ...]], folder: Path) -> Iterator[LogFrame]:
    seen: set[FrameIndex] = set()
    for section in reversed(of_layer):
        frames = _frames(section)
        labels = _labels(section, folder)
        if header_of(section).start.kind != "empty":
            frames = dict.fromkeys(_filled(labels, header_of(section), frames)) | frames
        for index in sorted(frames.keys() - seen, key=_order):
            yield _frame(header_of(section), index, labels, frames[index])
        seen |= frames.keys()
        if header_of(section).start.kind not in ("empty", "unknown"):
            return


def _order(index: FrameIndex) -> tuple[int, ...]:
    return tuple(-1 if at is None else at for at in index)


def _frames(section: Sequence[Entry]) -> dict[FrameIndex, Channels | None]:
    """Frames of the image in which there were objects, and the channels of the last one of each.

    Those along the two axes that most objects lie along: across them, objects are cut through.
    """
    objects = [one for entry in section for one in entry.added]
    if not objects:
        return dict.fromkeys(_written(section))
    along = Counter(frame_axes(one.frame) for one in objects).most_common(1)[0][0]
    return {one.frame: one.channels for one in objects if frame_axes(one.frame) == along}


def _written(section: Sequence[Entry]) -> set[FrameIndex]:
    """Frames that a brush alone wrote, of labels that lie on the image pixel for pixel."""
    if header_of(section).place is not None:
        return set()
    frames = {region.frame for entry in section for region in entry.regions}
    return {frame for frame in frames if frame[-2:] == (None, None)}


def _filled(labels: Any, header: Header, frames: dict[FrameIndex, Any]) -> Iterator[FrameIndex]:
    """Frames with labels that were there before the log began."""
    leading = header.shape[:-2]
    across = any(frame[-2:] != (None, None) for frame in frames)
    if header.place is not None or across:
        return
    for place in np.ndindex(*leading):
        if np.any(labels[place]):
            yield (*place, None, None)


def _labels(section: Sequence[Entry], folder: Path) -> Any:
    """What the labels are in the end; of labels whose start wasn't kept, what was made since."""
    header = header_of(section)
    kind, path = header.start.kind, Path(header.start.path)
    if kind == "stored":
        # The entries were written there too.
        return open_image(path if path.exists() else folder / path.name).data
    if kind == "copy":
        return replay(section, read_start(folder / path.name, header.shape, header.dtype)).labels
    if kind == "unknown":
        return replay(section, out=empty_labels(header.shape, header.dtype)).labels
    return replay(section).labels


def _frame(header: Header, index: FrameIndex, labels: Any, channels: Channels | None) -> LogFrame:
    if header.place is None:
        plane = np.asarray(labels[frame_slices(index)])
    else:
        plane = _placed(header, index, labels)
    return LogFrame(header, index, plane, channels)


def _placed(header: Header, index: FrameIndex, labels: Any) -> NDArray[np.integer[Any]]:
    """A frame of the image from labels that lie elsewhere on it, shifted by whole pixels."""
    matrix = np.array(header.place)
    if matrix.shape[1] - 1 > len(index):
        raise FormatError(
            f"{header.layer!r} has more axes than its image, so that its frames can't be told; "
            "save the labels to a file and give that"
        )
    corner = np.array([0 if at is None else at for at in index], float)
    inverse = np.linalg.pinv(matrix[:-1, :-1])
    first = inverse @ (corner - matrix[:-1, -1])
    shift = len(index) - len(first)
    axes = [axis - shift for axis in frame_axes(index)]
    turned = np.abs(inverse[np.ix_(axes, frame_axes(index))] - np.eye(2)).max()
    if min(axes) < 0 or max(turned, np.abs(first - np.round(first)).max()) > _NEAR:
        raise FormatError(
            f"{header.layer!r} and its image don't share their pixels; save the labels to a file "
            "and give that"
        )
    start = np.round(first).astype(int)
    shape = [header.image.shape[axis] for axis in frame_axes(index)]
    plane = np.zeros(shape, header.dtype)
    place: list[Any] = start.tolist()
    inside = []
    for axis, length in zip(axes, shape, strict=True):
        low, high = max(start[axis], 0), min(start[axis] + length, header.shape[axis])
        place[axis] = slice(low, max(low, high))
        inside.append(slice(low - start[axis], max(low, high) - start[axis]))
    at = [place[axis] for axis in range(len(place)) if axis not in axes]
    sizes = [header.shape[axis] for axis in range(len(place)) if axis not in axes]
    if all(0 <= here < size for here, size in zip(at, sizes, strict=True)):
        plane[tuple(inside)] = labels[tuple(place)]
    return plane
