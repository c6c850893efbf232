"""What a person prefers: the page "Cut Out" of napari's Preferences, read as one value.

The page itself is in the manifest, napari.yaml. Nothing is written here; a script that makes a
:class:`.Session` says what it wants and isn't concerned.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari.layers import Image

    from napari_cutout.annotate import OverlapPolicy

PLUGIN = "napari-cutout"

PAGE: dict[str, tuple[str, ...]] = {
    "models": ("model", "device", "precision"),
    "embeddings": ("cache_megabytes", "store", "store_folder"),
    "work": ("live", "hovering", "policy", "autosave"),
}
"""The parts of the page, and what each holds."""


@dataclass(frozen=True)
class Preferences:
    """What the widgets begin with.

    Parameters
    ----------
    model
        A name of the catalogue, ``owner/name`` of the Hugging Face hub, or the path of a file.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
    precision
        ``"auto"``, ``"float32"``, ``"bfloat16"`` or ``"float16"``.
    cache_megabytes
        Memory for embeddings, in units of 1024 * 1024 bytes.
    store
        Whether embeddings are kept on disk besides.
    store_folder
        Where; empty for beside the data.
    live
        Whether the mask is shown as soon as a prompt changes.
    hovering
        Whether what is under the cursor is outlined from the start.
    policy
        What happens where a new object meets others.
    autosave
        Whether prompts, preview and labels are saved while one works.
    """

    model: str = "compact"
    device: str = "auto"
    precision: str = "auto"
    cache_megabytes: int = 1024
    store: bool = False
    store_folder: str = ""
    live: bool = True
    hovering: bool = False
    policy: OverlapPolicy = "new_on_top"
    autosave: bool = True

    @property
    def cache_bytes(self) -> int:
        """Memory for embeddings, as :class:`~napari_cutout.Segmenter` takes it."""
        return self.cache_megabytes << 20

    @property
    def model_source(self) -> str | Path:
        """The model, as :class:`~napari_cutout.Segmenter` takes it."""
        path = Path(self.model).expanduser()
        return path if path.is_absolute() else self.model


def read_preferences() -> Preferences:
    """What is set in napari's Preferences, or the defaults where the plugin isn't registered.

    A value that can't be is left out: napari has said so when it read the file.
    """
    from napari.settings import get_plugin_settings

    try:
        settings = get_plugin_settings(PLUGIN)
    except KeyError:
        return Preferences()
    known = {field.name for field in fields(Preferences)}
    found: dict[str, Any] = {
        name: getattr(part, name)
        for key, names in PAGE.items()
        if (part := getattr(settings, key, None)) is not None
        for name in names
        if name in known and hasattr(part, name)
    }
    return Preferences(**found)


def store_path(preferences: Preferences, image: Image) -> Path | None:
    """Where embeddings of an image are kept on disk.

    Parameters
    ----------
    preferences
        With a folder, or without one for beside the image.
    image
        A layer.

    Returns
    -------
    Path or None
        None without a folder for an image that isn't a file.
    """
    from napari_cutout.layers.journal.image_facts import facts_of
    from napari_cutout.segment.store import SUFFIX, beside

    if preferences.store_folder:
        return Path(preferences.store_folder).expanduser() / f"napari-cutout{SUFFIX}"
    path = Path(facts_of(image).path)
    return beside(path) if path.name and path.parent.is_dir() else None
