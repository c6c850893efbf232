"""Weights from the Hugging Face hub, by its own client, which resumes and knows gated models."""

from __future__ import annotations

import errno
import io
import logging
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cutout.sam.errors import DownloadError
from napari_cutout.sam.hub_stated import STATED, remember_none, unknown_stated

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cutout.sam.catalogue import Row

_log = logging.getLogger(__name__)

# Of a model that is on disk the hub is only asked what is said beside it.
_PATIENCE = 3.0


def in_hub_cache(repo: str, names: tuple[str, ...]) -> Path | None:
    """Look for the file in the hub client's own cache, where other programs may have put it."""
    if not _may_hold(repo):
        return None
    from huggingface_hub import try_to_load_from_cache

    for name in names:
        found = try_to_load_from_cache(repo, name)
        if isinstance(found, str):
            return Path(found)
    return None


def _may_hold(repo: str) -> bool:
    """Whether there is a folder of a repository in the cache.

    The client, which takes a third of a second to import, isn't asked where there is none.
    """
    if "huggingface_hub" in sys.modules:
        return True
    said = os.environ
    cache = Path(said.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = Path(said.get("HF_HOME") or cache / "huggingface")
    hub = said.get("HF_HUB_CACHE") or said.get("HUGGINGFACE_HUB_CACHE") or home / "hub"
    folder = Path(os.path.expandvars(hub)).expanduser()
    return (folder / f"models--{repo.replace('/', '--')}").is_dir()


def fetch_from_hub(
    repo: str, row: Row, folder: Path, progress: Callable[[int, int | None], None] | None
) -> tuple[Path, str | None]:
    """Download a repository's weights into a folder.

    Parameters
    ----------
    repo
        ``owner/name``.
    row
        Its row; the file names are tried in order.
    folder
        Where the file goes, and ``config.json`` and what is said of images beside it, where the
        repository has them: they tell what weights don't.
    progress
        Called as bytes arrive.

    Returns
    -------
    path : Path
        The file.
    published : str or None
        ``sha256:hex`` as the hub tells it, where it does.

    Raises
    ------
    DownloadError
        If it can't be had.
    """
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url
    from huggingface_hub.errors import EntryNotFoundError

    for name in row.file_names:
        try:
            # Without a network this fails at once, where the download tries on for half a minute.
            metadata = get_hf_file_metadata(hf_hub_url(repo, name, endpoint=row.url))
            for stated in STATED:
                _fetch_stated(repo, stated, row, folder)
            path = hf_hub_download(
                repo, name, local_dir=folder, endpoint=row.url, tqdm_class=_meter(progress)
            )
        except EntryNotFoundError:
            continue
        except Exception as error:
            # The client lets through errors of three libraries beneath it, not all of them
            # OSError; to the user they are all one.
            raise _failure(row, folder, error) from error
        return Path(path), row.hash or _published(metadata.etag)
    raise DownloadError(
        f"{repo} on the hub has none of {', '.join(row.file_names)}; choose another repository"
    )


def complete_from_hub(repo: str, row: Row, folder: Path, home: Path) -> None:
    """Fetch what the hub says of weights that are on disk, as far as it isn't known.

    Where the hub can't be asked, it stays unknown: the weights are as good as they were.

    Parameters
    ----------
    repo, row
        See :func:`fetch_from_hub`.
    folder, home
        See :func:`~napari_cutout.sam.hub_stated.unknown_stated`.
    """
    names = unknown_stated(folder, home)
    if not names:
        return
    # In the client's cache the weights' folder has the name of their commit.
    commit = None if folder == home else folder.name
    try:
        for name in names:
            _fetch_stated(repo, name, row, home, commit, _PATIENCE)
    except Exception as error:
        # See fetch_from_hub.
        _log.info("%s: could not ask for %s: %s", repo, ", ".join(names), error)


def _fetch_stated(
    repo: str, name: str, row: Row, home: Path, commit: str | None = None, patience: float = 10.0
) -> None:
    """Into our folder, or of a commit into the client's cache; or remember that there is none."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url
    from huggingface_hub.errors import EntryNotFoundError

    url = hf_hub_url(repo, name, revision=commit, endpoint=row.url)
    try:
        get_hf_file_metadata(url, timeout=patience)
    except EntryNotFoundError:
        remember_none(home, name)
        return
    hf_hub_download(
        repo,
        name,
        revision=commit,
        local_dir=None if commit else home,
        endpoint=row.url,
        tqdm_class=_meter(None),
    )


def _published(etag: str | None) -> str | None:
    """Turn the ETag into a checksum: of a large file, it is the sha256."""
    return f"sha256:{etag}" if re.fullmatch("[0-9a-f]{64}", etag or "") else None


def _failure(row: Row, folder: Path, error: BaseException) -> DownloadError:
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    page = f"{row.url or 'https://huggingface.co'}/{row.repo}"
    if isinstance(error, GatedRepoError):
        return DownloadError(
            f"{page} is gated: accept its terms there, then run 'hf auth login' and try again"
        )
    if isinstance(error, RepositoryNotFoundError):
        return DownloadError(f"{page} does not exist, or is private; check the spelling")
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DownloadError(f"no room for {row.repo} in {folder}; set NAPARI_CUTOUT_HOME")
    reason = " ".join(str(error).split())[:300]
    target = folder / row.file_names[0]
    return DownloadError(
        f"could not download {page} ({reason}); try again, or put {row.file_names[0]} "
        f"at {target} by hand"
    )


def _meter(progress: Callable[[int, int | None], None] | None) -> type[Any]:
    """Make a progress bar that shows nothing and tells a callback."""
    from huggingface_hub.utils.tqdm import tqdm

    base: Any = tqdm

    class Meter(base):  # type: ignore[misc]
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **(options | {"file": io.StringIO(), "disable": False}))

        def update(self, n: float | None = 1) -> bool | None:
            shown: bool | None = super().update(n)
            if progress is not None:
                progress(int(self.n), int(self.total) if self.total else None)
            return shown

    return Meter
