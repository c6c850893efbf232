"""Asking a model as it was made to be asked, whatever the program around it has set in torch.

torch keeps some modes for a thread: inference mode, autocast and gradients. A host that works in
one of them must get the same answers, and nothing of theirs may stay in what is kept.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

_KINDS = ("cpu", "cuda", "mps")


@contextmanager
def undisturbed() -> Iterator[None]:
    """No gradients, and neither inference mode nor autocast of the caller.

    Tensors made in inference mode can't be trained with later, and tell no version. Autocast
    changes the precision of a part of what a model computes, and not of the rest.
    """
    with ExitStack() as stack:
        if torch.is_inference_mode_enabled():
            stack.enter_context(torch.inference_mode(False))
        for kind in _KINDS:
            if torch.is_autocast_enabled(kind):
                stack.enter_context(torch.autocast(kind, enabled=False))
        # The last, because leaving inference mode brings gradients back.
        stack.enter_context(torch.no_grad())
        yield
