"""Learning from what was committed and corrected: plan, train, judge, use. No Qt.

Each of these files is a class on top of the one before: learning_from.py,
choosing.py, planning.py, running.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.learning.running import LearningRunning

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cutout.layers.learning.course import Outcome
    from napari_cutout.layers.long_jobs import LongRunner
    from napari_cutout.layers.session import Session
    from napari_cutout.segment import Segmenter


class Learning(LearningRunning):
    """Teaches a model the objects of a session, of other layers and of files.

    Labels are copied when they are looked through: who corrects objects meanwhile, removes layers
    or opens another image changes nothing of a training that is under way.

    Parameters
    ----------
    session
        Whose image, labels and model; None for none yet, see :meth:`follow`.
    run
        Takes the :class:`.LongJob` of a training. Default: through at once, in the caller's
        thread.
    look
        Takes that of a plan.

    Attributes
    ----------
    events
        ``examples`` (what is learned from), ``options`` (anything that is chosen), ``plan``,
        ``progress`` (how far it is; it began or ended), ``outcome`` (something was trained, or is
        used now), ``status`` and ``closed``.
    session
        See the parameter.

    Examples
    --------
    >>> from napari.components import ViewerModel
    >>> from napari_cutout import Session
    >>> from napari_cutout.layers.learning import Learning
    >>> from napari_cutout.sample_data import fluorescence
    >>> viewer = ViewerModel()
    >>> session = Session(viewer, viewer.add_image(fluorescence(), name="nuclei"))
    >>> session.add_point((200, 200))
    >>> session.commit()
    1
    >>> learning = Learning(session)
    >>> [example.name for example in learning.examples]
    ['objects of nuclei on nuclei']
    """

    def __init__(
        self,
        session: Session | None = None,
        run: LongRunner | None = None,
        look: LongRunner | None = None,
    ) -> None:
        super().__init__(session, run, look)
        self._used: tuple[Path, str | Path | Segmenter] | None = None

    @property
    def outcome(self) -> Outcome | None:
        """What was trained last; None for nothing yet."""
        return self._outcome

    @property
    def is_used(self) -> bool:
        """Whether the session's model is what was trained last."""
        session, outcome = self.session, self._outcome
        return session is not None and outcome is not None and session.model == outcome.path

    @property
    def can_go_back(self) -> bool:
        """Whether the model that the session had before can be taken again."""
        return self._used is not None and self.is_used

    def use(self) -> None:
        """Go on in the session with what was trained last.

        Raises
        ------
        SessionError
            If nothing was trained, or its file is gone.
        """
        session, outcome = self._with_session(), self._outcome
        if outcome is None:
            raise SessionError("nothing was trained yet")
        if not outcome.path.is_file():
            raise SessionError(f"{outcome.path} isn't there any more; train again")
        if not self.is_used:
            self._used = outcome.path, session.model
            session.model = outcome.path
            self._say(f"{outcome.path.name} is the model of the session now.")
        self.events.outcome()

    def go_back(self) -> None:
        """Go on with the model that the session had before :meth:`use`.

        Raises
        ------
        SessionError
            If there was none.
        """
        session = self._with_session()
        if self._used is None or not self.is_used:
            raise SessionError("the session's model isn't what was trained last")
        session.model, self._used = self._used[1], None
        self._say(f"{session._predictor.model_name} is the model of the session again.")
        self.events.outcome()

    def close(self) -> None:
        """End what runs; the best so far is kept. The session stays as it is."""
        if self.is_closed:
            return
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        self.stop_planning()
        self._drop_unfinished()
        self.follow(None)
        self._watch(None)
        self.is_closed = True
        self.events.closed()
        self.events.disconnect()
