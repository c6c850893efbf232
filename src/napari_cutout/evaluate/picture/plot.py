"""A plot with two linear axes: lines, bands around them and dots, in its place on the page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.evaluate.picture.marks import FAINT, band, dot, line, upright, words

if TYPE_CHECKING:
    from napari_cutout.evaluate.picture.marks import Place

LEFT, RIGHT, TOP, BOTTOM = 58, 14, 40, 48


@dataclass(frozen=True)
class Curve:
    """What is drawn of one model.

    Parameters
    ----------
    colour
        Its own on the whole page.
    points
        Pairs (across, up), by rising first value.
    low, high
        Where each point lies with most probability; empty where nothing is known.
    dashes
        As SVG has them; empty for a full line.
    """

    colour: str
    points: tuple[Place, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    dashes: str = ""


@dataclass(frozen=True)
class Plot:
    """Curves over the same axes.

    Parameters
    ----------
    title, across, up
        What is drawn, and what the axes are.
    curves
        At least one.
    ticks
        Round values across.
    ends
        The lowest and the highest value up; None: as the curves need it, at most 0 to 1.
    """

    title: str
    across: str
    up: str
    curves: tuple[Curve, ...]
    ticks: tuple[float, ...]
    ends: tuple[float, float] | None = None

    def svg(self, x: float, y: float, width: float, height: float) -> str:
        """The plot with its upper left corner at a place of the page."""
        frame = _Frame(self, x + LEFT, y + TOP, x + width - RIGHT, y + height - BOTTOM)
        parts = [words((x + LEFT, y + 22), self.title, size=14), *frame.axes()]
        for curve in self.curves:
            parts += frame.drawn(curve)
        return "\n".join(parts)

    @property
    def span(self) -> tuple[float, float]:
        """The lowest and the highest value up that are shown."""
        if self.ends is not None:
            return self.ends
        values = [up for curve in self.curves for _, up in curve.points]
        values += [end for curve in self.curves for end in (*curve.low, *curve.high)]
        low = max(math.floor(min(values) * 10 - 0.2) / 10, 0.0)
        high = min(math.ceil(max(values) * 10 + 0.2) / 10, 1.0)
        return (low, high) if high > low else (0.0, 1.0)


class _Frame:
    """Where values lie on the page."""

    def __init__(self, plot: Plot, left: float, top: float, right: float, bottom: float) -> None:
        self.plot = plot
        self.left, self.top, self.right, self.bottom = left, top, right, bottom
        self.first, self.last = min(plot.ticks), max(plot.ticks)
        self.low, self.high = plot.span

    def place(self, across: float, up: float) -> Place:
        part = (across - self.first) / ((self.last - self.first) or 1)
        height = (up - self.low) / (self.high - self.low)
        return (
            self.left + part * (self.right - self.left),
            self.bottom - height * (self.bottom - self.top),
        )

    def axes(self) -> list[str]:
        parts = []
        for value in self.plot.ticks:
            x, _ = self.place(value, self.low)
            parts.append(line([(x, self.top), (x, self.bottom)], FAINT))
            parts.append(words((x, self.bottom + 16), f"{value:g}", "middle"))
        steps = max(round((self.high - self.low) * 10), 1)
        step = 1 if steps <= 6 else 2
        for number in range(0, steps + 1, step):
            value = self.low + number / 10
            _, y = self.place(self.first, value)
            parts.append(line([(self.left, y), (self.right, y)], FAINT))
            parts.append(words((self.left - 6, y + 4), f"{value:.1f}", "end"))
        middle = (self.left + self.right) / 2, (self.top + self.bottom) / 2
        parts.append(words((middle[0], self.bottom + 36), self.plot.across, "middle"))
        parts.append(upright((self.left - 40, middle[1]), self.plot.up))
        return parts

    def drawn(self, curve: Curve) -> list[str]:
        places = [self.place(*point) for point in curve.points]
        parts = []
        if curve.low and curve.high:
            across = [point[0] for point in curve.points]
            ends = [
                [self.place(*pair) for pair in zip(across, some, strict=True)]
                for some in (curve.low, curve.high)
            ]
            parts.append(band(ends[0], ends[1], curve.colour))
        parts.append(line(places, curve.colour, 2, curve.dashes))
        return parts + ([] if curve.dashes else [dot(place, curve.colour) for place in places])
