"""Where the image is that a file of annotations names: beside it, or where data sets keep it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".npy")
"""Of image files that are looked for where the file of annotations gives no name."""

_PREFIX = "instances_"


def find_image(annotations: Path, file_name: str = "") -> Path | None:
    """The image of a file of annotations.

    Parameters
    ----------
    annotations
        Path of that file.
    file_name
        Of the image, as it says; perhaps with folders before it. Names that lead upwards or to
        the root are taken without their folders. Left out, a file with the same stem is looked
        for.

    Returns
    -------
    Path or None
        None when there is no such file.
    """
    folder = annotations.parent
    if not file_name:
        beside = (folder / f"{_stem(annotations)}{suffix}" for suffix in SUFFIXES)
        return next((path for path in beside if path.is_file()), None)
    named = PurePosixPath(file_name.replace("\\", "/"))
    is_inside = not named.is_absolute() and ".." not in named.parts and ":" not in file_name
    wanted = [Path(*named.parts), Path(named.name)] if is_inside else [Path(named.name)]
    split = _stem(annotations).removeprefix(_PREFIX)
    places = [
        folder,
        folder / "images",
        folder.parent / split,
        folder.parent / "images" / split,
        folder.parent / "images",
        folder.parent,
    ]
    found = (place / name for place in places for name in wanted)
    # A zarr is a folder.
    return next((path for path in found if _is_image(path)), None)


def _is_image(path: Path) -> bool:
    return path.is_file() or (path.is_dir() and path.suffix.lower() == ".zarr")


def _stem(path: Path) -> str:
    """A name without ``.json``, ``.sa1b.json`` and ``.coco.json``."""
    stem = path.stem
    return stem.removesuffix(".sa1b").removesuffix(".coco")
