"""Objects as a table: CSV, one row for each. Reading masks from it isn't possible.

Measuring an image under its objects is done in annotate/; this is what the objects themselves say.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cutout.formats.json_files import write_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_cutout.formats.objects.annotated import AnnotatedImage, AnnotatedObject

_BOX = ("row0", "col0", "row1", "col1")


def write_objects_csv(path: str | Path, images: Sequence[AnnotatedImage]) -> None:
    """Write what is known of objects, one a line: UTF-8, names in the first line.

    ``image``; the frame's place on each leading axis of a stack; ``id``, ``class``, ``area`` in
    pixels, the box ``row0 col0 row1 col1`` (pixel centres, both corners inside), ``score``,
    ``stability``, ``point row``, ``point col``, and all measurements. What isn't known is empty.

    Parameters
    ----------
    path
        A ``.csv``; replaced in one step when it is there.
    images
        With their objects.

    Raises
    ------
    FormatError
        If it can't be written.
    """
    write_text(Path(path), _lines(images))


def _lines(images: Sequence[AnnotatedImage]) -> Iterator[str]:
    axes = max((len(image.frame) for image in images), default=0)
    objects = [one for image in images for one in image.objects]
    extra = list(dict.fromkeys(name for one in objects for name, _ in one.measurements))
    places = [f"axis {axis}" for axis in range(axes)]
    known = ("id", "class", "area", *_BOX, "score", "stability", "point row", "point col")
    yield _line(["image", *places, *known, *extra])
    for image in images:
        frame = [*image.frame, *[""] * (axes - len(image.frame))]
        for one in image.objects:
            yield _line([image.file_name, *frame, *_values(one, extra)])


def _values(one: AnnotatedObject, extra: Sequence[str]) -> list[object]:
    measurements = dict(one.measurements)
    box = one.box if one.area else ("",) * 4
    return [
        one.id,
        one.class_name,
        one.area,
        *box,
        one.score,
        one.stability,
        *(one.point or ("", "")),
        *(measurements.get(name) for name in extra),
    ]


def _line(values: Sequence[object]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerow(values)
    return file.getvalue()
