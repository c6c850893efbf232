"""Embeddings of all frames ahead of time, in the store of a session.

How they are made is in stacks/embedding.py; visiting a frame afterwards is the session's matter.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.stacks.run import At, Run
from napari_cutout.layers.stacks.running import StacksRunning
from napari_cutout.layers.words import size_in_words, time_in_words
from napari_cutout.stacks.frames.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_cutout.layers.long_jobs import LongRunner
    from napari_cutout.layers.model.equipping import Equipment
    from napari_cutout.layers.session import Session
    from napari_cutout.layers.stacks.layer_stack import LayerStack
    from napari_cutout.segment import Embedding, EmbeddingStore, Window
    from napari_cutout.stacks.embedding import Embedded, Estimate
    from napari_cutout.stacks.frames.selection import Chosen


@dataclass(frozen=True, eq=False)
class Ready(At):
    """The model is loaded, and how intensities are mapped is known."""

    found: Any = None


@dataclass(frozen=True, eq=False)
class EmbeddedIn(At):
    """A frame was embedded, or why it couldn't be."""

    was_there: bool = False
    error: str = ""


@dataclass(frozen=True, eq=False)
class Estimated(At):
    """What it would take is known."""

    estimate: Any = None


class StacksEmbedding(StacksRunning):
    """As far as frames are encoded ahead. See :class:`.Stacks`."""

    def __init__(self, session: Session, run: LongRunner | None = None) -> None:
        super().__init__(session, run)
        self._estimate: Estimate | None = None

    @property
    def estimate(self) -> Estimate | None:
        """What :meth:`estimate_embedding` came to; None until it was asked."""
        return self._estimate

    def estimate_embedding(self) -> None:
        """Measure how long encoding the chosen frames would take, and how much disk.

        Raises
        ------
        SessionError
            If something runs.
        StackError, ViewError
            If there are no such frames.
        """
        self._check_free()
        stack = self.stack
        frames = self._chosen(stack, "estimate")
        equip, keep = self.session._predictor.equipping(stack.source(frames[0]))

        def take(stacks: StacksEmbedding, at: At) -> None:
            if isinstance(at, Ready):
                keep(at.found)
            elif isinstance(at, Estimated):
                stacks._estimate = at.estimate

        self._estimate = None
        run = Run(
            "estimate",
            _estimate_steps(equip, stack, frames, self.session.store),
            take,
            lambda stacks, _early: estimate_in_words(stacks.estimate) if stacks.estimate else "",
            keeps_states=True,
        )
        self._begin(run, "Measuring how long that takes …", stack, frames)

    def embed_all(self) -> None:
        """Encode the chosen frames into the store of the session; what is there already is left.

        Ended, and begun again, it goes on where it was.

        Raises
        ------
        SessionError
            If something runs, or the session has no store.
        StackError, ViewError
            If there are no such frames.
        """
        self._check_free()
        store = self.session.store
        if store is None:
            raise SessionError(
                "the embeddings of all frames are kept on disk, and no folder is chosen for them; "
                "choose one: session.store = 'some folder'"
            )
        stack = self.stack
        frames = self._chosen(stack, "embed")
        equip, keep = self.session._predictor.equipping(stack.source(frames[0]))
        counts = {"embedded": 0, "there": 0, "failed": 0}

        def take(stacks: StacksEmbedding, at: At) -> None:
            if isinstance(at, Ready):
                keep(at.found)
            elif isinstance(at, EmbeddedIn):
                stacks._take_embedded(counts, at)

        def finish(_stacks: StacksEmbedding, _early: bool) -> str:
            failed = f" {counts['failed']} could not be read; see the marks."
            return (
                f"{counts['embedded']} frames encoded, {counts['there']} were in the store."
                f"{failed if counts['failed'] else ''}"
            )

        run = Run("embed", _embed_steps(equip, stack, frames, store), take, finish)
        self._begin(run, "Encoding all frames …", stack, frames)

    def _take_embedded(self, counts: dict[str, int], at: EmbeddedIn) -> None:
        assert at.index is not None
        if at.error:
            counts["failed"] += 1
            self._states.set(at.index, "failed", at.error)
            return
        counts["there" if at.was_there else "embedded"] += 1
        text = "It was in the store." if at.was_there else "Encoded."
        self._states.set(at.index, "embedded", text)
        self._say(f"Frame {at.done} of {at.total} encoded.")


def estimate_in_words(estimate: Estimate) -> str:
    """What encoding ahead would take, in a sentence; and whether the store has room for it."""
    left = estimate.frames - estimate.done
    if not left:
        which = "The frame is" if estimate.frames == 1 else f"All {estimate.frames:,} frames are"
        return f"{which} in the store already."
    takes = f"about {time_in_words(estimate.seconds)} and {size_in_words(estimate.bytes)} on disk."
    said = (
        f"{left:,} of {estimate.frames:,} frames {'is' if left == 1 else 'are'} to be encoded: "
        f"{takes}"
    )
    if estimate.frames == 1:
        said = f"The frame is to be encoded: {takes}"
    if estimate.room is not None and estimate.room < estimate.bytes:
        said += (
            f" The store takes {size_in_words(estimate.room)} more; make it larger, or empty it."
        )
    return said


def _embed_steps(
    equip: Callable[[], Equipment], stack: LayerStack, frames: Chosen, store: EmbeddingStore
) -> Iterator[At]:
    # In the thread that works: it imports torch, which takes seconds.
    from napari_cutout.stacks.embedding import embed_frames

    segmenter, mapping = equip()
    yield Ready(0, len(frames), None, (segmenter, mapping))
    work = embed_frames(
        segmenter,
        stack,
        store,
        _selection(stack, frames),
        mapping,
        windows=_windows(stack),
        frame_of=stack.pixels,
    )
    with closing(work) as steps:
        for one in steps:
            yield _told(one)


def _estimate_steps(
    equip: Callable[[], Equipment],
    stack: LayerStack,
    frames: Chosen,
    store: EmbeddingStore | None,
) -> Iterator[At]:
    from napari_cutout.stacks.embedding import estimate_embedding

    segmenter, mapping = equip()
    yield Ready(0, len(frames), None, (segmenter, mapping))
    estimate = estimate_embedding(
        segmenter,
        stack,
        _selection(stack, frames),
        store=store,
        intensity=mapping,
        windows=_windows(stack),
        frame_of=stack.pixels,
    )
    yield Estimated(len(frames), len(frames), None, estimate)


def _told(one: Embedded) -> EmbeddedIn:
    return EmbeddedIn(one.done, one.total, one.index, one.was_there, one.error)


def _windows(stack: LayerStack) -> Callable[[Embedding], list[Window]]:
    """Which windows of a frame are encoded, as the session looks at frames."""
    from napari_cutout.segment.windows import whole
    from napari_cutout.stacks.embedding import session_windows

    if stack.looked_at == "whole":
        return lambda embedding: [whole(embedding.shape)]
    return session_windows


def _selection(stack: LayerStack, frames: Chosen) -> Selection:
    ranges = zip(stack.axes, frames.ranges, strict=True)
    return Selection(tuple((axis, at.start, at.stop, at.step) for axis, at in ranges))
