"""The models that can be asked for by name, where they come from and what they are good for.

The facts are in ``catalogue.toml``; this reads them. Importing it takes no torch and no network.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cutout.sam.errors import WeightsError

if TYPE_CHECKING:
    from napari_cutout.sam.config import Framing

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True)
class Row:
    """One model of the catalogue. With neither ``url`` nor ``repo`` it is in the package.

    Parameters
    ----------
    name
        What a user asks for.
    url
        Where the file is. Beside ``repo``: the hub's address, if it isn't huggingface.co.
    repo
        Repository on the Hugging Face hub, ``owner/name``.
    file
        Name of the file, on disk and in the repository. Default: the URL's last part; for a
        repository, whichever of the usual names it has.
    hash
        Published checksum as ``algorithm:hex``, with algorithm sha256, md5 or xxh128; fewer
        digits than the algorithm gives are a prefix.
    size
        Bytes, where published.
    licence
        SPDX name.
    good_for
        What to use it for, in a sentence.
    source
        Who made it, and the page to read.
    notes
        What a user has to know beside that.
    framing
        How the model sees an image; see :class:`~napari_cutout.sam.config.SamConfig`.
    decoder_url, decoder_hash
        Of the file with its instance decoder, where it has one.
    """

    name: str
    url: str | None = None
    repo: str | None = None
    file: str | None = None
    hash: str | None = None
    size: int | None = None
    licence: str = "unknown"
    good_for: str = ""
    source: str = ""
    notes: str = ""
    framing: Framing = "longest_side"
    decoder_url: str | None = None
    decoder_hash: str | None = None

    @property
    def in_package(self) -> bool:
        """Whether the weights are shipped with the package."""
        return self.url is None and self.repo is None

    @property
    def instance_decoder(self) -> Row | None:
        """The file with its instance decoder, as a row of its own; None without one."""
        if self.decoder_url is None:
            return None
        model = Path(self.file_names[0])
        return Row(
            f"{self.name}_decoder",
            url=self.decoder_url,
            file=f"{model.stem}_decoder{model.suffix}",
            hash=self.decoder_hash,
            licence=self.licence,
            source=self.source,
        )

    @property
    def file_names(self) -> tuple[str, ...]:
        """Names that the file may have, the preferred one first."""
        if self.file is not None:
            return (self.file,)
        if self.repo is not None:
            return ("model.safetensors", "pytorch_model.bin")
        assert self.url is not None, "a row in the package names its file"
        return (self.url.rpartition("/")[2],)


@cache
def catalogue() -> dict[str, Row]:
    """All rows by name, in the catalogue's order."""
    text = files("napari_cutout.sam").joinpath("catalogue.toml").read_text("utf-8")
    return {name: Row(name, **facts) for name, facts in tomllib.loads(text).items()}


def find(name: str) -> Row:
    """Find the row of a name.

    Parameters
    ----------
    name
        A name of the catalogue, or any repository ``owner/name`` on the Hugging Face hub.

    Raises
    ------
    WeightsError
        If it is neither; the message names the closest ones.

    Examples
    --------
    >>> find("vit_b").licence
    'Apache-2.0'
    """
    rows = catalogue()
    if name in rows:
        return rows[name]
    if _REPOSITORY.fullmatch(name):
        return Row(name, repo=name, source=f"huggingface.co/{name}")
    close = get_close_matches(name.lower(), rows, n=3)
    meant = f"did you mean {' or '.join(map(repr, close))}? There are" if close else "there are"
    raise WeightsError(
        f"no model is called {name!r}; {meant} {', '.join(rows)}; a repository owner/name on the "
        "Hugging Face hub or the path of a file is good, too"
    )
