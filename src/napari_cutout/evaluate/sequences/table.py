"""What is found on sequences as tables for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from napari_cutout.evaluate.sequences.linking import LinkingReport
    from napari_cutout.evaluate.sequences.propagation import PropagationReport

_BEGIN = {"first": "the first frame", "middle": "each one's middle, both ways"}


def render_linking(name: str, report: LinkingReport) -> Table:
    """Links that are there and were missed, and wrong ones; beside them those of plain overlap."""
    scores = ", ".join(f"{score} {value:.3f}" for score, value in report.scores.items())
    table = Table(title=f"{name}: links between labelled frames", caption=scores or None)
    for column in ("labels", "every"):
        table.add_column(column)
    for column in ("links", "missed", "wrong", "(overlap: missed)", "(overlap: wrong)"):
        table.add_column(column, justify="right")
    for row in report.rows:
        figures = (row.links, row.missed, row.wrong, row.plain_missed, row.plain_wrong)
        table.add_row(row.kind, str(row.every), *map(str, figures))
    return table


def render_propagation(name: str, model: str, report: PropagationReport) -> Table:
    """Mean IoU and lost objects after some frames; beside them the known mask copied unchanged."""
    table = Table(
        title=f"{name}: objects carried with {model}",
        caption=f"of objects that are gone, {report.ghosts:.0%} of the frames still have a mask",
    )
    for column in ("carried from", "frames on"):
        table.add_column(column)
    for column in ("objects", "IoU", "lost", "(copied: IoU)", "(copied: lost)"):
        table.add_column(column, justify="right")
    for row in report.rows:
        table.add_row(
            _BEGIN[row.begin],
            str(row.after),
            str(row.objects),
            f"{row.iou:.3f}",
            f"{row.lost:.0%}",
            f"{row.copied_iou:.3f}",
            f"{row.copied_lost:.0%}",
        )
    return table
