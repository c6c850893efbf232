"""Prompts, and what else a model is asked with, as JSON objects and back: parts of a prompt log."""

from __future__ import annotations

from typing import Any

import numpy as np

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.fields import Fields
from napari_cutout.formats.logs.log_entries import (
    ImageFacts,
    LoggedMask,
    LoggedPrompts,
    LoggedShape,
)
from napari_cutout.segment.errors import PromptError
from napari_cutout.segment.intensity import IntensityMapping
from napari_cutout.segment.mask_options import MaskOptions

Json = dict[str, Any]


def prompts_to_json(prompts: LoggedPrompts) -> Json:
    """Prompts as a JSON object."""
    return {
        "points": [list(point) for point in prompts.points],
        "positive": list(prompts.positive),
        "groups": list(prompts.groups),
        "shapes": [
            {
                "kind": shape.kind,
                "vertices": [list(vertex) for vertex in shape.vertices],
                "group": shape.group,
                "positive": shape.positive,
            }
            for shape in prompts.shapes
        ],
        "masks": [mask_to_json(mask) for mask in prompts.masks],
    }


def prompts_from_json(value: object, ndim: int) -> LoggedPrompts:
    """Read what :func:`prompts_to_json` gave for an image of so many axes.

    Raises
    ------
    FormatError
        If it is anything else.
    """

    def read_shape(item: object) -> LoggedShape:
        shape = Fields(item, "a shape")
        kind, vertices = shape.text("kind"), shape.rows("vertices", ndim)
        if not vertices:
            raise FormatError(f"a shape has vertices, and this {kind} has none")
        return LoggedShape(kind, vertices, shape.whole("group"), shape.flag("positive"))

    fields = Fields(value, "the prompts")
    points, positive = fields.rows("points", ndim), fields.flags("positive")
    groups = fields.wholes("groups")
    if not len(points) == len(positive) == len(groups):
        raise FormatError(
            f"{len(points)} points have {len(positive)} polarities and {len(groups)} groups"
        )
    shapes, masks = fields.each("shapes", read_shape), fields.each("masks", mask_from_json)
    return LoggedPrompts(points, positive, groups, shapes, masks)


def mask_to_json(mask: LoggedMask) -> Json:
    """A mask in its box as a JSON object."""
    return {
        "frame": list(mask.frame),
        "origin": list(mask.origin),
        "mask": mask.mask.to_json(),
        "group": mask.group,
    }


def mask_from_json(value: object) -> LoggedMask:
    """Read what :func:`mask_to_json` gave.

    Raises
    ------
    FormatError
        If it is anything else.
    """
    fields = Fields(value, "a mask")
    return LoggedMask(
        fields.frame("frame"), fields.pair("origin"), fields.mask("mask"), fields.whole("group")
    )


def image_to_json(image: ImageFacts) -> Json:
    """Which image was cut, as a JSON object."""
    return {
        "name": image.name,
        "path": image.path,
        "shape": list(image.shape),
        "dtype": image.dtype,
        "fingerprint": image.fingerprint,
    }


def image_from_json(value: object) -> ImageFacts:
    """Read what :func:`image_to_json` gave.

    Raises
    ------
    FormatError
        If it is anything else.
    """
    fields = Fields(value, "the image")
    return ImageFacts(
        fields.text("name"),
        fields.text("path"),
        fields.wholes("shape", 0),
        fields.text("dtype"),
        fields.text("fingerprint"),
    )


def options_to_json(options: MaskOptions) -> Json:
    """Mask options as a JSON object."""
    return {
        "threshold": options.threshold,
        "smoothing": options.smoothing,
        "fill_holes": options.fill_holes,
    }


def options_from_json(value: object) -> MaskOptions:
    """Read what :func:`options_to_json` gave.

    Raises
    ------
    FormatError
        If it is anything else.
    """
    fields = Fields(value, "the options")
    try:
        return MaskOptions(
            fields.number("threshold"), fields.number("smoothing"), fields.flag("fill_holes")
        )
    except PromptError as error:
        raise FormatError(str(error)) from error


def intensity_to_json(mapping: IntensityMapping) -> Json:
    """An intensity mapping as a JSON object."""
    limits = None if mapping.limits is None else np.asarray(mapping.limits, float).tolist()
    return {"name": mapping.name, "limits": limits, "per_channel": mapping.per_channel}


def intensity_from_json(value: object) -> IntensityMapping:
    """Read what :func:`intensity_to_json` gave.

    Raises
    ------
    FormatError
        If it is anything else.
    """
    fields = Fields(value, "the intensity mapping")
    limits: Any = None
    if "limits" in fields:
        given = fields.get("limits")
        is_nested = isinstance(given, list) and bool(given) and isinstance(given[0], list)
        limits = fields.rows("limits", 2) if is_nested else fields.numbers("limits")
    name: Any = fields.text("name")
    try:
        return IntensityMapping(name, limits, fields.flag("per_channel"))
    except ValueError as error:
        raise FormatError(f"the intensity mapping can't be used: {error}") from error
