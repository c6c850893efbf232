"""Weights on disk: where they are, and how they get there.

A download has a temporary name until it is whole and checked, so that a file under its own name
is always good. No torch here; pooch and huggingface_hub are imported when something is fetched.
"""

from __future__ import annotations

import errno
import logging
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from napari_cutout.sam.catalogue import Row, find
from napari_cutout.sam.checksums import check_file
from napari_cutout.sam.errors import DownloadError, WeightsError
from napari_cutout.sam.hub_stated import unknown_stated

#: Called with the bytes that have arrived and those expected (None when that isn't known).
Progress = Callable[[int, int | None], None]

#: Called with what couldn't be checked, in words for the user.
Note = Callable[[str], None]

_log = logging.getLogger(__name__)

_PACKAGED = Path(__file__).parent / "weights"
_CHUNK = 2**20
_TIMEOUT = 30.0
# An abandoned download is one that nothing was written to for so long.
_ABANDONED = 24 * 3600.0
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def weights_dir() -> Path:
    """Give the folder for downloaded weights.

    ``NAPARI_CUTOUT_HOME`` if it is set, else napari-cutout's folder in the user's cache.
    """
    if home := os.environ.get("NAPARI_CUTOUT_HOME"):
        return Path(home).expanduser()
    import pooch

    return Path(pooch.os_cache("napari-cutout"))


def path_of(row: Row) -> Path:
    """Where a model's file is, or would be."""
    found = _existing(row)
    return found or _places(row)[0]


def is_on_disk(row: Row) -> bool:
    """Whether a model can be loaded without a network."""
    return _existing(row) is not None


def fetch(model: Row | str, progress: Progress | None = None, note: Note = _log.warning) -> Path:
    """Get the checked file of a model, downloaded if it isn't there.

    Parameters
    ----------
    model
        A row of the catalogue or its name, or a hub repository ``owner/name``.
    progress
        Called as bytes arrive.
    note
        Called with what couldn't be checked: where no whole checksum is published, the file's own
        is remembered the first time. By default the log gets it.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    DownloadError
        If it can't be had, or there is no room for it; nothing is left behind.
    WeightsError
        If the name is unknown, or the file isn't the published one.
    """
    row = find(model) if isinstance(model, str) else model
    path = _existing(row)
    if path is None:
        path = _download(row, progress, note)
    elif not row.in_package:
        try:
            _check(row, path, path, row.hash, note)
        except WeightsError as error:
            raise WeightsError(f"{error}; move {path} away to have it downloaded again") from None
        if row.repo is not None:
            from napari_cutout.sam.hub import complete_from_hub

            complete_from_hub(row.repo, row, path.parent, _places(row)[0].parent)
    return path


def not_asked_for(row: Row) -> tuple[str, ...]:
    """What the hub may say of a model on disk, and couldn't be asked for.

    Parameters
    ----------
    row
        Of a model that was fetched.

    Returns
    -------
    tuple of str
        Names of files.
    """
    path = _existing(row)
    if path is None or row.repo is None:
        return ()
    return unknown_stated(path.parent, _places(row)[0].parent)


def _download(row: Row, progress: Progress | None, note: Note) -> Path:
    if row.in_package:
        raise WeightsError(f"{_places(row)[0]} is missing from the package; install it again")
    target = _places(row)[0]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DownloadError(
            f"can't make the folder {target.parent} ({error}); set NAPARI_CUTOUT_HOME to another"
        ) from error
    if row.repo is not None:
        from napari_cutout.sam.hub import fetch_from_hub

        target, published = fetch_from_hub(row.repo, row, target.parent, progress)
        return _checked(row, target, target, published, note)
    return _download_url(row, target, progress, note)


def _download_url(row: Row, target: Path, progress: Progress | None, note: Note) -> Path:
    import pooch

    _sweep(target)
    handle, name = tempfile.mkstemp(prefix=f"{target.name}.", suffix=".part", dir=target.parent)
    os.close(handle)
    part = Path(name)
    # Not compressed, so that the length that is announced is the file's.
    downloader = pooch.HTTPDownloader(
        progressbar=_Arrived(progress),
        chunk_size=_CHUNK,
        timeout=_TIMEOUT,
        headers={"Accept-Encoding": "identity"},
    )
    try:
        # The errors of requests are OSErrors, a body cut short included.
        downloader(row.url or "", str(part), None)
        return _checked(row, part, target, row.hash, note)
    except OSError as error:
        raise _failure(row.url or "", target, error) from error
    finally:
        part.unlink(missing_ok=True)


class _Arrived:
    """What pooch takes for a progress bar, passing on to a callback."""

    def __init__(self, progress: Progress | None) -> None:
        self.total: int | None = None
        self._progress = progress
        self._done = 0

    def update(self, size: int) -> None:
        """Count a chunk: its nominal size, which for the last one is more than came."""
        self._done = min(self._done + size, self.total or self._done + size)
        if self._progress is not None:
            self._progress(self._done, self.total or None)

    def reset(self) -> None:
        """Begin again, as pooch does to show a full bar at the end."""
        self._done = 0

    def close(self) -> None:
        """Nothing is held."""


def _check(row: Row, path: Path, target: Path, published: str | None, note: Note) -> None:
    """Check a file, and pass on what couldn't be checked."""
    for unchecked in check_file(path, published, weights_dir(), _record(row, target), row.size):
        note(unchecked)


def _checked(row: Row, arrived: Path, target: Path, published: str | None, note: Note) -> Path:
    """Check what arrived and give it its name; what isn't right is deleted."""
    try:
        _check(row, arrived, target, published, note)
    except WeightsError as error:
        arrived.unlink()
        raise WeightsError(f"{error}; deleted it, try again") from None
    if arrived != target:
        os.replace(arrived, target)
    return target


def _failure(url: str, target: Path, error: OSError) -> DownloadError:
    """Say what went wrong, in one line that says what to do."""
    reason = " ".join(str(error).split())
    if error.errno in _NO_ROOM:
        return DownloadError(
            f"no room for {target.name} in {target.parent} ({reason}); make some, or set "
            "NAPARI_CUTOUT_HOME to a folder on another disk"
        )
    return DownloadError(
        f"could not download {url} ({reason}); try again, or put the file at {target} by hand"
    )


def _places(row: Row) -> list[Path]:
    if row.in_package:
        return [_PACKAGED / name for name in row.file_names]
    folder = weights_dir()
    if row.repo is not None:
        folder = folder / row.repo.replace("/", "--")
    return [folder / name for name in row.file_names]


def _existing(row: Row) -> Path | None:
    own = next((path for path in _places(row) if path.is_file()), None)
    if own is not None or row.repo is None:
        return own
    from napari_cutout.sam.hub import in_hub_cache

    return in_hub_cache(row.repo, row.file_names)


def _record(row: Row, path: Path) -> str:
    """Name what a file is remembered as: a repository's files all have the same few names."""
    return f"{row.repo}/{path.name}" if row.repo is not None else path.name


def _sweep(target: Path) -> None:
    """Delete what processes that were killed have left of this file."""
    for part in target.parent.glob(f"{target.name}.*.part"):
        if time.time() - part.stat().st_mtime > _ABANDONED:
            part.unlink(missing_ok=True)
