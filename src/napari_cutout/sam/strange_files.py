"""What a file is that holds no weights, told from its first bytes, and the way out.

Only asked once reading it has failed; reading is in ``weight_files``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile, is_zipfile

if TYPE_CHECKING:
    from pathlib import Path

_PAGES = (b"<!doctype", b"<html", b"<?xml")


def not_weights(path: Path) -> str | None:
    """Say what a file is instead of weights; None where its bytes tell nothing.

    Parameters
    ----------
    path
        A file that could not be read as weights.
    """
    with path.open("rb") as file:
        head = file.read(64)
    if head.lstrip().lower().startswith(_PAGES):
        return (
            "a web page and not the weights, as a link gives it that leads to a page about them; "
            "get it again, by the link to the file"
        )
    if head.startswith(b"version https://git-lfs"):
        return (
            "a Git LFS pointer, which stands for the weights; get it again with 'git lfs pull', or "
            "download the file from its page"
        )
    if head.startswith(b"\x89HDF\r\n"):
        return "an HDF5 file, of Keras for example; choose a PyTorch or safetensors file"
    if is_zipfile(path):
        return _in_archive(path)
    return None


def _in_archive(path: Path) -> str | None:
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
    except (BadZipFile, OSError):
        return None
    if any("/code/" in name for name in names):
        return (
            "a TorchScript program, which is run and not read; save the state dict of the model "
            "that it was made of, and choose that file"
        )
    if not any(name.endswith("data.pkl") for name in names):
        return f"a zip archive with {names[0] if names else 'nothing'} in it; unpack it first"
    return None
