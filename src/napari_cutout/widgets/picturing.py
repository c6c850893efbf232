"""Making the thumbnails of a session's candidates in a thread, and showing them when they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.layers import Job
from napari_cutout.layers.weak import weak_call
from napari_cutout.widgets.thumbnails import backdrop_of, thumbnails
from napari_cutout.widgets.workers import THUMBNAILS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_cutout.layers import Session
    from napari_cutout.segment import MaskOptions, Prediction
    from napari_cutout.widgets.candidates import Candidates
    from napari_cutout.widgets.workers import JobRunner


class Picturing:
    """The thumbnails of the buttons of candidates.

    Parameters
    ----------
    candidates
        Where they are shown.
    runner
        Takes the jobs.
    """

    def __init__(self, candidates: Candidates, runner: JobRunner) -> None:
        self._candidates, self._run = candidates, runner
        self._wanted: tuple[Prediction, MaskOptions, int] | None = None

    def show(self, session: Session | None) -> None:
        """Show those of a session, unless they are shown or being made."""
        prediction = None if session is None else session.candidates
        if session is None or prediction is None:
            self._wanted = None
            return
        options, side = session.mask_options, self._candidates.side
        if self._wanted is not None:
            known, *rest = self._wanted
            if known is prediction and rest == [options, side]:
                return
        self._wanted = wanted = (prediction, options, side)
        index = session.answers_shown[-1].source.index
        backdrop = backdrop_of(session.image, index, prediction.shape)
        take = weak_call(self._take)
        job = Job(
            THUMBNAILS,
            "",
            lambda: thumbnails(prediction, options, side, backdrop),
            lambda pictures: take(wanted, pictures),
            lambda _error: take(wanted, []),
            lambda: None,
        )
        self._run(job)

    def _take(self, wanted: object, pictures: list[NDArray[np.uint8]]) -> None:
        if wanted is self._wanted:
            self._candidates.show_pictures(pictures)
