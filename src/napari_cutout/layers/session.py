"""A session: one person cutting objects out of one image of one viewer.

It has no event loop and no Qt. Events of layers mark it dirty; encoding and predicting are asked
of a runner that is handed in. Each of these files is a class on top of the one before: showing.py,
watching.py, looking.py, previewing.py, prompting.py, pointing.py, committing.py, reviewing.py,
curating.py, gathering.py, brushing.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_cutout.layers.brushing import Brushing
from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.journal.files import usual_folder
from napari_cutout.layers.journal.image_facts import facts_of
from napari_cutout.layers.journal.journal import Journal
from napari_cutout.layers.journal.target import versions
from napari_cutout.layers.journal.touched import LeftTouches
from napari_cutout.layers.model.models import Loading
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari import Viewer
    from napari.layers import Image, Labels

    from napari_cutout.annotate import OverlapPolicy
    from napari_cutout.formats.logs.log_entries import Entry
    from napari_cutout.layers.answers import Answer, Answers
    from napari_cutout.layers.jobs import Runner
    from napari_cutout.layers.journal.recovery import Recovery
    from napari_cutout.segment import Segmenter


class Session(Brushing):
    """One image of one viewer being cut.

    Parameters
    ----------
    viewer
        ``napari.Viewer``, the viewer that a plugin is handed, or ``ViewerModel``.
    image
        An Image layer of it.
    model
        A :class:`~napari_cutout.Segmenter`, or the name or path of a model, which is loaded when
        it is first needed.
    labels
        The Labels layer to commit to. Without one, the first commit makes a new one.
    run
        Takes each :class:`~napari_cutout.layers.Job`. Default: at once, in the caller's thread.
    intensity
        How intensities are mapped: ``"percentile"``, ``"stack"``, ``"contrast_limits"`` or
        ``"dtype"``.
    policy
        What happens where a new object meets old ones: ``"new_on_top"``, ``"keep_existing"`` or
        ``"only_background"``.
    report
        Takes what an action that a key called raises on bad input. Default: it is raised.
    autosave
        Whether every step and the prompts are written to files as they happen: beside the image,
        or in a folder that is given.
    device, precision, cache_bytes
        How a model is loaded that is given by name or path, see :class:`~napari_cutout.Segmenter`.
    lay
        Whether the prompt layers are added at once. A window would stand still meanwhile: it may
        have them added one at a time, by :meth:`lay_next`.

    Attributes
    ----------
    events
        ``dirty`` (prompts or the frame changed: call :meth:`update`), ``answer`` (candidates or
        the choice changed), ``status``, ``polarity``, ``options``, ``labels`` (the target
        changed), ``objects``, ``edited`` (a ``step`` on labels was done, undone or done again, as
        its ``action`` says) and ``closed``.
    policy
        See the parameter; may be changed at any time.

    Examples
    --------
    >>> from napari.components import ViewerModel
    >>> from napari_cutout import Session
    >>> from napari_cutout.sample_data import fluorescence
    >>> viewer = ViewerModel()
    >>> session = Session(viewer, viewer.add_image(fluorescence()))
    >>> session.add_point((200, 200))
    >>> session.commit()
    1
    """

    def __init__(
        self,
        viewer: Viewer,
        image: Image,
        model: str | Path | Segmenter = "compact",
        labels: Labels | None = None,
        run: Runner | None = None,
        *,
        intensity: str = "percentile",
        policy: OverlapPolicy = "new_on_top",
        report: Callable[[Exception], None] | None = None,
        autosave: bool | Path = False,
        device: str = "auto",
        precision: str = "auto",
        cache_bytes: int | None = None,
        lay: bool = True,
    ) -> None:
        super().__init__(
            viewer,
            image,
            model,
            labels,
            run,
            intensity=intensity,
            policy=policy,
            report=report,
            loading=Loading(device, precision, cache_bytes),
            lay=lay,
        )
        self._folder = Path(autosave) if not isinstance(autosave, bool) else None
        beside = usual_folder(facts_of(image)) if autosave is True else None
        self._report = None if report is None else weak_call(report)
        self._left_touches = LeftTouches()
        self._journal = Journal(self, self._folder or beside, self._warn)

    def _on_answers(self, shown: tuple[Answer, ...], answers: Answers) -> None:
        if answers is self._answers:
            self._left_touches.show(shown)
        super()._on_answers(shown, answers)

    def _warn(self, text: str) -> None:
        """Say what must not be overlooked."""
        self._say(text)
        if self._report is not None:
            self._report(SessionError(text))

    @property
    def log(self) -> tuple[Entry, ...]:
        """All that was done to labels, in order; it is in their layer's metadata too."""
        return self._journal.entries

    @property
    def log_path(self) -> Path | None:
        """The file of the log; None without autosave, and before the first step."""
        return self._journal.path

    def flush(self) -> None:
        """Wait until all that was done is in the files of the log."""
        self._journal.flush()

    def make_ready(self) -> None:
        """Make ahead what the first commit needs, when there is time for it."""
        super().make_ready()
        versions()

    def find_recovery(self) -> Recovery | None:
        """What a session of the same image left that ended by accident; None for nothing."""
        from napari_cutout.layers.journal.recovery import find

        return find(self.image, self._folder)

    def restore(self, recovery: Recovery) -> Labels | None:
        """Make the labels, objects and prompts again that :meth:`find_recovery` found.

        Returns
        -------
        Labels or None
            The target as it was; None where there was none.
        """
        self._check_open()
        labels = recovery.restore(self)
        self._journal.resume(recovery)
        self._bind_keys()
        self.events.labels()
        return labels
