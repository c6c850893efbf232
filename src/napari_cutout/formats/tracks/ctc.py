"""Tracks as files of the Cell Tracking Challenge: a label image a frame, and a table of tracks.

A line of the table is ``L B E P``: a label, the first and the last frame in which it is, and the
label of the parent or 0. The challenge wants a label in every frame between. So a track with a gap
is written as several, each the only child of the one before; reading puts them together again.
What the files are called is in ctc_files.py.

References
----------
Cell Tracking Challenge, Naming and file content conventions;
http://celltrackingchallenge.net/datasets/
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.images import open_image
from napari_cutout.formats.tracks.checking import check_lineage
from napari_cutout.formats.tracks.ctc_files import (
    MASKS,
    frames_in,
    mask_name,
    masks_in,
    table_in,
)
from napari_cutout.formats.tracks.pieces import Pieces, put_together
from napari_cutout.formats.tracks.track import Track
from napari_cutout.formats.writing import replacing

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from napari_cutout.formats.tracks.ctc_files import TableName


@dataclass(frozen=True)
class CtcSequence:
    """A folder of tracks that was read; its frames are read when they are asked for.

    Parameters
    ----------
    folder
        Where they lie.
    files
        Of the frames, in their order.
    tracks
        In the order of their ids.
    names
        The track of each label that is another one in the files.
    """

    folder: Path
    files: tuple[Path, ...]
    tracks: tuple[Track, ...]
    names: dict[int, int]

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, frame: int) -> NDArray[np.integer[Any]]:
        """The labels of a frame, ``(rows, cols)`` or ``(planes, rows, cols)``."""
        labels = _read(self.files[frame])
        return _renamed(labels, self.names) if self.names else labels

    def __iter__(self) -> Iterator[NDArray[np.integer[Any]]]:
        return (self[frame] for frame in range(len(self)))


def write_ctc(
    folder: Path,
    frames: Iterable[NDArray[np.integer[Any]]],
    tracks: Sequence[Track],
    *,
    table: TableName = "man_track.txt",
) -> tuple[Track, ...]:
    """Write frames and their tracks as the Cell Tracking Challenge has them.

    Parameters
    ----------
    folder
        Made where it isn't there; it must hold no tracks yet.
    frames
        ``(rows, cols)`` or ``(planes, rows, cols)`` labels with the ids of tracks, 0 is
        background; asked for one after the other.
    tracks
        What the labels are. All of them have to be in the frames as they say.
    table
        ``"man_track.txt"``, with frames ``man_track000.tif`` and on, as annotations have it, or
        ``"res_track.txt"`` with ``mask000.tif`` and on, as results.

    Returns
    -------
    tuple of Track
        The lines of the table: more than were given where there are gaps.

    Raises
    ------
    FormatError
        If labels and tracks don't agree, a parent doesn't end before its child begins, there are
        tracks in the folder, or it can't be written. The table is written last, so a folder
        without it is unfinished.
    """
    folder = Path(folder)
    if table not in MASKS:
        raise FormatError(f"the table is called {' or '.join(MASKS)}, not {table!r}")
    check_lineage(tracks)
    _check_empty(folder)
    pieces = Pieces(tracks)
    for number, labels in enumerate(frames):
        cut = pieces.of_frame(number, np.asarray(labels))
        _write(folder / mask_name(table, number), cut)
    lines = pieces.finish()
    text = "".join(f"{one.id} {one.first} {one.last} {one.parent}\n" for one in lines)
    with replacing(folder / table) as partial:
        partial.write_text(text, encoding="ascii")
    return lines


def read_ctc(folder: Path, *, allow_gaps: bool = False) -> CtcSequence:
    """Read tracks of the Cell Tracking Challenge: annotations or results.

    All frames are read once, to see that they agree with the table. A track that goes on after a
    gap, as an only child, becomes one with its parent.

    Parameters
    ----------
    folder
        With ``man_track.txt`` or ``res_track.txt`` and the frames, as ``01_GT/TRA`` or ``01_RES``.
    allow_gaps
        Whether a label may be missing in frames between, which the challenge doesn't allow.

    Returns
    -------
    CtcSequence
        ``len()``, ``[frame]`` and iteration give the labels, ``tracks`` what they are.

    Raises
    ------
    FormatError
        If something is missing, or isn't consistent, with the reason.
    """
    steps = reading_ctc(folder, allow_gaps=allow_gaps)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            sequence: CtcSequence = end.value
            return sequence


def reading_ctc(
    folder: Path, *, allow_gaps: bool = False
) -> Generator[tuple[int, int], None, CtcSequence]:
    """As :func:`read_ctc`, frame by frame: stop asking, and no more is read.

    Parameters
    ----------
    folder, allow_gaps
        As there.

    Yields
    ------
    done, total
        After each frame that was looked at.

    Returns
    -------
    CtcSequence

    Raises
    ------
    FormatError
        As there.
    """
    folder = Path(folder)
    lines = _lines(table_in(folder))
    check_lineage(lines)
    files = frames_in(folder)
    pieces = Pieces(lines, gaps=allow_gaps)
    for number, file in enumerate(files):
        try:
            pieces.of_frame(number, _read(file))
        except FormatError as error:
            raise FormatError(f"{file}: {error}") from error
        yield number + 1, len(files)
    try:
        pieces.finish()
    except FormatError as error:
        raise FormatError(f"{folder}: {error}") from error
    tracks, names = put_together(lines)
    return CtcSequence(folder, tuple(files), tracks, names)


def _check_empty(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise FormatError(f"{folder} is a file; tracks are written into a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FormatError(f"can't make {folder}: {error.strerror or error}") from error
    taken = [folder / name for name in MASKS if (folder / name).exists()] or masks_in(folder)
    if taken:
        raise FormatError(
            f"there are tracks in {folder} ({taken[0].name}); give another folder, or remove them"
        )


def _write(path: Path, labels: NDArray[np.integer[Any]]) -> None:
    import tifffile

    # The challenge has 16 bits; more only where ids need it.
    wide = int(labels.max(initial=0)) > np.iinfo(np.uint16).max
    pixels = labels.astype(np.uint32 if wide else np.uint16)
    axes = {"axes": "QZYX"[-pixels.ndim :]}
    with replacing(path) as partial:
        tifffile.imwrite(
            partial, pixels, compression="zlib", photometric="minisblack", metadata=axes
        )


def _read(path: Path) -> NDArray[np.integer[Any]]:
    labels = np.array(open_image(path).data)
    if labels.dtype.kind not in "iu" or labels.ndim not in (2, 3):
        raise FormatError(
            f"labels are (rows, cols) or (planes, rows, cols) integers, not {labels.shape} "
            f"{labels.dtype}"
        )
    return cast("NDArray[np.integer[Any]]", labels)


def _renamed(labels: NDArray[np.integer[Any]], names: dict[int, int]) -> NDArray[np.integer[Any]]:
    """Labels with the tracks that some of them are pieces of. O(pixels), however many there are."""
    # A frame may have fewer bits than the track needs.
    largest = np.min_scalar_type(max(names.values()))
    labels = labels.astype(np.promote_types(labels.dtype, largest), copy=False)
    pieces = np.array(sorted(names))
    tracks = np.array([names[piece] for piece in pieces.tolist()])
    is_piece = np.isin(labels, pieces)
    labels[is_piece] = tracks[np.searchsorted(pieces, labels[is_piece])]
    return labels


def _lines(path: Path) -> list[Track]:
    lines = []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"can't read {path}: {error}") from error
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words:
            continue
        try:
            label, first, last, parent = (int(word) for word in words)
            lines.append(Track(label, first, last, parent))
        except ValueError as error:
            raise FormatError(
                f"{path}, line {number}: {line!r} is not a track; expected four numbers: label, "
                "first frame, last frame, parent or 0"
            ) from error
    return lines
