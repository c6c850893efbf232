"""What a model finds by itself as a table for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from napari_cutout.evaluate.automatic_masks import AutomaticEvaluation

COLUMNS = {
    "ap50": "AP50",
    "ap75": "AP75",
    "map": "AP 50:95",
    "pq": "PQ",
    "boundary_f": "boundary F",
    "seconds": "s / image",
}


def render_automatic(evaluation: AutomaticEvaluation) -> Table:
    """Means over images, folder by folder."""
    table = Table(title=f"{evaluation.model}, {evaluation.mode}: means over images")
    table.add_column("folder")
    for name in ("images", "objects", "found", *COLUMNS.values()):
        table.add_column(name, justify="right")
    rows = evaluation.rows()
    for row in rows:
        if row is rows[-1]:
            table.add_section()
        digits = {key: 2 if key == "seconds" else 3 for key in COLUMNS}
        cells = (f"{row.figures[k]:.{digits[k]}f}" if k in row.figures else "" for k in COLUMNS)
        table.add_row(row.name, str(row.images), str(row.objects), str(row.found), *cells)
    return table
