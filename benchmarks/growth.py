"""How a cost grows with a size: its power, beside the one that it should have, as a table to show.

What grows is measured in scaling.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from charts import Chart, Line
from tabulated import Table, table
from turns import spread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Growth:
    """One cost by size.

    Parameters
    ----------
    name
        What costs.
    seconds
        Of several runs, by size, at least two sizes, from the smallest on.
    expected
        The power of the size that the cost should follow: 0 is constant, 1 is linear, -1 is shared.
    bound
        ``"at most"`` or ``"at best"`` where a part of it neither grows nor is shared.
    """

    name: str
    seconds: Mapping[int, Sequence[float]]
    expected: float
    bound: str = ""

    @property
    def medians(self) -> list[float]:
        """Seconds by size."""
        return [median(spent) for spent in self.seconds.values()]

    @property
    def power(self) -> float:
        """The slope of the straight line through the medians, both axes logarithmic."""
        return float(np.polyfit(np.log(list(self.seconds)), np.log(self.medians), 1)[0])

    @property
    def each(self) -> float:
        """Seconds that one more costs: the slope of the straight line through the medians."""
        return float(np.polyfit(list(self.seconds), self.medians, 1)[0])

    def told(self) -> str:
        """How it grows, in a sentence."""
        wanted = f"{self.bound} {self.expected:g}".strip()
        said = f"{self.name}: grows with the power {self.power:.2f}, {wanted} expected"
        more = f"; one more costs {self.each * 1e3:.3g} ms" if self.expected == 1 else ""
        return f"{said}{more}."

    def line(self) -> Line:
        """It as a line of a picture."""
        points = tuple(zip(map(float, self.seconds), (s * 1e3 for s in self.medians), strict=True))
        return Line(self.name, points, self.expected)


def shown(
    title: str,
    across: str,
    growths: Sequence[Growth],
    more: Mapping[str, Mapping[int, str]],
) -> Table:
    """Costs by the same sizes, as a table with a picture.

    Parameters
    ----------
    title
        What is told.
    across
        What the sizes are.
    growths
        All with the same sizes.
    more
        Further columns: what stands in each, by size.
    """
    heads, columns = [across], [[f"{size:,}" for size in growths[0].seconds]]
    for one in growths:
        heads += [f"{one.name}, ms", f"{one.name}, times the first"]
        columns.append([spread(spent, 1, 1e3) for spent in one.seconds.values()])
        columns.append([f"{middle / one.medians[0]:.2f}" for middle in one.medians])
    for heading, cells in more.items():
        heads.append(heading)
        columns.append([cells[size] for size in growths[0].seconds])
    chart = Chart(title, across, "ms", tuple(one.line() for one in growths))
    rows = zip(*columns, strict=True)
    return table(title, heads, rows, [one.told() for one in growths], chart)
