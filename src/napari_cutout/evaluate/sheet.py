"""A table as data: the same cells for a terminal, for Markdown and for whoever reads it further."""

from __future__ import annotations

from dataclasses import dataclass

from rich import box
from rich.table import Table


@dataclass(frozen=True)
class Sheet:
    """Cells under headings.

    Parameters
    ----------
    title
        What stands in it.
    columns
        The headings.
    sections
        Rows that belong together, as many cells each as there are columns. A line break in a
        cell makes two lines of it.
    words
        How many of the first columns hold words, which stand left.

    Raises
    ------
    ValueError
        If a row has another number of cells.
    """

    title: str
    columns: tuple[str, ...]
    sections: tuple[tuple[tuple[str, ...], ...], ...]
    words: int = 1

    def __post_init__(self) -> None:
        for row in (row for section in self.sections for row in section):
            if len(row) != len(self.columns):
                raise ValueError(f"{len(row)} cells, expected {len(self.columns)}: {row}")

    def rich(self) -> Table:
        """For a terminal."""
        table = Table(title=self.title, title_justify="left", box=box.SIMPLE_HEAD)
        for number, heading in enumerate(self.columns):
            is_words = number < self.words
            table.add_column(heading, justify="left" if is_words else "right", no_wrap=is_words)
        for section in self.sections:
            for row in section:
                table.add_row(*row)
            table.add_section()
        return table

    def markdown(self) -> str:
        """For a page."""
        rule = tuple(":---" if n < self.words else "---:" for n in range(len(self.columns)))
        rows = [row for section in self.sections for row in section]
        return "\n".join(
            f"| {' | '.join(_escaped(cell) for cell in row)} |"
            for row in (self.columns, rule, *rows)
        )


def _escaped(cell: str) -> str:
    signs = str.maketrans({sign: f"\\{sign}" for sign in "|_*`"} | {"\n": "<br>"})
    return cell.translate(signs) or " "
