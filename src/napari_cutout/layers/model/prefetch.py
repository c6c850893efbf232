"""What is encoded while nothing else is to be done: one frame after another, one job each.

Which frames those are, the session says. That nothing else runs meanwhile is the runner's matter.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from napari_cutout.layers.jobs import Job, Runner
from napari_cutout.segment.windows import fits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from napari_cutout.layers.image.frames import FrameSource
    from napari_cutout.segment import Embedding, Window

    Work: TypeAlias = tuple[Callable[[], Any], Callable[[Any], None]]

AHEAD = 8
"""Frames that are prefetched at most before somebody asks again."""


class Prefetch:
    """Frames waiting to be encoded.

    Parameters
    ----------
    run
        Takes the jobs.
    """

    def __init__(self, run: Runner) -> None:
        self._run = run
        self._waiting: deque[FrameSource] = deque()
        self._under_way = False

    def start(
        self, sources: Iterable[FrameSource], work: Callable[[FrameSource], Work | None]
    ) -> None:
        """Encode these, in this order, instead of those that wait.

        Parameters
        ----------
        sources
            The frames.
        work
            What is to be done for one, and who takes the result; None where nothing is.
        """
        self._waiting = deque(islice(sources, AHEAD))
        self._go_on(work)

    def stop(self) -> None:
        """Begin no other. What is under way ends."""
        self._waiting.clear()

    def _go_on(self, work: Callable[[FrameSource], Work | None]) -> None:
        while self._waiting and not self._under_way:
            found = work(self._waiting.popleft())
            if found is None:
                continue
            compute, keep = found
            self._under_way = True

            def deliver(result: Any, keep: Callable[[Any], None] = keep) -> None:
                self._under_way = False
                keep(result)
                self._go_on(work)

            def fail(_error: Exception) -> None:
                # Nobody asked for it; when it is asked for, it fails again and is said.
                self._drop()

            self._run(Job("prefetch", "", compute, deliver, fail, self._drop))

    def _drop(self) -> None:
        self._under_way = False
        self.stop()


def windows_ahead(embedding: Embedding, last: Window | None, is_shown: bool) -> list[Window]:
    """The windows of a frame that are worth encoding before anybody asks.

    Parameters
    ----------
    embedding
        Of the frame. One that has a single window needs nothing more.
    last
        The window of the last answer: people go through a stack at one place.
    is_shown
        Whether it was in this very frame; then a larger object is next.
    """
    if embedding.window is not None or last is None or not fits(last, embedding.shape):
        return []
    larger = embedding.larger(last) if is_shown else None
    wanted = [last] if larger is None or larger == last else [last, larger]
    return [window for window in wanted if embedding.known_key(window) is None]
