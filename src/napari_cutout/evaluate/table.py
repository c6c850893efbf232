"""One evaluation as a table for a terminal; several are in comparison_sheets.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.evaluate.comparison_sheets import prompted_sheet

if TYPE_CHECKING:
    from rich.table import Table

    from napari_cutout.evaluate.evaluation import Evaluation


def render(evaluation: Evaluation) -> Table:
    """Mean figures by folder; beside every box figure what an oval inscribed in it would have."""
    return prompted_sheet((evaluation,)).rich()
