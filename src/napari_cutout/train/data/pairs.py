"""Which image files belong to which label files, by their names.

Nothing is opened here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.natural_order import natural_key

if TYPE_CHECKING:
    from pathlib import Path

IMAGE_FOLDERS = ("images", "image", "imgs", "img", "raw")
LABEL_FOLDERS = ("labels", "label", "masks", "mask")

_IMAGES = {".png", ".tif", ".tiff", ".jpg", ".jpeg", ".bmp", ".npy", ".zarr"}
# Compression that changes pixels makes other ids of them.
_LABELS = _IMAGES - {".jpg", ".jpeg"}
_MARK = re.compile(r"[_.\- ](?:cp_)?(?:masks?|labels?|seg|instances?|gt)$", re.IGNORECASE)
_IMAGE_MARK = re.compile(r"[_.\- ](?:im|img|image|raw)$", re.IGNORECASE)


def in_two_folders(images: Path, labels: Path) -> list[tuple[Path, Path]]:
    """The images of a folder with the labels of another one, by their stems.

    ``a.tif`` goes with ``a.png`` in the other folder, or with ``a_mask.png``, ``a_labels.tif`` and
    the like.

    Raises
    ------
    FormatError
        If two files have the name of one image or of its labels.
    """
    return _paired(_files(images, _IMAGES), _files(labels, _LABELS))


def side_by_side(folder: Path) -> list[tuple[Path, Path]]:
    """The images of a folder that have labels beside them: ``a.tif`` with ``a_mask.png``.

    Raises
    ------
    FormatError
        If two files have the name of one image or of its labels.
    """
    files = _files(folder, _IMAGES)
    labels = [path for path in files if is_named_labels(path)]
    return _paired([path for path in files if path not in labels], labels)


def beside(image: Path) -> list[tuple[Path, Path]]:
    """The same for one image."""
    return [pair for pair in side_by_side(image.parent) if pair[0] == image]


def is_named_labels(path: Path) -> bool:
    """Whether a file has a name as labels beside their image have."""
    # Cellpose's _seg.npy are no arrays.
    is_pickle = path.suffix.lower() == ".npy" and _stem(path).lower().endswith("_seg")
    return path.suffix.lower() in _LABELS and not is_pickle and bool(_MARK.search(_stem(path)))


def is_saved(image: Path, labels: Path) -> bool:
    """Whether labels are what a session with a folder saves of an image: ``a.labels.tif``."""
    return _stem(labels).endswith(".labels") and _stem(labels).startswith(image.stem)


def folders_of(folder: Path) -> tuple[Path, Path] | None:
    """The folders of images and of labels in a folder; None where there aren't both.

    Raises
    ------
    FormatError
        If there are several of either.
    """
    found = [
        [folder / name for name in names if (folder / name).is_dir()]
        for names in (IMAGE_FOLDERS, LABEL_FOLDERS)
    ]
    if not all(found):
        return None
    for several in found:
        # A file system that takes upper and lower case for the same has one of each anyway.
        if len(several) > 1:
            raise FormatError(
                f"{folder} has {several[0].name}/ and {several[1].name}/; say which is meant: "
                f"open_data({folder / '...'}, {folder / '...'})"
            )
    return found[0][0], found[1][0]


def folder_name(images: Path) -> str:
    """What a data set is called, by the folder of its images."""
    images = images.resolve()
    return images.parent.name if images.name.lower() in IMAGE_FOLDERS else images.name


def _paired(images: list[Path], labels: list[Path]) -> list[tuple[Path, Path]]:
    named: dict[str, list[Path]] = {}
    for path in images:
        for name in {_stem(path), _IMAGE_MARK.sub("", _stem(path))}:
            named.setdefault(name, []).append(path)
    found: dict[Path, Path] = {}
    for path in labels:
        image = _image_for(path, named)
        if image is None:
            continue
        if image in found:
            raise FormatError(
                f"{image} has two files of labels, {found[image].name} and {path.name}; give the "
                "one that is meant: open_data(IMAGE, LABELS)"
            )
        found[image] = path
    return [(image, found[image]) for image in images if image in found]


def _image_for(labels: Path, named: dict[str, list[Path]]) -> Path | None:
    for name in (_stem(labels), _MARK.sub("", _stem(labels))):
        images = named.get(name, [])
        # "a.tif" comes before "a_img.tif".
        images = [path for path in images if _stem(path) == name] or images
        if len(images) > 1:
            raise FormatError(
                f"{labels} has two images, {images[0].name} and {images[1].name}; give the one "
                "that is meant: open_data(IMAGE, LABELS)"
            )
        if images:
            return images[0]
    return None


def _files(folder: Path, suffixes: set[str]) -> list[Path]:
    try:
        found = [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError as error:
        raise FormatError(f"can't read {folder}: {error.strerror or error}") from error
    fitting = [path for path in found if path.suffix.lower() in suffixes]
    return sorted(fitting, key=natural_key)


def _stem(path: Path) -> str:
    """A name without its suffix, and without the ``.ome`` before it."""
    return re.sub(r"\.ome$", "", path.stem, flags=re.IGNORECASE)
