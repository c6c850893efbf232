"""An evaluation as a table for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from napari_cutout.evaluate.evaluation import CLICKS, CLICKS_AFTER_BOX

if TYPE_CHECKING:
    from napari_cutout.evaluate.evaluation import Evaluation

COLUMNS = {
    **{f"click_{n}": f"{n} click{'s' if n > 1 else ''}" for n in CLICKS},
    "box": "box",
    "ellipse": "(oval in box)",
    **{f"box_click_{n}": f"box + {n}" for n in CLICKS_AFTER_BOX},
}


def render(evaluation: Evaluation) -> Table:
    """Mean IoU by folder; beside every box figure what an oval inscribed in it would have."""
    table = Table(title=f"{evaluation.model}: mean IoU")
    table.add_column("folder")
    for name in ("images", "objects", *COLUMNS.values()):
        table.add_column(name, justify="right")
    rows = evaluation.rows()
    for row in rows:
        if row is rows[-1]:
            table.add_section()
        figures = (f"{row.figures[key]:.3f}" if key in row.figures else "" for key in COLUMNS)
        table.add_row(row.name, str(row.images), str(row.objects), *figures)
    return table
