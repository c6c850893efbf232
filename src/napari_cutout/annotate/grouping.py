"""Which prompts of a frame are of the same object. Pure rules; what the model is asked, asking.py.

- Prompts with the same number are of one object.
- Of those without a number: a negative one counts against every object.
- *One object per prompt* (``separate``): every other prompt is an object.
- Otherwise they are all of one object, unless several things were outlined: then each outline is
  an object, with the points inside of it (of the smallest one, where outlines lie in each other),
  and what lies in none is one more object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.annotate.prompt_state import PromptMask, PromptState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cutout.annotate.frame_index import FrameIndex


def group_prompts(
    state: PromptState, index: FrameIndex, separate: bool = False
) -> tuple[PromptState, ...]:
    """The prompts of each object of a frame, numbered objects first.

    Parameters
    ----------
    state
        Of one frame.
    index
        The frame.
    separate
        Whether every prompt without a number is an object.

    Returns
    -------
    tuple of PromptState
        None where nothing is asked; each has at least one prompt. Prompts keep their order.
    """
    if not len(state):
        return ()
    members = _members(state)
    parts = [_take(state, [m for m in members if m[0] == number]) for number in _numbers(members)]
    loose = [member for member in members if member[0] == 0]
    against = [member for member in loose if _is_negative(state, member)]
    for_objects = [member for member in loose if not _is_negative(state, member)]
    if separate:
        parts += [_take(state, [member]) for member in for_objects]
    elif for_objects:
        parts += [_take(state, part) for part in _together(state, index, for_objects)]
    if not parts:
        return (_take(state, against),)
    against_all = _take(state, against)
    return tuple(part.with_all(against_all) for part in parts)


Member = tuple[int, str, int]
"""The number of a prompt, which list of the state it is in, and its place there."""


def _members(state: PromptState) -> list[Member]:
    return [
        *((int(number), "point", k) for k, number in enumerate(state.groups)),
        *((shape.group, "shape", k) for k, shape in enumerate(state.shapes)),
        *((mask.group, "mask", k) for k, mask in enumerate(state.masks)),
    ]


def _numbers(members: Sequence[Member]) -> list[int]:
    return sorted({number for number, *_ in members if number})


def _is_negative(state: PromptState, member: Member) -> bool:
    _, kind, place = member
    if kind == "point":
        return not state.positive[place]
    return kind == "shape" and not state.shapes[place].positive


def _together(
    state: PromptState, index: FrameIndex, members: Sequence[Member]
) -> list[list[Member]]:
    """Members of one object, or of one for each outline."""
    outlines = [member for member in members if _is_outline(state, member)]
    masks = [member for member in members if member[1] == "mask"]
    anchors = outlines if len(outlines) > 1 else masks if len(masks) > 1 else []
    if not anchors:
        return [list(members)]
    boxes = np.array([_box(state, index, anchor) for anchor in anchors])
    parts: list[list[Member]] = [[anchor] for anchor in anchors]
    rest: list[Member] = []
    for member in members:
        if member in anchors:
            continue
        holder = _holder(_middle(state, index, member), boxes)
        (rest if holder is None else parts[holder]).append(member)
    return [*parts, rest] if rest else parts


def _is_outline(state: PromptState, member: Member) -> bool:
    _, kind, place = member
    return kind == "shape" and state.shapes[place].kind != "scribble"


def _box(state: PromptState, index: FrameIndex, member: Member) -> NDArray[np.float64]:
    _, kind, place = member
    if kind == "shape":
        return state.shapes[place].box(index)
    mask: PromptMask = state.masks[place]
    low = np.array(mask.origin, float)
    return np.concatenate([low, low + mask.mask.shape - 1])


def _middle(state: PromptState, index: FrameIndex, member: Member) -> NDArray[np.float64]:
    _, kind, place = member
    if kind == "point":
        point: NDArray[np.float64] = state.frame_points(index)[place]
        return point
    box = _box(state, index, member)
    middle: NDArray[np.float64] = (box[:2] + box[2:]) / 2
    return middle


def _holder(point: NDArray[np.float64], boxes: NDArray[np.float64]) -> int | None:
    """The smallest box that a point lies in."""
    inside = np.all((boxes[:, :2] <= point) & (point <= boxes[:, 2:]), axis=1)
    if not inside.any():
        return None
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return int(np.argmin(np.where(inside, areas, np.inf)))


def _take(state: PromptState, members: Sequence[Member]) -> PromptState:
    places: dict[str, list[int]] = {"point": [], "shape": [], "mask": []}
    for _, kind, place in members:
        places[kind].append(place)
    points = np.array(places["point"], int)
    return PromptState(
        state.points[points],
        state.positive[points],
        state.groups[points],
        tuple(state.shapes[place] for place in places["shape"]),
        tuple(state.masks[place] for place in places["mask"]),
    )
