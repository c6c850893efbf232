"""Building a network whose weights are about to be replaced: it gets neither values nor memory."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_FILLING = (Tensor.uniform_, Tensor.normal_)
_RANDOM = (torch.rand, torch.randn)


@contextmanager
def without_weights() -> Iterator[None]:
    """Networks that are made meanwhile have parameters on the meta device, not initialised.

    To initialise them there would be worse than useless: for its random numbers torch imports its
    compiler and an algebra system, which takes longer than all else that loading a small model
    does.
    """
    with ExitStack() as stack:
        stack.enter_context(torch.device("meta"))
        stack.enter_context(_Unfilled())
        yield


class _Unfilled(TorchFunctionMode):
    """Tensors without memory aren't filled."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        given = kwargs or {}
        if func in _FILLING or getattr(func, "__module__", "") == nn.init.__name__:
            tensor = args[0] if args else given["tensor"]
            if tensor.is_meta:
                return tensor
        if func in _RANDOM and "device" not in given:
            return torch.empty(*args, **{k: v for k, v in given.items() if k != "generator"})
        return func(*args, **given)
