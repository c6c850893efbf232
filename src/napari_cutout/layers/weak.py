"""Calling a method without keeping its object alive."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec
from weakref import WeakMethod

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")


def weak_call(call: Callable[P, object]) -> Callable[P, None]:
    """A function that calls a bound method while its object lives; other callables stay."""
    if not hasattr(call, "__self__") or not hasattr(call, "__func__"):

        def direct(*args: P.args, **kwargs: P.kwargs) -> None:
            call(*args, **kwargs)

        return direct
    method = WeakMethod(call)

    def weakly(*args: P.args, **kwargs: P.kwargs) -> None:
        alive = method()
        if alive is not None:
            alive(*args, **kwargs)

    return weakly
