"""How long our own code keeps the thread of the window at a time, and which of it that is.

A stretch begins when Qt or napari calls a method of ours and ends when it returns; what napari does
because we asked for it is part of the stretch. Methods are wrapped before anything is made of them.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import threading
from dataclasses import dataclass
from time import perf_counter, thread_time
from types import FunctionType
from typing import TYPE_CHECKING, Any

import napari_cutout.layers
import napari_cutout.widgets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType


@dataclass(frozen=True)
class Stretch:
    """A time that our code took.

    Parameters
    ----------
    name
        The method that was called from outside, and below it the one that took most.
    begun, seconds
        When, by ``perf_counter``, and how long.
    computed
        Seconds of it that the thread had a processor.
    """

    name: str
    begun: float
    seconds: float
    computed: float


class OwnTime:
    """The stretches of the thread that makes this."""

    def __init__(self) -> None:
        self.stretches: list[Stretch] = []
        self._thread = threading.get_ident()
        self._depth = 0
        self._below: list[tuple[float, str]] = []
        for room in (napari_cutout.layers, napari_cutout.widgets):
            for module in _modules(room):
                self._watch(module)

    def _watch(self, module: ModuleType) -> None:
        for kind in vars(module).values():
            if not inspect.isclass(kind) or kind.__module__ != module.__name__:
                continue
            for name, method in list(vars(kind).items()):
                is_special = name.startswith("__")
                if isinstance(method, FunctionType) and not is_special and _ends(method):
                    setattr(kind, name, self._timed(f"{kind.__name__}.{name}", method))

    def _timed(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        most = _most_arguments(method)

        @functools.wraps(method)
        def call(*arguments: Any, **named: Any) -> Any:
            # Qt leaves out what a slot doesn't take; it can't see through a wrapper.
            arguments = arguments[:most]
            if threading.get_ident() != self._thread:
                return method(*arguments, **named)
            self._depth += 1
            begun, before = perf_counter(), thread_time()
            try:
                return method(*arguments, **named)
            finally:
                self._depth -= 1
                self._note(name, begun, perf_counter() - begun, thread_time() - before)

        return call

    def _note(self, name: str, begun: float, seconds: float, computed: float) -> None:
        if self._depth:
            self._below.append((seconds, name))
            return
        # The innermost one of those that took nearly all of it says most.
        share = [inner for spent, inner in self._below if spent > 0.7 * seconds]
        self._below.clear()
        who = name if not share else f"{name} ... {share[0]}"
        self.stretches.append(Stretch(who, begun, seconds, computed))


def _modules(room: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
        yield importlib.import_module(found.name)


def _ends(method: FunctionType) -> bool:
    """Whether a call does the work, which that of a generator doesn't."""
    inner = inspect.unwrap(method)
    return not inspect.isgeneratorfunction(inner)


def _most_arguments(method: Callable[..., Any]) -> int | None:
    kinds = [parameter.kind for parameter in inspect.signature(method).parameters.values()]
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        return None
    positional = (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    )
    return sum(kind in positional for kind in kinds)
