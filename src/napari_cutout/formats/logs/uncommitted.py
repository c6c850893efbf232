"""What wasn't committed yet, as a small file beside the image: written anew each time.

Prompts, and what a brush made of their previews.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.fields import Fields
from napari_cutout.formats.logs.log_entries import VERSION, ImageFacts, LoggedMask, LoggedPrompts
from napari_cutout.formats.logs.log_reader import check_masks
from napari_cutout.formats.logs.prompts_json import (
    image_from_json,
    image_to_json,
    mask_from_json,
    mask_to_json,
    options_from_json,
    options_to_json,
    prompts_from_json,
    prompts_to_json,
)
from napari_cutout.formats.writing import replacing
from napari_cutout.segment.mask_options import MaskOptions

if TYPE_CHECKING:
    from pathlib import Path

_AS_IT_COMES = MaskOptions()


@dataclass(frozen=True)
class Uncommitted:
    """What a person had given when it was written.

    Parameters
    ----------
    session
        Stands for the session.
    image
        What is being cut.
    prompts
        All of the image, in its data coordinates.
    options
        How the preview is made of the logits.
    time
        ISO 8601, in UTC.
    model, intensity
        Names, as the session has them.
    positive, group, separate
        What the next prompt will be, and whether each prompt is an object.
    touched
        What a brush made of previews. The ``group`` of each is the object's place among those
        that are prompted in its frame, from 0.
    """

    session: str
    image: ImageFacts
    prompts: LoggedPrompts
    options: MaskOptions = _AS_IT_COMES
    time: str = ""
    model: str = ""
    intensity: str = ""
    positive: bool = True
    group: int = 0
    separate: bool = False
    touched: tuple[LoggedMask, ...] = ()


def write_uncommitted(path: Path, state: Uncommitted) -> None:
    """Write it, in one step.

    Raises
    ------
    FormatError
        If it can't be written; then what was there is still there.
    """
    value = {
        "kind": "prompts",
        "version": VERSION,
        "session": state.session,
        "time": state.time,
        "image": image_to_json(state.image),
        "prompts": prompts_to_json(state.prompts),
        "options": options_to_json(state.options),
        "model": state.model,
        "intensity": state.intensity,
        "positive": state.positive,
        "group": state.group,
        "separate": state.separate,
        "touched": [mask_to_json(mask) for mask in state.touched],
    }
    with replacing(path) as partial, partial.open("w", encoding="ascii") as file:
        json.dump(value, file, allow_nan=False)
        file.flush()
        os.fsync(file.fileno())


def read_uncommitted(path: Path) -> Uncommitted:
    """Read it.

    Raises
    ------
    FormatError
        If it isn't there, or isn't that.
    """
    try:
        value = json.loads(path.read_text(encoding="ascii"))
    except (OSError, ValueError, RecursionError) as error:
        raise FormatError(f"{path}: no prompts can be read from it ({error})") from error
    try:
        fields = Fields(value, "what was not committed")
        if fields.get("kind") != "prompts" or fields.whole("version", 1) > VERSION:
            raise FormatError("it is something else, or of a newer napari-cutout")
        image = image_from_json(fields.get("image"))
        prompts = prompts_from_json(fields.get("prompts"), len(image.shape))
        # Files of the first versions have none.
        touched = fields.each("touched", mask_from_json) if "touched" in fields else ()
        check_masks(prompts, image.shape)
        check_masks(LoggedPrompts(masks=touched), image.shape)
        return Uncommitted(
            fields.text("session"),
            image,
            prompts,
            options_from_json(fields.get("options")),
            fields.text("time"),
            fields.text("model"),
            fields.text("intensity"),
            fields.flag("positive"),
            fields.whole("group"),
            fields.flag("separate"),
            touched,
        )
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from error
