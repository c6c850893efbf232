"""Where trained models are saved, so that none is written over, and which there were lately."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.user_folder import user_folder
from napari_cutout.formats.writing import replacing
from napari_cutout.layers.journal.image_facts import facts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari.layers import Image

SUFFIX, STATE = ".safetensors", ".state"
"""Of a model, and of a training that isn't done, which lies beside it."""

KEPT = 12
"""Models that are known as the latest."""

_LONGEST_NAME = 60
_NUMBER = re.compile(r"-\d+$")


def data_folder() -> Path:
    """Where models go that can't lie beside an image."""
    return user_folder() / "trained"


def in_words(path: Path) -> str:
    """A path as people write it: with ``~`` for their own folder."""
    home = Path.home()
    return str(Path("~", path.relative_to(home)) if path.is_relative_to(home) else path)


def free_path(image: Image | None, parent: str | Path) -> Path:
    """A file that isn't there yet: beside the image, or in :func:`data_folder`.

    Parameters
    ----------
    image
        That was learned from; None for none.
    parent
        The model that it begins with.

    Returns
    -------
    Path
        ``nuclei-compact-1.safetensors`` for the image ``nuclei.tif``, or with a higher number.
    """
    path = Path(facts_of(image).path) if image is not None else Path()
    is_beside = bool(path.name) and path.parent.is_dir()
    folder = path.parent if is_beside else data_folder()
    own = path.stem if is_beside else "" if image is None else str(image.name)
    own = _plain(own)
    model = _NUMBER.sub("", _plain(parent.stem if isinstance(parent, Path) else str(parent)))
    # What goes on from a model of this image has its name, and the next number.
    stem = model if own and model.startswith(f"{own}-") else "-".join(filter(None, (own, model)))
    # Where one was interrupted, it could be gone on with.
    return next(
        path
        for path in _names(folder, stem)
        if not (path.exists() or path.with_suffix(STATE).exists())
    )


def trained_models() -> list[Path]:
    """The models that were trained lately and are still there, the last one first."""
    return [path for path in _known() if path.is_file()]


def remember(path: Path) -> None:
    """Know a model as the one that was trained last. A list that can't be kept is no harm."""
    path = Path(path).absolute()
    known = [path, *(other for other in _known() if other != path)][:KEPT]
    with suppress(OSError, FormatError):
        _list().parent.mkdir(parents=True, exist_ok=True)
        with replacing(_list()) as partial:
            partial.write_text(json.dumps([str(one) for one in known], indent=1), "utf-8")


def _list() -> Path:
    return user_folder() / "trained.json"


def _known() -> list[Path]:
    try:
        names = json.loads(_list().read_text("utf-8"))
    except (OSError, ValueError):
        return []
    return [Path(name) for name in names if isinstance(name, str)] if names else []


def _plain(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name)[:_LONGEST_NAME].strip("-.")


def _names(folder: Path, stem: str) -> Iterator[Path]:
    number = 1
    while True:
        yield folder / f"{stem}-{number}{SUFFIX}"
        number += 1
