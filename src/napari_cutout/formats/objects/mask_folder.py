"""Objects as Segment Anything's own script writes them: a folder of masks and a table of them."""

from __future__ import annotations

import csv
import os
import shutil
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.formats.errors import FormatError
from napari_cutout.segment.automatic.results import full_mask, records

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cutout.segment.automatic.objects import Objects

TABLE = "metadata.csv"

COLUMNS = (
    "id",
    "area",
    "bbox_x0",
    "bbox_y0",
    "bbox_w",
    "bbox_h",
    "point_input_x",
    "point_input_y",
    "predicted_iou",
    "stability_score",
    "crop_box_x0",
    "crop_box_y0",
    "crop_box_w",
    "crop_box_h",
)
"""Of the table. Points are empty for objects that no point was asked for."""


def write_mask_folder(folder: Path, objects: Objects) -> None:
    """Write ``0.png``, ``1.png`` ... with 255 on each object, and ``metadata.csv``.

    Parameters
    ----------
    folder
        Replaced in one step when it is there and such a folder; its parent must be there.
    objects
        In this order. Boxes are (x, y, w, h) as the reference has them, see :func:`.records`.

    Raises
    ------
    FormatError
        If it can't be written, or the folder holds anything else.
    """
    from skimage.io import imsave

    if folder.exists() and not (folder / TABLE).is_file():
        raise FormatError(f"{folder} is there, and isn't a folder of masks; give another name")
    partial = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        partial.mkdir()
        for number, one in enumerate(objects):
            mask = full_mask(one, objects.shape).astype(np.uint8) * 255
            imsave(partial / f"{number}.png", mask, check_contrast=False)
        _write_table(partial / TABLE, objects)
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(partial, folder)
    except OSError as error:
        raise FormatError(f"can't write {folder}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write_table(path: Path, objects: Objects) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for number, record in enumerate(records(objects, "uncompressed_rle")):
            point = record["point_coords"][0] if record["point_coords"] else ("", "")
            table.writerow(
                [
                    number,
                    record["area"],
                    *record["bbox"],
                    *point,
                    record["predicted_iou"],
                    record["stability_score"],
                    *record["crop_box"],
                ]
            )
