"""Making a Shapes layer of outlines, in any thread: nothing here touches a viewer.

Who adds the layer, and when, is in outlines.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.layers.everything.view import OUTLINED
from napari_cutout.layers.image.coordinates import in_data

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from threading import Event

    from napari.layers import Shapes
    from numpy.typing import NDArray

    from napari_cutout.layers.everything.found_set import FoundSet


@dataclass(frozen=True, eq=False)
class Shaped:
    """A layer of outlines.

    Parameters
    ----------
    layer
        Closed paths, in no viewer yet.
    objects
        ``(shapes,)`` int, of which object each is: one in several pieces has several.
    """

    layer: Shapes
    objects: NDArray[np.intp]


def shape_steps(
    found: FoundSet, chosen: Sequence[int], options: Mapping[str, Any], cancelled: Event
) -> Iterator[Shaped]:
    """Trace some objects of a set and make a layer of them, unless it is cancelled: one step.

    Parameters
    ----------
    found
        The set. What isn't kept has no colour.
    chosen
        Which objects.
    options
        Of the layer: its name, and where it lies.
    cancelled
        Ends it. What was traced by then isn't traced again.
    """
    rings = []
    for k in chosen:
        if cancelled.is_set():
            return
        rings += [(k, ring) for ring in found.rings(k)]
    if rings:
        yield _shaped(found, rings, options)


def colors_of(found: FoundSet, objects: NDArray[np.intp]) -> NDArray[np.float32]:
    """The colour ``(shapes, 4)`` of the outlines of these objects: none where one isn't kept."""
    from napari.utils.colormaps.standardize_color import transform_color

    colors = np.repeat(transform_color(OUTLINED), len(objects), axis=0)
    colors[:, 3] = found.kept[objects]
    return np.asarray(colors, np.float32)


def _shaped(
    found: FoundSet, rings: Sequence[tuple[int, NDArray[np.float64]]], options: Mapping[str, Any]
) -> Shaped:
    from napari.layers import Shapes

    objects = np.array([k for k, _ in rings], np.intp)
    layer = Shapes(
        [in_data(np.concatenate([ring, ring[:1]]), found.frame) for _, ring in rings],
        # Of polygons the insides are cut into triangles, which takes ten times as long.
        shape_type="path",
        face_color="transparent",
        edge_color=colors_of(found, objects),
        edge_width=1,
        features=found.features(objects.tolist()),
        **options,
    )
    return Shaped(layer, objects)
