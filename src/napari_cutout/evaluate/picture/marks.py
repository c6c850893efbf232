"""Lines, bands, words and small images as SVG. What they mean is for others to say."""

from __future__ import annotations

import base64
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Place = tuple[float, float]

# Okabe and Ito's colours, which differ for everyone.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#666666")
INK, FAINT = "#222222", "#dddddd"


def colour(number: int) -> str:
    """Of the model that was asked for so many others later."""
    return COLOURS[number % len(COLOURS)]


def line(places: Iterable[Place], stroke: str, width: float = 1, dashes: str = "") -> str:
    """A line through places (x, y)."""
    along = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<polyline points="{along}" fill="none" stroke="{stroke}" '
        f'stroke-width="{width:g}"{dashed}/>'
    )


def band(lower: Sequence[Place], upper: Sequence[Place], fill: str) -> str:
    """What lies between two lines, so that what is below can be seen."""
    along = " ".join(f"{x:.1f},{y:.1f}" for x, y in (*lower, *reversed(upper)))
    return f'<polygon points="{along}" fill="{fill}" fill-opacity="0.18"/>'


def dot(place: Place, fill: str, radius: float = 3) -> str:
    """A disc."""
    return f'<circle cx="{place[0]:.1f}" cy="{place[1]:.1f}" r="{radius:g}" fill="{fill}"/>'


def words(place: Place, text: str, anchor: str = "start", fill: str = INK, size: int = 12) -> str:
    """A line of words; whatever they hold is shown as it is."""
    return (
        f'<text x="{place[0]:.1f}" y="{place[1]:.1f}" text-anchor="{anchor}" fill="{fill}" '
        f'font-size="{size}">{escape(text)}</text>'
    )


def upright(place: Place, text: str) -> str:
    """Words from the bottom to the top."""
    x, y = place
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="12" fill="{INK}" '
        f'transform="rotate(-90 {x:.1f} {y:.1f})">{escape(text)}</text>'
    )


def image(place: Place, side: float, pixels: NDArray[np.uint8], title: str) -> str:
    """Pixels ``(h, w, 3)`` in a square of so much room, with a title under the cursor."""
    content = BytesIO()
    Image.fromarray(pixels).save(content, "PNG", optimize=True)
    data = base64.b64encode(content.getvalue()).decode()
    return (
        f'<image x="{place[0]:.1f}" y="{place[1]:.1f}" width="{side:g}" height="{side:g}" '
        f'href="data:image/png;base64,{data}"><title>{escape(title)}</title></image>'
    )
