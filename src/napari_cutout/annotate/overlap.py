"""What happens where a new object meets old ones: named rules, from pixels to pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OverlapPolicy = Literal["new_on_top", "keep_existing"]
"""``"new_on_top"``: the new object takes the pixels; ``"keep_existing"``: old objects keep them."""


def writable(
    mask: NDArray[np.bool_],
    existing: NDArray[np.integer],
    value: int,
    policy: OverlapPolicy = "new_on_top",
) -> NDArray[np.bool_]:
    """The pixels that an object changes.

    Parameters
    ----------
    mask
        The object.
    existing
        The labels there, of the same shape; 0 is background.
    value
        The object's id.
    policy
        See :data:`OverlapPolicy`.

    Raises
    ------
    ValueError
        If the policy is unknown.
    """
    if policy not in get_args(OverlapPolicy):
        raise ValueError(
            f"overlap policy {policy!r} is unknown; use one of {get_args(OverlapPolicy)}"
        )
    changed: NDArray[np.bool_] = mask & (existing != value)
    return changed if policy == "new_on_top" else changed & (existing == 0)
