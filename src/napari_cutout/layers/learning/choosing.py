"""How it is learned, as it is chosen: options, with which model it begins, into which file.

What is learned from is in learning_from.py, what is done with it in planning.py
and running.py.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from napari_cutout.annotate.named import known_name
from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.learning.files import STATE, SUFFIX, free_path
from napari_cutout.layers.learning.learning_from import LearningFrom
from napari_cutout.train.tuning import TuningOptions

if TYPE_CHECKING:
    from napari_cutout.layers.learning.course import Outcome
    from napari_cutout.layers.learning.task import Task
    from napari_cutout.layers.session import Session

Start = Literal["model", "trained", "unfinished"]
"""With what it begins: the session's model, the one that was trained last, or a training that was
stopped."""


class LearningChosen(LearningFrom):
    """As far as it is chosen what is done. See :class:`.Learning`."""

    def __init__(self, session: Session | None = None) -> None:
        self._options = TuningOptions()
        self._start: Start = "model"
        self._out: Path | None = None
        self._may_replace = False
        self._outcome: Outcome | None = None
        self._unfinished: Task | None = None
        super().__init__(session)

    @property
    def options(self) -> TuningOptions:
        """How it learns, a frozen dataclass."""
        return self._options

    @options.setter
    def options(self, options: TuningOptions) -> None:
        self._options = options
        self._options_changed()

    def set_options(self, **values: Any) -> None:
        """Change some of :attr:`options` by name.

        Raises
        ------
        TuningError
            If a value means nothing.
        """
        self.options = replace(self._options, **values)

    @property
    def start(self) -> Start:
        """With what it begins: see :data:`Start`."""
        return self._start if self.can_start(self._start) else "model"

    @start.setter
    def start(self, start: Start) -> None:
        if not self.can_start(known_name(start, get_args(Start), "start")):
            done = "trained" if start == "trained" else "stopped"
            raise SessionError(f"nothing was {done} yet; begin with the session's model")
        self._start = start
        self._options_changed()

    def can_start(self, start: Start) -> bool:
        """Whether it can begin like that."""
        return {
            "model": True,
            "trained": self._outcome is not None,
            "unfinished": self._unfinished is not None,
        }[start]

    @property
    def parent(self) -> str | Path:
        """The model that it begins with.

        Raises
        ------
        SessionError
            If that can't be told.
        """
        if self.start == "unfinished" and self._unfinished is not None:
            return self._unfinished.parent
        if self.start == "trained" and self._outcome is not None:
            return self._outcome.path
        model = self._with_session().model
        if isinstance(model, str | Path):
            return model
        path = Path(model.name)
        return path if path.exists() else model.name

    @property
    def out(self) -> Path:
        """The file that the model is going to be saved in: one that isn't there, until it is set.

        Raises
        ------
        SessionError
            If the model that it begins with can't be told.
        """
        going_on = self._going_on
        if going_on is not None and going_on.out is not None:
            return going_on.out
        if self._out is not None:
            return self._out
        return free_path(None if self.session is None else self.session.image, self.parent)

    def save_as(self, out: str | Path | None, *, replace: bool = False) -> None:
        """Save the model in another file, once.

        Parameters
        ----------
        out
            A ``.safetensors`` file; None for one that isn't there yet.
        replace
            Whether what is in it may go.

        Raises
        ------
        SessionError
            If it is there already, or isn't such a file.
        """
        path = None if out is None else Path(out).expanduser().absolute()
        if path is not None:
            if path.suffix != SUFFIX:
                raise SessionError(f"a model is saved as {SUFFIX}, not as {path.name}")
            if not replace:
                self._check_free_name(path)
        self._out, self._may_replace = path, replace
        self._options_changed()

    @property
    def _going_on(self) -> Task | None:
        """What was stopped, where that is gone on with."""
        return self._unfinished if self.start == "unfinished" else None

    def _check_free_name(self, path: Path) -> None:
        # What was interrupted goes on in the same file.
        if path.exists() and not path.with_suffix(STATE).exists():
            raise SessionError(f"{path} is there already; give another name, or replace=True")

    def _options_changed(self) -> None:
        self.events.options()
