"""Drawing what was found in the thread that finds it, so that the window has only to show it.

It is shown part by part, each in a step of its own: together they would keep the window too long.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from napari_cutout.layers.everything.drawing import KINDS, Kind
from napari_cutout.segment.automatic.filters import Filters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.layers.everything.found_set import FoundSet
    from napari_cutout.layers.everything.run import Step

ShowAs = Literal["labels", "outlines", "both"]
"""``"labels"``: filled, of two that share a pixel the smaller one; ``"outlines"``: closed paths in
a Shapes layer; ``"both"``."""


@dataclass
class Choice:
    """What a person chose of what is found, which the thread that finds looks at.

    Parameters
    ----------
    filters
        What is kept.
    show_as
        How that is shown.
    shows_left_out
        Whether the others are shown, too.
    """

    filters: Filters = field(default_factory=Filters)
    show_as: ShowAs = "labels"
    shows_left_out: bool = False

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What is drawn for it."""
        wanted: tuple[tuple[Kind, bool], ...] = (
            ("kept", self.show_as != "outlines"),
            ("rims", self.show_as != "labels"),
            ("left out", self.shows_left_out),
        )
        return tuple(kind for kind, is_wanted in wanted if is_wanted)


@dataclass(frozen=True, eq=False)
class Part:
    """A part of what was found that is to be shown now.

    Parameters
    ----------
    found
        Of the step before it.
    kind
        Which part.
    """

    found: FoundSet
    kind: Kind


def prepared(steps: Callable[[], Iterator[Step]], choice: Choice) -> Iterator[Step | Part]:
    """Steps of finding, with what each found drawn as it is chosen at that time, and its parts.

    Whoever shows it follows what was chosen since. What is found in other frames than the first
    isn't drawn: it is shown later, if at all.
    """
    frame: FrameIndex | None = None
    for step in steps():
        found = step.found
        if found is not None and frame in (None, found.frame):
            frame = found.frame
            found.filter(choice.filters)
            found.features()
            for kind in choice.kinds:
                found.prepare(kind)
        yield step
        if found is not None and frame == found.frame:
            for kind in KINDS:
                yield Part(found, kind)
