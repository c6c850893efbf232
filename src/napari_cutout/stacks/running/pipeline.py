"""Parts of work that overlap: while one item is in its last part, those behind are in earlier ones.

What the items are isn't known here.
"""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

Item = TypeVar("Item")

GRACE = 0.5
"""Seconds that are waited for parts in the middle of their work when nobody wants more."""


@dataclass(frozen=True)
class Part:
    """A part of the work.

    Parameters
    ----------
    do
        From an item to what the next part takes.
    threads
        Items that are in it at a time.
    """

    do: Callable[[Any], Any]
    threads: int = 1


def overlapped(
    items: Iterable[Item],
    parts: Iterable[Part],
    ahead: int,
    stop: threading.Event | None = None,
) -> Generator[tuple[Item, Any], None, None]:
    """Take items through all parts, each part in threads of its own.

    Parameters
    ----------
    items
        Taken one by one, ``ahead`` of what was yielded.
    parts
        In order.
    ahead
        Items that are on their way at a time, at least 1: memory doesn't grow beyond them.
    stop
        Set when nobody wants more, so that a part in the middle of its work can end.

    Yields
    ------
    item, answer
        In the order of the items. An error of a part is raised in its place.
    """
    stop = threading.Event() if stop is None else stop
    stages = [(part.do, ThreadPoolExecutor(part.threads)) for part in parts]
    under_way: deque[tuple[Item, list[Future[Any]]]] = deque()
    source = iter(items)
    is_over = False
    try:
        while under_way or not is_over:
            while not is_over and len(under_way) < ahead:
                try:
                    item = next(source)
                except StopIteration:
                    is_over = True
                else:
                    under_way.append((item, _sent(item, stages)))
            if under_way:
                item, steps = under_way[0]
                answer = steps[-1].result()
                under_way.popleft()
                yield item, answer
    finally:
        stop.set()
        _end(stages, [step for _, steps in under_way for step in steps])


def _sent(
    item: Any, stages: list[tuple[Callable[[Any], Any], ThreadPoolExecutor]]
) -> list[Future[Any]]:
    """An item's parts, each of which waits for the one before. No thread waits for a later item."""
    steps: list[Future[Any]] = []
    for do, threads in stages:
        if not steps:
            steps.append(threads.submit(do, item))
        else:
            steps.append(threads.submit(_after, steps[-1], do))
    return steps


def _after(before: Future[Any], do: Callable[[Any], Any]) -> Any:
    return do(before.result())


def _end(
    stages: list[tuple[Callable[[Any], Any], ThreadPoolExecutor]], steps: list[Future[Any]]
) -> None:
    for _, threads in stages:
        threads.shutdown(wait=False, cancel_futures=True)
    # Those that were cancelled before they began are never told done.
    wait([step for step in steps if not step.cancelled()], timeout=GRACE)
