"""Labels that ran out of ids, copied into a wider dtype. Who asks for it is in target.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.annotate.objects import wider_dtype
from napari_cutout.layers.errors import TargetError
from napari_cutout.layers.target.pyramids import is_foreign, pixels_of

if TYPE_CHECKING:
    from napari.layers import Labels

_SETTINGS = ("contour", "brush_size", "n_edit_dimensions", "preserve_labels")
"""What a layer's state leaves out."""


def widened(labels: Labels) -> Labels:
    """A layer with the same pixels in the next wider dtype, and all else that the layer has.

    The layer itself is left as it is. The new one isn't added to a viewer.

    Raises
    ------
    TargetError
        If it is a pyramid or not in memory, or no dtype is wider.
    """
    from napari.layers import Labels

    name, data = labels.name, pixels_of(labels)
    if is_foreign(labels):
        raise TargetError(f"{name!r} is a pyramid, which napari can't edit; choose other labels")
    if not isinstance(data, np.ndarray):
        raise TargetError(
            f"{name!r} isn't in memory ({type(data).__module__.split('.')[0]}), and copying it "
            "could take long and much room; copy it into a wider dtype where it is stored, and "
            "choose the copy as target"
        )
    wider = wider_dtype(data.dtype)
    if wider is None:
        raise TargetError(f"{name!r} has {data.dtype} ids, and there is no wider dtype")
    _, state, _ = labels.as_layer_data_tuple()
    # They are said twice: once as features, once as what features were called before.
    state.pop("properties", None)
    copy = Labels(data.astype(wider), **state)
    for setting in _SETTINGS:
        setattr(copy, setting, getattr(labels, setting))
    return copy
