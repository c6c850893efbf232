"""The edges of a frame as an Image layer: the steps that find them, and the layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_cutout.layers.everything.layers import lying_at, put_on
from napari_cutout.layers.everything.run import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from threading import Event

    from numpy.typing import NDArray

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.layers.model.encoder import Made
    from napari_cutout.layers.session import Session


@dataclass(frozen=True, eq=False)
class EdgeStep(Step):
    """How far finding edges is; see :class:`.Step`.

    Parameters
    ----------
    edges
        ``(rows, cols)`` float32, with the last step.
    frame
        Where in the image.
    """

    edges: NDArray[Any] | None = None
    frame: FrameIndex = ()


def edge_steps(
    prepare: Callable[[], Made], frame: FrameIndex, options: Mapping[str, Any], cancelled: Event
) -> Iterator[Step]:
    """Find the edges of a frame, until it is done or cancelled: then there are none.

    Parameters
    ----------
    prepare
        Makes the frame ready.
    frame
        Which one.
    options
        See :func:`.edge_map`.
    cancelled
        Ends it.
    """
    # In the thread that works: it imports torch, which takes seconds.
    from napari_cutout.segment.automatic.edges import find_edges

    made = prepare()
    yield Step(made=made)
    for progress in find_edges(made[0], made[2].embedding, **options):
        if cancelled.is_set():
            return
        yield EdgeStep(progress.done, progress.total, edges=progress.edges, frame=frame)


def add_edges(session: Session, step: EdgeStep) -> None:
    """Add a map of edges to the viewer of a session, as an Image layer on its image."""
    from napari.layers import Image

    assert step.edges is not None, "the last step has them"
    image, viewer = session.image, session.viewer
    shape = [1] * image.ndim
    for axis, size in zip(
        [axis for axis, at in enumerate(step.frame) if at is None], step.edges.shape, strict=True
    ):
        shape[axis] = size
    layer = Image(
        step.edges.reshape(shape),
        name=f"edges of {image.name}",
        blending="additive",
        **lying_at(image, viewer.dims, (0, 0), step.frame),
    )
    put_on(viewer, image, layer)
