"""Showing objects that were found as outlines, in a Shapes layer of closed paths.

Making a thousand shapes takes a second, and colouring them longer than a slider may wait. So a
runner does it when the person pauses; until then the outlines are pixels of a Labels layer, which
stands in. Objects that aren't kept stay in the Shapes layer, without colour, until the outlines are
released to the person.
"""

from __future__ import annotations

from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.layers.everything.layers import lying_at, put_on
from napari_cutout.layers.everything.shaping import Shaped, colors_of, shape_steps
from napari_cutout.layers.everything.view import FoundLabels
from napari_cutout.layers.long_jobs import LongJob, run_through
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari import Viewer
    from napari.layers import Image, Labels, Layer, Shapes
    from numpy.typing import NDArray

    from napari_cutout.layers.everything.found_set import FoundSet
    from napari_cutout.layers.long_jobs import LongRunner

_COLORED, _DRAWN = "coloured", "drawn"


class FoundOutlines:
    """The outlines of a set of objects.

    Parameters
    ----------
    viewer, image
        Where they lie.
    pause
        Takes each :class:`.LongJob`, to be run when the person pauses. Default: through at once.
    announce
        Called with the Labels layer before it is added to the viewer.

    Attributes
    ----------
    layer
        The Shapes layer; None while there is none, and once the person deleted it.
    """

    def __init__(
        self,
        viewer: Viewer,
        image: Image,
        pause: LongRunner = run_through,
        announce: Callable[[Labels], object] = lambda _: None,
    ) -> None:
        self._viewer, self._image, self._pause = viewer, image, pause
        self._rims = FoundLabels(viewer, image, "rims", announce)
        self._found: FoundSet | None = None
        self._job: LongJob | None = None
        self._more_comes, self._stays_away = False, False
        self._releases: list[LongJob] = []
        self._objects: NDArray[np.intp] = np.zeros(0, np.intp)
        self.layer: Shapes | None = None

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The Labels layer that stands in, where there is one, and the Shapes layer."""
        return tuple(one for one in (self._rims.layer, self.layer) if one is not None)

    @property
    def is_pending(self) -> bool:
        """Whether the Shapes layer doesn't show yet what is kept."""
        return self._job is not None or self._more_comes

    def show(self, found: FoundSet, *, more_comes: bool = False) -> None:
        """Show a set, in a new Shapes layer; where more comes, that is left for the last one."""
        is_new, self._more_comes = found is not self._found, more_comes
        if is_new:
            self._drop()
        if not len(found):
            self._rims.hide()
            return
        self._found = found
        if is_new:
            self._stays_away = False
            self._ask(found)
        if is_new and self.is_pending:
            self._rims.show(found)
        elif not is_new:
            self.follow()

    def follow(self) -> None:
        """Show what is kept now."""
        if self._found is None:
            return
        self._ask(self._found)
        if not self.is_pending:
            return
        if self.layer is None or self._rims.is_drawn:
            self._rims.follow()
        elif self.layer.visible and not self._stays_away:
            self._rims.show(self._found)
        # Whoever hid the outlines wants them hidden.
        if self.layer is not None and self.layer.visible and self._rims.layer is not None:
            self.layer.visible, self._rims.layer.visible = False, True

    def release(self) -> None:
        """Leave a layer with the outlines of what is kept to the person, and show none.

        It is the one that is there, if it has no others; else it comes when the runner made it.
        """
        found, layer = self._found, self.layer
        name = f"outlines of {self._image.name}"
        if found is not None and layer is not None and found.kept.all() and not self.is_pending:
            layer.name, self.layer, found = name, None, None
        self.hide()
        if found is None or not found.kept.any():
            return
        kept, stop = np.flatnonzero(found.kept).tolist(), Event()
        steps = partial(shape_steps, found, kept, self._options(found, name), stop)
        job = self._job_of(steps, self._take_released, self._end_released, stop)
        self._releases.append(job)
        self._pause(job)

    def blank(self) -> None:
        """Show nothing for now: taking layers away takes napari long."""
        self._cancel()
        self._found = None
        self._rims.blank()
        if self.layer is not None:
            self.layer.visible = False

    def hide(self) -> None:
        """Take the layers away."""
        self._rims.hide()
        self._drop()

    def close(self) -> None:
        """Take the layers away; outlines that are still being made for the person never come."""
        for job in self._releases:
            job.cancel()
        self._releases.clear()
        self.hide()

    def forget(self, layer: object) -> bool:
        """A layer was removed from the viewer. Returns whether it was one of these."""
        if self._rims.forget(layer):
            self._stays_away = True
            if self.layer is None:
                self._drop()
            return True
        if self.layer is None or layer != self.layer:
            return False
        self.layer = None
        self.hide()
        return True

    def _drop(self) -> None:
        self._cancel()
        layer, self.layer, self._found = self.layer, None, None
        if layer is not None and layer in self._viewer.layers:
            self._viewer.layers.remove(layer)

    def _cancel(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _ask(self, found: FoundSet) -> None:
        """Have the shapes made, or coloured, when the person pauses."""
        self._cancel()
        if self._more_comes:
            return
        stop = Event()
        if self.layer is None:
            options = self._options(found, f"outlines found in {self._image.name}")
            # All: what is left out now may be kept after the next move of a slider.
            steps: Any = partial(shape_steps, found, range(len(found)), options, stop)
        else:
            steps = _coloring
        self._job = job = self._job_of(steps, self._take, self._end, stop)
        self._pause(job)

    def _job_of(
        self, steps: Any, take: Callable[..., None], end: Callable[..., None], stop: Event
    ) -> LongJob:
        # Neither the job nor its thread keeps this alive.
        take, end = partial(weak_call(take), stop), partial(weak_call(end), stop)
        return LongJob("Making outlines …", steps, take, end, stop)

    def _take(self, stop: Event, step: Shaped | str) -> None:
        found = self._found
        if stop.is_set() or found is None:
            return
        rims = self._rims.layer
        if isinstance(step, Shaped):
            step.layer.visible = rims is None or rims.visible
            self.layer, self._objects = step.layer, step.objects
            put_on(self._viewer, self._image, step.layer)
            self._rims.rest()
        elif self.layer is not None and step == _COLORED:
            self._color(found, self.layer)
        elif self.layer is not None:
            self.layer.events.edge_color()
            if rims is not None and rims.visible:
                self.layer.visible = True
            self._rims.rest()

    def _end(self, stop: Event, _error: Exception | None) -> None:
        if self._job is not None and self._job.cancelled is stop:
            self._job = None

    def _take_released(self, stop: Event, step: Shaped) -> None:
        if not stop.is_set() and self._image in self._viewer.layers:
            put_on(self._viewer, self._image, step.layer)

    def _end_released(self, stop: Event, _error: Exception | None) -> None:
        self._releases = [job for job in self._releases if job.cancelled is not stop]

    def _options(self, found: FoundSet, name: str) -> dict[str, Any]:
        # At position 0 of the axes that are sliced: vertices say themselves in which frame they
        # lie.
        frame = tuple(None if at is None else 0 for at in found.frame)
        place = lying_at(self._image, self._viewer.dims, (0, 0), frame)
        return {"name": name, "ndim": self._image.ndim, **place}

    def _color(self, found: FoundSet, layer: Shapes) -> None:
        """Colour the shapes; napari draws them in the next step."""
        # Unless the person drew or deleted some.
        if len(layer.data) == len(self._objects):
            with layer.events.edge_color.blocker():
                layer.edge_color = colors_of(found, self._objects)


def _coloring() -> Iterator[str]:
    """The steps of colouring: apart, as each keeps the window for a while."""
    yield from (_COLORED, _DRAWN)
