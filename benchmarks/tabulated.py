"""A table as data, and how it is printed. What stands in it is measured in the scripts beside this.

Tables are written into files in pages.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table as Printed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from charts import Chart

WIDTH = 100


@dataclass(frozen=True)
class Table:
    """Figures, as they are told.

    Parameters
    ----------
    title
        What was measured, of what.
    columns
        Headings, each once. The first column says what a row is about.
    rows
        As many cells each as there are columns.
    notes
        Sentences that stand below.
    chart
        The same figures as a picture.

    Raises
    ------
    ValueError
        If a row has another number of cells, or a heading is there twice.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    chart: Chart | None = None

    def __post_init__(self) -> None:
        if len(set(self.columns)) < len(self.columns):
            raise ValueError(f"headings have to differ: {self.columns}")
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{len(row)} cells, expected {len(self.columns)}: {row}")

    @property
    def figures(self) -> tuple[bool, ...]:
        """Whether a column holds figures, which stand right, and not words."""
        cells = zip(*self.rows, strict=True)
        return tuple(number > 0 and _are_figures(column) for number, column in enumerate(cells))

    def records(self) -> list[dict[str, str]]:
        """Each row as cells by heading."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    notes: Iterable[str] = (),
    chart: Chart | None = None,
) -> Table:
    """A table of any sequences."""
    return Table(title, tuple(columns), tuple(map(tuple, rows)), tuple(notes), chart)


def show(tables: Iterable[Table]) -> None:
    """Print tables, as wide as they are, and their notes below."""
    # As wide as the widest: figures that are cut off where output goes into a file are lost.
    console = Console(width=400, highlight=False)
    for one in tables:
        printed = Printed(title=one.title, title_justify="left", box=box.SIMPLE_HEAD)
        for heading, right in zip(one.columns, one.figures or one.columns, strict=True):
            justify = "right" if right is True else "left"
            printed.add_column(heading, justify=justify, no_wrap=True)
        for row in one.rows:
            printed.add_row(*row)
        console.print(printed, crop=False)
        for note in one.notes:
            console.print(note, width=WIDTH, markup=False)
        console.print()


def _are_figures(cells: Sequence[str]) -> bool:
    return all(not cell or cell[0] in "-+<>0123456789" for cell in cells)
