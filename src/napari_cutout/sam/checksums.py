"""Whether a weights file is the one that was published, or the one that was first seen.

What has been checked is remembered in a small JSON file beside the weights, so that a file that
did not change is not read twice. No network, no torch.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import logging
import os
from typing import TYPE_CHECKING, Any

from napari_cutout.sam.errors import WeightsError

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)

_LEDGER = "known_hashes.json"
_FULL_LENGTH = {"sha256": 64, "md5": 32, "xxh128": 32}


def check_file(
    path: Path, published: str | None, home: Path, name: str, size: int | None = None
) -> tuple[str, ...]:
    """Make sure that a file is what it should be, and remember that it was.

    Parameters
    ----------
    path
        The file, whatever it is called at the moment.
    published
        ``algorithm:hex``, or a prefix of it, or None where nobody publishes one.
    home
        Folder whose ``known_hashes.json`` remembers.
    name
        What the file is remembered as.
    size
        Published number of bytes.

    Returns
    -------
    tuple of str
        What could not be checked, in words for the user.

    Raises
    ------
    WeightsError
        If the checksum or size isn't the published one; or, where no whole checksum could be
        compared, isn't that of the first time.
    """
    stat = path.stat()
    known = _read_ledger(home).get(name, {})
    stamp = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns}
    lacking = _lacking(published)
    is_same = published == known.get("published") and stamp.items() <= known.items()
    if is_same and (known.get("compared") or not _is_whole(published)):
        return ()
    if is_same and lacking:
        return (_unchecked(name, str(known.get("sha256")), lacking),)
    if size is not None and stat.st_size != size:
        raise WeightsError(f"{name}: has {stat.st_size} bytes where {size} were expected")
    sha256 = file_digest(path, "sha256")
    compared = published is not None and not lacking and _compare(path, published, sha256, name)
    first_seen = known.get("sha256")
    if not compared and first_seen not in (None, sha256):
        raise WeightsError(
            f"{name}: its sha256 is {sha256}, but was {first_seen} when it was first seen; if the "
            f"publisher is known to have replaced it, delete its entry in {home / _LEDGER}"
        )
    entry = {"sha256": sha256, "published": published, "compared": compared, **stamp}
    _remember(home, name, entry)
    return () if compared else (_unchecked(name, sha256, lacking),)


def file_digest(path: Path, algorithm: str) -> str:
    """Compute the hex digest of a file.

    Raises
    ------
    ModuleNotFoundError
        For ``xxh128`` where the xxhash package isn't installed.
    """
    factory: Any = algorithm
    if algorithm == "xxh128":
        factory = importlib.import_module("xxhash").xxh3_128
    with path.open("rb") as file:
        return str(hashlib.file_digest(file, factory).hexdigest())


def _compare(path: Path, published: str, sha256: str, name: str) -> bool:
    """Compare with a published checksum; whether that settles which file it is."""
    algorithm, _, expected = published.partition(":")
    actual = sha256 if algorithm == "sha256" else file_digest(path, algorithm)
    if not actual.startswith(expected.lower()):
        raise WeightsError(
            f"{name}: its {algorithm} is {actual} where {expected} is published: "
            "damaged on the way, or not the file that was meant"
        )
    return _is_whole(published)


def _is_whole(published: str | None) -> bool:
    """Whether a checksum settles which file it is; a prefix doesn't."""
    algorithm, _, expected = (published or "sha256:").partition(":")
    return len(expected) == _FULL_LENGTH[algorithm]


def _lacking(published: str | None) -> str:
    """What has to be installed to compare a checksum; nothing for most."""
    needed = (published or "").startswith("xxh128:")
    return "xxhash" if needed and importlib.util.find_spec("xxhash") is None else ""


def _unchecked(name: str, sha256: str, lacking: str) -> str:
    if lacking:
        return f"{name}: not checked (pip install {lacking}); remembered its sha256 {sha256}"
    return f"{name}: no whole checksum is published; remembered its sha256 {sha256}"


def _read_ledger(home: Path) -> dict[str, dict[str, Any]]:
    try:
        ledger = json.loads((home / _LEDGER).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return ledger if isinstance(ledger, dict) else {}


def _remember(home: Path, name: str, entry: dict[str, Any]) -> None:
    """Add to the ledger; a folder that can't be written to is no reason to fail."""
    partial = home / f"{_LEDGER}.{os.getpid()}.part"
    ledger = json.dumps(_read_ledger(home) | {name: entry}, indent=2, sort_keys=True)
    try:
        partial.write_text(ledger, encoding="utf-8")
        os.replace(partial, home / _LEDGER)
    except OSError as error:
        _log.info("could not remember the checksum of %s: %s", name, error)
