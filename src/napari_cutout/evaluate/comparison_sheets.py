"""Models beside each other as tables: folder by folder, and all with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.evaluate.changed_frames import SHOWN
from napari_cutout.evaluate.judged import CLICKS, CLICKS_AFTER_BOX
from napari_cutout.evaluate.monotony import sentence
from napari_cutout.evaluate.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cutout.evaluate.automatic_masks import AutomaticEvaluation, AutomaticRow
    from napari_cutout.evaluate.bootstrap import Interval
    from napari_cutout.evaluate.changed_frames import Robustness
    from napari_cutout.evaluate.comparison import Comparison
    from napari_cutout.evaluate.evaluation import Evaluation, Row

PROMPTED = {
    **{f"click_{n}": f"{n} click{'s' if n > 1 else ''}" for n in CLICKS},
    "box": "box",
    "ellipse": "(oval in box)",
    **{f"box_click_{n}": f"box + {n}" for n in CLICKS_AFTER_BOX},
    "clicks_needed": "clicks to 0.85",
    "score_error": "score error",
    "candidate_gap": "to best of 3",
}
AUTOMATIC = {
    "ap50": "AP50",
    "ap75": "AP75",
    "map": "AP 50:95",
    "pq": "PQ",
    "boundary_f": "boundary F",
    "seconds": "s / image",
}
_DIGITS = {"clicks_needed": 2, "seconds": 2}


def sheets(found: Comparison) -> list[Sheet]:
    """All tables that there is something for."""
    made = []
    if found.prompted:
        made.append(prompted_sheet(found.prompted))
    if found.automatic:
        made.append(automatic_sheet(found.automatic))
    return [*made, *map(robustness_sheet, found.robust)]


def notes(found: Comparison) -> list[str]:
    """What there is to say besides."""
    said = [f"{one.model}: {sentence(one.rows())}" for one in found.prompted]
    for model, gain in found.gains().items():
        by, ends = gain["clicks_needed"]
        between = "" if ends is None else f" [{ends.low:+.2f}, {ends.high:+.2f}]"
        click, _ = gain["click_1"]
        said.append(
            f"{model} beside {found.prompted[0].model}: {by:+.2f}{between} clicks for each object "
            f"to an IoU of 0.85, {click:+.3f} IoU after one click."
        )
    return said


def prompted_sheet(evaluations: Sequence[Evaluation]) -> Sheet:
    """Mean IoU and what else is known of prompts; beside the box what an oval in it would have."""
    return Sheet(
        "Prompted: mean IoU over objects",
        ("folder", "model", "images", "objects", *PROMPTED.values()),
        _sections(evaluations, PROMPTED),
        words=2,
    )


def automatic_sheet(evaluations: Sequence[AutomaticEvaluation]) -> Sheet:
    """What models find by themselves; means over images."""
    named = {one.model: f"{one.model}, {one.mode}" for one in evaluations}
    return Sheet(
        "By themselves: means over images",
        ("folder", "model", "images", "objects", "found", *AUTOMATIC.values()),
        _sections(evaluations, AUTOMATIC, named),
        words=2,
    )


def robustness_sheet(found: Robustness) -> Sheet:
    """What each change of the frames costs a model."""
    rows = tuple(
        (
            row.name,
            str(row.images),
            str(row.objects),
            *(f"{row.figures[key]:.3f} ({row.differences[key]:+.3f})" for key in SHOWN),
        )
        for row in found.rows()
    )
    title = f"{found.model}: mean IoU of changed frames, and the difference to untouched ones"
    return Sheet(title, ("change", "images", "objects", *SHOWN.values()), (rows,))


def _sections(
    evaluations: Sequence[Evaluation] | Sequence[AutomaticEvaluation],
    columns: Mapping[str, str],
    named: Mapping[str, str] | None = None,
) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """The rows of all models, folder by folder."""
    by_name: dict[str, list[tuple[str, ...]]] = {}
    for one in evaluations:
        name = one.model if named is None else named[one.model]
        for row in one.rows():
            ends = one.intervals() if row.name == "all" else {}
            by_name.setdefault(row.name, []).append(_row(row, name, columns, ends))
    # All together stand last, whatever folders the others have.
    last = by_name.pop("all")
    return tuple(tuple(rows) for rows in (*by_name.values(), last))


def _row(
    row: Row | AutomaticRow, model: str, columns: Mapping[str, str], ends: Mapping[str, Interval]
) -> tuple[str, ...]:
    counts = [row.images, row.objects, *([row.found] if hasattr(row, "found") else [])]
    return (row.name, model, *map(str, counts), *(_cell(row, key, ends) for key in columns))


def _cell(row: Row | AutomaticRow, key: str, ends: Mapping[str, Interval]) -> str:
    """The mean, and below it where it lies; empty where there is none."""
    if key not in row.figures:
        return ""
    digits = _DIGITS.get(key, 3)
    mean = f"{row.figures[key]:.{digits}f}"
    if key not in ends:
        return mean
    low, high = ends[key].low, ends[key].high
    return f"{mean}\n{low:.2f} to {high:.2f}"
