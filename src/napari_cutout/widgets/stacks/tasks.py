"""What can be done with the frames of a stack, in the words of the widget."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TaskText:
    """One of them.

    Parameters
    ----------
    text
        In the list.
    tip
        What it does.
    button
        What the button says that begins it.
    """

    text: str
    tip: str
    button: str


TASKS = {
    "find": TaskText(
        "Everything, in each frame",
        "Find all objects of each frame, without prompts, and write them into the labels",
        "&Find everything",
    ),
    "propagate": TaskText(
        "Propagate objects",
        "Carry objects of the shown frame into other frames, one after the other",
        "Propa&gate",
    ),
    "link": TaskText(
        "Link over frames",
        "Give the same object the same id in all frames, and draw its track",
        "L&ink",
    ),
    "join": TaskText(
        "Join slices into volumes",
        "Give what lies one above the other in the slices of a volume one id",
        "&Join",
    ),
    "embed": TaskText(
        "Embeddings ahead",
        "Encode frames before they are visited: prompts are then answered at once",
        "Embe&d frames",
    ),
}
"""By the names that they have in a session of stacks."""

ALONG = ("find", "embed")
"""Those that go along several axes; the others go along one."""
