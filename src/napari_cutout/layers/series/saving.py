"""What a person's way through a series consists of, and saving the labels of the file shown.

Opening a file is in series/showing.py; going from one to the next, in series.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from napari_cutout.formats.errors import FormatError
from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.series.readers import read_with_library
from napari_cutout.layers.target.pyramids import pixels_of
from napari_cutout.layers.telling import TellingOfFiles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari import Viewer
    from napari.layers import Image, Labels

    from napari_cutout.annotate.series import Series
    from napari_cutout.annotate.series.labels import Saved
    from napari_cutout.layers.series.file import ShownFile
    from napari_cutout.layers.series.readers import Read
    from napari_cutout.layers.session import Session

    MakeSession: TypeAlias = Callable[[Any, Any, Any], Session | None]
    Run: TypeAlias = Callable[
        [Callable[[], Any], Callable[[Any], None], Callable[[Exception], None]], None
    ]


def run_in_turn(
    compute: Callable[[], Any],
    deliver: Callable[[Any], None],
    fail: Callable[[Exception], None],
) -> None:
    """Compute in the caller's thread, and pass the result or the exception on."""
    try:
        result = compute()
    except Exception as error:
        fail(error)
        return
    deliver(result)


class Saving(TellingOfFiles):
    """The state of a :class:`.FolderSession`, and how it is saved."""

    def __init__(
        self,
        viewer: Viewer,
        series: Series,
        make_session: MakeSession | None = None,
        read: Read | None = None,
        run: Run | None = None,
        *,
        report: Callable[[Exception], None] | None = None,
    ) -> None:
        super().__init__("file", report)
        self.viewer, self.series = viewer, series
        self.read = read or read_with_library
        self._make_session = make_session or self._new_session
        self._run = run or run_in_turn
        self._file: ShownFile | None = None
        self._coming: ShownFile | None = None
        self._place = 0
        self._notes: list[str] = []
        self._problems: dict[Path, str] = {}
        self._note(series.problem)
        viewer.layers.events.removed.connect(self._on_removed)

    @property
    def path(self) -> Path | None:
        """The file that is shown."""
        return None if self._file is None else self._file.path

    @property
    def image(self) -> Image | None:
        """The image that is being cut."""
        return None if self._file is None else self._file.image

    @property
    def labels(self) -> Labels | None:
        """The layer that is saved for this file; None until there is one."""
        return None if self._file is None else self._file.labels

    def save(self) -> None:
        """Save the labels now, if they changed.

        Raises
        ------
        FormatError
            If they can't be saved.
        """
        if self._can_start():
            self._save_then(self._tell)

    def save_at_once(self) -> None:
        """Save in the caller's thread, also while something else is being done.

        Raises
        ------
        FormatError
            If the labels can't be saved.
        """
        file = self._file
        if file is not None and file.labels is not None:
            self._remember(file, file.stored.save(pixels_of(file.labels)))

    def mark_done(self, done: bool = True) -> None:
        """Save, and mark the file that is shown as done, or as not.

        Raises
        ------
        FormatError
            If the labels or the mark can't be saved.
        """

        def mark() -> None:
            if self._mark(done):
                self._tell()

        if self._can_start():
            self._save_then(mark)

    def _can_start(self) -> bool:
        if self.is_closed:
            self._fail(SessionError("this folder is closed; open it again"))
        elif self._busy:
            self._fail(SessionError(f"{self._busy}; wait until that is done"))
        else:
            return True
        return False

    def _save_then(
        self, then: Callable[[], object], fail: Callable[[Exception], None] | None = None
    ) -> None:
        """Save, and go on when all is saved."""
        file, fail = self._file, fail or self._fail
        if file is None or file.labels is None:
            then()
            return
        labels, stored = pixels_of(file.labels), file.stored

        def saved(result: Saved | None) -> None:
            self._set_busy("")
            if self.is_closed:
                return
            try:
                self._remember(file, result)
            except FormatError as error:
                fail(error)
                return
            if file.is_touched:  # the person painted while it was saved
                self._save_then(then, fail)
            else:
                then()

        file.is_touched = False
        self._set_busy(f"Saving the labels of {self.series.name(file.path)}")
        self._run(lambda: stored.save(labels), saved, fail)

    def _remember(self, file: ShownFile, saved: Saved | None) -> None:
        if saved is None:
            return
        if saved.kept is not None:
            self._note(f"Other labels were in {saved.path.name}; they are in {saved.kept.name} now")
        self._note(f"Saved {saved.path.name}")
        self.series.remember_labels(file.path, file.stored)

    def _mark(self, done: bool) -> bool:
        """Mark the file that is shown. Returns whether that went well."""
        if self.path is None:
            return True
        try:
            self.series.mark_done(self.path, done)
        except FormatError as error:
            self._fail(error)
            return False
        self.events.progress()
        return True

    def _on_removed(self, event: Any) -> None:
        file = self._file
        if file is None or file.labels is None or event.value != file.labels:
            return
        try:
            self.save_at_once()
        except FormatError as error:
            self._fail(error)
            return
        self._say(
            f"The labels were removed. What they held is in {file.stored.path or 'no file'}; new "
            "ones will be saved, and those kept."
        )

    def _note(self, text: str) -> None:
        """Something to be said with what comes next."""
        if text:
            self._notes.append(f"{text.rstrip('.')}.")

    def _tell(self) -> None:
        """Say all that is to be said since the last time."""
        notes, self._notes = self._notes, []
        if self.path is not None:
            name = self.series.name(self.path)
            notes.append(f"This is {name}; its labels are saved when you go on.")
        self._say(" ".join(notes))

    def _new_session(self, viewer: Viewer, image: Image, labels: Labels | None) -> Session:
        from napari_cutout.layers.session import Session

        assert self._file is not None, "a session is made for a file"
        folder = self.series.log_path(self._file.path).parent
        return Session(viewer, image, labels=labels, autosave=folder)
