"""How long our own code keeps the thread of the window at a time, and which of it that is.

A stretch begins when Qt or napari calls a method of ours, makes a widget of ours or imports one of
our modules, and ends when it returns; what napari does because we asked for it is part of it.
Of two things that nobody can do in pieces it is kept how much they were: napari's own insertion or
removal of one layer, without what we do when it tells of that, and Python's collection of garbage.
Methods are wrapped as their module is imported, whenever that is: what is imported late is seen.
"""

from __future__ import annotations

import functools
import gc
import inspect
import sys
import threading
from dataclasses import dataclass
from importlib.machinery import PathFinder
from time import perf_counter, thread_time
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

from napari.components import LayerList
from qtpy.QtCore import QObject

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

PACKAGE = "napari_cutout"

WATCHED = (f"{PACKAGE}.layers", f"{PACKAGE}.widgets")
"""Where the code is that runs on the window's thread. Of the rest, imports are seen."""


class Spent(NamedTuple):
    """Time that something took: by the clock, and that the thread had a processor."""

    seconds: float = 0.0
    computed: float = 0.0

    @staticmethod
    def now() -> Spent:
        """The time now."""
        return Spent(perf_counter(), thread_time())

    def plus(self, other: Spent) -> Spent:
        """Both together."""
        return Spent(self.seconds + other.seconds, self.computed + other.computed)

    def less(self, other: Spent) -> Spent:
        """Without a part of it."""
        return Spent(self.seconds - other.seconds, self.computed - other.computed)


@dataclass(frozen=True)
class Stretch:
    """A time that our code took.

    Parameters
    ----------
    name
        The method that was called from outside, and below it the one that took most.
    begun
        When, by ``perf_counter``.
    whole
        All of it.
    layers, in_layers
        How many layers were put into the viewer or taken out of it, and what napari took for it.
    collecting
        What Python took to collect garbage, outside of that.
    """

    name: str
    begun: float
    whole: Spent
    layers: int
    in_layers: Spent
    collecting: Spent

    @property
    def rest(self) -> Spent:
        """What isn't napari's for a layer, and no collection of garbage."""
        return self.whole.less(self.in_layers).less(self.collecting)


class OwnTime:
    """The stretches of the thread that makes this."""

    def __init__(self) -> None:
        self.stretches: list[Stretch] = []
        self._thread = threading.get_ident()
        # Whose calls are open, the innermost last: ours, or napari's for a layer.
        self._open: list[str] = []
        self._ours_within: list[Spent] = []
        self._below: list[tuple[float, str]] = []
        self._collecting_since: Spent | None = None
        self._begin()
        gc.callbacks.append(self._on_collection)
        for name in [name for name in sys.modules if name.startswith(WATCHED)]:
            self._watch(sys.modules[name])
        sys.meta_path.insert(0, _Importing(self))
        for name in ("insert", "__delitem__"):
            setattr(LayerList, name, self._in_layers(getattr(LayerList, name)))

    def _begin(self) -> None:
        self._layers, self._in_napari, self._collected = 0, Spent(), Spent()
        self._below.clear()

    def importing(self, execute: Callable[[ModuleType], None]) -> Callable[[ModuleType], None]:
        """The import of a module, timed; what is in it is watched from then on."""

        def call(module: ModuleType) -> None:
            self._timed(f"import {module.__name__}", execute)(module)
            if module.__name__.startswith(WATCHED):
                self._watch(module)

        return call

    def _watch(self, module: ModuleType) -> None:
        for kind in vars(module).values():
            if not inspect.isclass(kind) or kind.__module__ != module.__name__:
                continue
            for name, method in list(vars(kind).items()):
                is_special = name.startswith("__") and not _makes_widget(kind, name)
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
            self._open.append("ours")
            begun = Spent.now()
            try:
                return method(*arguments, **named)
            finally:
                self._open.pop()
                self._note(name, begun, Spent.now().less(begun))

        return call

    def _in_layers(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Time what napari does to put a layer in, or to take it out."""

        @functools.wraps(method)
        def call(*arguments: Any, **named: Any) -> Any:
            is_asked = bool(self._open) and self._open[-1] == "ours"
            if threading.get_ident() != self._thread or (self._open and not is_asked):
                return method(*arguments, **named)
            self._open.append("napari")
            self._ours_within.append(Spent())
            begun = Spent.now()
            try:
                return method(*arguments, **named)
            finally:
                self._open.pop()
                spent = Spent.now().less(begun).less(self._ours_within.pop())
                if is_asked:
                    self._layers += 1
                    self._in_napari = self._in_napari.plus(spent)

        return call

    def _note(self, name: str, begun: Spent, spent: Spent) -> None:
        if "ours" in self._open:
            self._below.append((spent.seconds, name))
            if self._open[-1] == "napari":
                self._ours_within[-1] = self._ours_within[-1].plus(spent)
            return
        # The innermost one of those that took nearly all of it says most.
        share = [inner for took, inner in self._below if took > 0.7 * spent.seconds]
        who = name if not share else f"{name} ... {share[0]}"
        made = Stretch(who, begun.seconds, spent, self._layers, self._in_napari, self._collected)
        self.stretches.append(made)
        self._begin()

    def _on_collection(self, phase: str, _info: object) -> None:
        if threading.get_ident() != self._thread:
            return
        if phase == "start":
            self._collecting_since = Spent.now()
        elif self._collecting_since is not None:
            spent = Spent.now().less(self._collecting_since)
            self._collecting_since = None
            if self._open and self._open[-1] == "ours":
                self._collected = self._collected.plus(spent)


class _Importing:
    """What Python asks first for a module: ours are found as ever, and watched."""

    def __init__(self, own: OwnTime) -> None:
        self._own = own

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] != PACKAGE:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader.exec_module = self._own.importing(spec.loader.exec_module)
        return spec


def _makes_widget(kind: type, name: str) -> bool:
    return name == "__init__" and issubclass(kind, QObject)


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
