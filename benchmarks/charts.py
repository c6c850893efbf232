"""A picture of how a cost grows: lines over two logarithmic axes, as SVG. What is drawn is data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 40, 50
# Okabe and Ito's colours, which differ for everyone.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")


@dataclass(frozen=True)
class Line:
    """One cost.

    Parameters
    ----------
    name
        As it stands beside the line.
    points
        Pairs of size and cost, all above 0, by rising size.
    expected
        The power of the size with which the cost should grow, drawn dashed from the first point;
        None: nothing is expected.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    expected: float | None = None

    def __post_init__(self) -> None:
        if not self.points or min(map(min, self.points)) <= 0:
            raise ValueError(f"{self.name}: sizes and costs above 0 expected, got {self.points}")


@dataclass(frozen=True)
class Chart:
    """Lines over the same axes.

    Parameters
    ----------
    title
        What is drawn.
    across, up
        What the axes are, with units.
    lines
        At least one.
    """

    title: str
    across: str
    up: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Axis:
    """A logarithmic axis: where values lie on the picture, and which are written beside it."""

    low: float
    high: float
    start: float
    end: float

    @classmethod
    def over(cls, values: list[float], start: float, end: float, least: float = 1.0) -> Axis:
        """An axis that holds all values, with some room beyond; its ends are ``least`` times apart.

        Without that, what is constant would look as if it went up and down.
        """
        apart = max(values) / min(values)
        room = max(apart**0.06 * 1.05, (least / apart) ** 0.5)
        return cls(min(values) / room, max(values) * room, start, end)

    def at(self, value: float) -> float:
        """Where a value lies."""
        part = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + part * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Round values that lie on it: 1, 2 and 5 times powers of ten, or only the powers."""
        exponents = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        steps = (1, 2, 5) if self.high / self.low < 2000 else (1,)
        values = [step * 10.0**exponent for exponent in exponents for step in steps]
        return [value for value in values if self.low <= value <= self.high]


def svg(chart: Chart) -> str:
    """The picture of a chart, as a document of its own."""
    sizes = [size for line in chart.lines for size, _ in line.points]
    costs = [cost for line in chart.lines for _, cost in (*line.points, *_expected(line))]
    across = Axis.over(sizes, LEFT, WIDTH - RIGHT)
    up = Axis.over(costs, HEIGHT - BOTTOM, TOP, least=20.0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        _text(LEFT, 22, chart.title, size=14),
        *_axes(chart, across, up),
    ]
    for number, line in enumerate(chart.lines):
        parts += _drawn(line, COLOURS[number % len(COLOURS)], number, across, up)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _expected(line: Line) -> list[tuple[float, float]]:
    """The cost of the first point, grown as it should."""
    if line.expected is None:
        return []
    size, cost = line.points[0]
    return [(one, cost * (one / size) ** line.expected) for one, _ in line.points]


def _axes(chart: Chart, across: Axis, up: Axis) -> list[str]:
    """Lines at round values, the values, and what the axes are."""
    parts = []
    for value in across.ticks():
        x = across.at(value)
        parts.append(_stroke([(x, TOP), (x, HEIGHT - BOTTOM)], "#ddd", 1))
        parts.append(_text(x, HEIGHT - BOTTOM + 16, f"{value:,g}", "middle"))
    for value in up.ticks():
        y = up.at(value)
        parts.append(_stroke([(LEFT, y), (WIDTH - RIGHT, y)], "#ddd", 1))
        parts.append(_text(LEFT - 6, y + 4, f"{value:,g}", "end"))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, chart.across, "middle"))
    parts.append(
        f'<text x="16" y="{middle:.1f}" text-anchor="middle" '
        f'transform="rotate(-90 16 {middle:.1f})">{escape(chart.up)}</text>'
    )
    return parts


def _drawn(line: Line, colour: str, number: int, across: Axis, up: Axis) -> list[str]:
    """A line with its points, how it should grow, and its name beside the picture."""
    places = [(across.at(size), up.at(cost)) for size, cost in line.points]
    wanted = [(across.at(size), up.at(cost)) for size, cost in _expected(line)]
    x, y = WIDTH - RIGHT + 12, TOP + 14 + 40 * number
    parts = [_stroke(places, colour, 2), _text(x, y, line.name, colour=colour)]
    if wanted:
        parts.append(_stroke(wanted, colour, 1, dashes="5 4"))
        parts.append(_text(x, y + 15, f"dashed: power {line.expected:g}", colour="#666"))
    return parts + [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places
    ]


def _stroke(places: list[tuple[float, float]], colour: str, width: int, dashes: str = "") -> str:
    along = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<polyline points="{along}" fill="none" stroke="{colour}" stroke-width="{width}"{dashed}/>'
    )


def _text(
    x: float, y: float, words: str, anchor: str = "start", colour: str = "#222", size: int = 12
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" '
        f'font-size="{size}">{escape(words)}</text>'
    )
