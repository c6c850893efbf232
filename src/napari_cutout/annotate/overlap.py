"""What happens where an object meets labels that are there: named rules, from pixels to pixels.

This is the only place that knows them; whoever writes labels asks here which pixels may change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from napari_cutout.annotate.named import known_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

OverlapPolicy = Literal["new_on_top", "keep_existing", "only_background"]
"""``"new_on_top"``: the new object takes the pixels; ``"keep_existing"``: other objects keep
theirs, and an object that is corrected may give up its own; ``"only_background"``: no pixel that
has a label changes, not even the object's own."""


def writable(
    mask: NDArray[np.bool_],
    existing: NDArray[np.integer],
    value: int,
    policy: OverlapPolicy = "new_on_top",
) -> NDArray[np.bool_]:
    """The pixels that an object gains.

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
    check_policy(policy)
    gained: NDArray[np.bool_] = mask & (existing != value)
    return gained if policy == "new_on_top" else gained & (existing == 0)


def given_up(
    mask: NDArray[np.bool_],
    existing: NDArray[np.integer],
    value: int,
    policy: OverlapPolicy = "new_on_top",
) -> NDArray[np.bool_]:
    """The pixels that an object loses when it is corrected to a mask: they become background.

    Parameters and errors are those of :func:`writable`; what an object gains it never loses.
    """
    check_policy(policy)
    if policy == "only_background":
        return np.zeros(mask.shape, bool)
    lost: NDArray[np.bool_] = (existing == value) & ~mask
    return lost


def check_policy(policy: str) -> OverlapPolicy:
    """The policy, if it is one.

    Raises
    ------
    ValueError
        If it isn't.
    """
    return known_name(policy, get_args(OverlapPolicy), "overlap policy")
