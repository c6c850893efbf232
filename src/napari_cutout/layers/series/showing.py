"""Opening a file of a series in the place of the one before, with its labels and a session.

Saving is in series/saving.py; which file comes next, in series.py.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from napari_cutout.formats.errors import FormatError
from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.journal.earlier import read_earlier
from napari_cutout.layers.journal.files import LOG, Place
from napari_cutout.layers.series.file import ShownFile, place_labels
from napari_cutout.layers.series.readers import open_layers
from napari_cutout.layers.series.saving import Saving
from napari_cutout.layers.target.pyramids import pixels_of
from napari_cutout.layers.target.targets import levels_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from napari.layers import Layer

    from napari_cutout.layers.journal.known import Known
    from napari_cutout.layers.session import Session


TRIES = 20
"""Files in a row that are tried: when so many can't be read, the reader is the wrong one."""


class Showing(Saving):
    """A :class:`.FolderSession` as far as one file."""

    @property
    def session(self) -> Session | None:
        """The session on the image, while it is open."""
        session = None if self._file is None else self._file.session
        return None if session is None or session.is_closed else session

    @property
    def problems(self) -> Mapping[Path, str]:
        """The files that couldn't be read, and why."""
        return self._problems

    def follow(self, session: Session | None) -> None:
        """Another session was opened on the image: what it makes is this file's.

        Parameters
        ----------
        session
            One on an image of another file, or None, is left alone.
        """
        file = self._file
        if file is None or session is None or session.is_closed:
            return
        if session == file.session or session.image not in file.images:
            return
        is_another = file.session is not None
        file.session, file.image = session, session.image
        session.events.labels.connect(self._on_target)
        if session.labels is None and file.labels is not None and file.labels in self.viewer.layers:
            session.labels = file.labels
        self._on_target()
        if is_another and file.labels is not None:
            labels, logs = pixels_of(file.labels), self._logs(file.path)
            give = partial(self._give, file, session)
            self._run(lambda: read_earlier(logs, labels), give, lambda _: None)

    def _logs(self, path: Path) -> list[Path]:
        """Where logs of a file may be."""
        log = self.series.log_path(path)
        return list(Place(log.parent, log.name.removesuffix(LOG)).logs())

    def _give(self, file: ShownFile, session: Session, earlier: Known | None) -> None:
        """Let a session know what earlier ones knew of the labels that were read."""
        if earlier is None or session.is_closed or session is not file.session:
            return
        if file.labels is not None and session.labels == file.labels:
            earlier.give(session)

    def _show_first(self, paths: Sequence[Path]) -> None:
        """Show the first of some files that can be read."""
        failed: list[Path] = []
        for path in paths[:TRIES]:
            if path == self.path and self.image in self.viewer.layers:
                break
            try:
                layers, images = open_layers(self.viewer, path, self.read)
            except ValueError as error:
                failed.append(path)
                self._problems[path] = str(error)
            else:
                self._note_failed(failed)
                self._problems.pop(path, None)
                self._read_labels(path, layers, images)
                return
        self._note_failed(failed)
        if len(failed) == TRIES < len(paths):
            self._note(f"After {TRIES} such files this is enough; choose one that can be read")
        self._tell()

    def _note_failed(self, paths: Sequence[Path]) -> None:
        if not paths:
            return
        reason = self._problems[paths[0]].removeprefix(f"{paths[0]}: ")
        self._note(f"{self.series.name(paths[0])} can't be read: {reason}")
        if len(paths) > 1:
            others = len(paths) - 1
            self._note(f"Nor can {others} file{'' if others == 1 else 's'} after it")
        self.events.progress()

    def _read_labels(self, path: Path, layers: list[Layer], images: list[Layer]) -> None:
        old, stored = self._file, self.series.labels_file(path)
        channel = 0 if old is None else min(old.channel, len(images) - 1)
        known = [*layers, *([] if old is None else old.own)]
        others = [layer for layer in self.viewer.layers if layer not in known]
        file = ShownFile(path, stored, layers, images, images[channel], others)
        self._coming = file

        logs = self._logs(path)

        def read() -> tuple[Any, Known | None]:
            labels = stored.read()
            if labels is None:
                return None, None
            return levels_of(labels), read_earlier(logs, labels)

        def show(found: tuple[Any, Known | None]) -> None:
            self._set_busy("")
            if not self.is_closed:
                # The person may have gone on in the file before while this one was read.
                self._save_then(lambda: self._show(file, *found), give_up)

        def show_without(error: Exception) -> None:
            if not isinstance(error, ValueError | OSError | MemoryError):
                give_up(error)
                return
            self._note(f"{error}. New ones will be saved, and these kept")
            show((None, None))

        def give_up(error: Exception) -> None:
            self._send_back()
            self._fail(error)

        self._set_busy(f"Opening {self.series.name(path)}")
        self._run(read, show, show_without)

    def _send_back(self) -> None:
        """Take the layers away of a file that was opened and can't be shown."""
        coming, self._coming = self._coming, None
        if coming is not None:
            coming.remove_from(self.viewer)

    def _show(self, file: ShownFile, found: Any, earlier: Known | None) -> None:
        """Put a file in the place of the one before. Its layers are there already."""
        old, old_session = self._file, self.session
        self._coming = None
        if file.image not in self.viewer.layers:
            file.remove_from(self.viewer)
            self._fail(SessionError(f"{self.series.name(file.path)} was removed again"))
            return
        if old is not None:
            old.leave_names_to(file)
        try:
            file.take_labels(place_labels(self.viewer, file, found))
        except ValueError as error:
            file.stored.forget()
            self._note(f"{error}. New ones will be saved, and these kept")
        self._file = file
        if old_session is not None:
            old_session.close()
        self._open_session(file)
        if file.session is not None:
            self._give(file, file.session, earlier)
        if old is not None:
            old.remove_from(self.viewer)
        if old is None or not file.lies_as(old):
            self.viewer.reset_view()
        try:
            self.series.remember(file.path)
        except FormatError as error:
            self._note(str(error))
        self._tell()
        self.events.file()
        self.events.progress()

    def _open_session(self, file: ShownFile) -> None:
        try:
            session = self._make_session(self.viewer, file.image, file.labels)
        except (ValueError, RuntimeError) as error:
            self._note(str(error))
        else:
            self.follow(session)

    def _on_target(self) -> None:
        """The session's target changed: it is this file's, unless it was there before the file.

        Work that is restored after a crash comes in a layer of its own, too.
        """
        file, session = self._file, self.session
        labels = None if session is None else session.labels
        if file is None or labels is None or labels == file.labels:
            return
        if labels in file.others:
            self._say(f"Objects go to {labels.name!r} now, which isn't saved with this file.")
            return
        if file.labels is None:
            file.take_labels(labels)
            return
        try:
            self.save_at_once()
        except FormatError as error:
            self._fail(error)
            return
        file.stored.forget()
        file.layers = [*(layer for layer in file.layers if layer != labels), file.labels]
        self._say(
            f"{labels.name!r} is what will be saved for this file now; what {file.labels.name!r} "
            "held is kept beside it."
        )
        file.take_labels(labels)
