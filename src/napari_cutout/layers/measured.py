"""A measuring that somebody asked a session for: its work, in steps, and what is made of it.

What is measured, and where pixels come from, is in measuring.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cutout.annotate.measurements import per_object, stacked, write_csv
from napari_cutout.formats.writing import check_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from napari.layers import Labels

    from napari_cutout.annotate.measure import Columns
    from napari_cutout.annotate.objects import ObjectRow
    from napari_cutout.layers.measuring import MeasuringWork


@dataclass(eq=False)
class Measuring:
    """Work, and what is made of it. Iterating does all of it, in any thread.

    Parameters
    ----------
    labels
        The layer of the objects.
    work
        What is to be done.
    rows
        What the objects were like when it was laid out.
    path
        A CSV file to write in the end, if any.
    frames
        Whether :attr:`columns` have a row for each object and frame, or one for each object.

    Attributes
    ----------
    columns
        What was measured, once all was done.
    by_object
        The same with one row an object.
    """

    labels: Labels
    work: MeasuringWork
    rows: Mapping[int, ObjectRow]
    path: str | Path | None = None
    frames: bool = True
    columns: Columns = field(default_factory=dict)
    by_object: Columns = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.work)

    def __iter__(self) -> Iterator[int]:
        """How many of the steps were done, after each. Nothing is written before the last one.

        Raises
        ------
        FormatError
            If the file can't be written.
        """
        if self.path is not None:
            check_folder(Path(self.path))
        parts: list[Columns] = []
        for part in self.work:
            parts.append(part)
            yield len(parts)
        columns = stacked(parts)
        self.by_object = per_object(columns)
        self.columns = columns if self.frames else self.by_object
        if self.path is not None:
            write_csv(self.columns, self.path)
