"""Something that goes through items by itself, as steps: it is handed one item after another."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from queue import Full, Queue
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_END, _STOP = object(), object()
_WAIT = 0.1
"""Seconds after which it is looked whether anybody still takes items."""


class Stopped(Exception):
    """Nobody wants the rest."""


def pulled(
    consume: Callable[[Iterator[Item]], Answer], items: Iterable[Item]
) -> Generator[None, None, Answer]:
    """Have something go through items in a thread of its own.

    Parameters
    ----------
    consume
        Is given the items, and goes through them once.
    items
        Made in the caller's thread, one ahead of what is worked on.

    Yields
    ------
    None
        After each item was handed over. Closed, :class:`Stopped` is raised where the next one is
        asked for, and what was begun is waited for.

    Returns
    -------
    Answer
        What ``consume`` returns; what it raises is raised here.
    """
    line: Queue[Any] = Queue(1)
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(consume, _taken(line))
        try:
            for item in items:
                _hand(line, item, answer)
                if answer.done():
                    break
                yield
            _hand(line, _END, answer)
        except BaseException:
            _hand(line, _STOP, answer)
            raise
        return answer.result()


def _taken(line: Queue[Any]) -> Iterator[Any]:
    while (item := line.get()) is not _END:
        if item is _STOP:
            raise Stopped
        yield item


def _hand(line: Queue[Any], item: object, answer: Future[Any]) -> None:
    """Hand an item over, unless it is over already."""
    while not answer.done():
        try:
            line.put(item, timeout=_WAIT)
        except Full:
            continue
        return
