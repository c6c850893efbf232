"""A whole run: everything in each frame of a stack, written, and linked in the end."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Self

from napari_cutout.stacks.frames.selection import chosen
from napari_cutout.stacks.output.ways import check_link
from napari_cutout.stacks.running.units import do_units

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.segment.store import EmbeddingStore
    from napari_cutout.stacks.frames.selection import Selection
    from napari_cutout.stacks.frames.stack import Stack
    from napari_cutout.stacks.output.output import StackOutput
    from napari_cutout.stacks.output.ways import AnyLink
    from napari_cutout.stacks.running.how import How
    from napari_cutout.stacks.running.results import UnitReport

Phase = Literal["find", "link"]
ProgressState = Literal["found", "failed", "was there", "linked"]


@dataclass(frozen=True)
class StackProgress:
    """What was done about a frame, and how far the run is.

    Parameters
    ----------
    phase
        ``"find"``, and then ``"link"``, which goes through the frames twice.
    index
        Which frame.
    done, total
        Steps of this phase, one a frame; two where it is linked.
    state, objects, reason, seconds
        As in :class:`.UnitReport`; ``"linked"`` for a frame whose final ids were written.
    """

    phase: Phase
    index: tuple[int, ...]
    done: int
    total: int
    state: ProgressState
    objects: int = 0
    reason: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, report: UnitReport, done: int, total: int) -> Self:
        """The progress of finding that a report stands for."""
        return cls(
            "find", report.index, done, total,
            report.state, report.objects, report.reason, report.seconds,
        )  # fmt: skip


def run_stack(
    segmenter: Segmenter,
    stack: Stack,
    output: StackOutput,
    how: How,
    *,
    selection: Selection | str | None = None,
    link: AnyLink | None = None,
    store: EmbeddingStore | None = None,
) -> Generator[StackProgress, None, None]:
    """Find everything in the frames of a stack, write it, and link it.

    Frames whose records are there are left as they are, so that the same again goes on where it
    was stopped; frames that failed are tried again. Stop asking, and all that was yielded stays.

    Parameters
    ----------
    segmenter
        The model.
    stack
        Whose frames.
    output
        That was begun for this stack and ``how``'s settings.
    how
        What is looked for.
    selection
        Which frames. None: all.
    link
        How objects of these frames are linked in the end, see :meth:`.StackOutput.linking`. None:
        ids are those of each frame alone.
    store
        Where embeddings are kept besides, and taken from.

    Yields
    ------
    StackProgress
        In the order of the frames, first all of finding, then all of linking.

    Raises
    ------
    StackError
        If the selection doesn't fit the stack.
    OptionError
        If the options aren't of a kind that is known.
    OutputError
        If something can't be written. Frames that are done stay.
    """
    frames = chosen(stack, selection)
    if link is not None:
        # At once, not after hours.
        check_link(link, stack.axes)
    reports = do_units(segmenter, stack, output.place, frames, how, store=store)
    return followed(reports, len(frames), output, selection=selection, link=link)


def followed(
    reports: Generator[UnitReport, None, None],
    total: int,
    output: StackOutput,
    *,
    selection: Selection | str | None = None,
    link: AnyLink | None = None,
) -> Generator[StackProgress, None, None]:
    """The progress of a run whose frames are found elsewhere, and are linked here in the end.

    Parameters
    ----------
    reports
        Of the frames, as they come; closed in the end.
    total
        How many there will be.
    output, selection, link
        As for :func:`run_stack`.

    Yields
    ------
    StackProgress
        For each report, and then for each step of linking.
    """
    with closing(reports):
        for done, report in enumerate(reports, 1):
            yield StackProgress.of(report, done, total)
    for step in output.linking(link, selection):
        yield StackProgress("link", step.index, step.done, step.total, "linked")
