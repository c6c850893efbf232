"""Going through a series of files in a viewer: one is shown, cut with a session, saved, left.

What the files are, and where results go, is decided in annotate/series.py; how a file gets into
the viewer, in series/readers.py, series/showing.py and series/file.py; saving is in
series/saving.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.series.showing import Showing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


class FolderSession(Showing):
    """A person going through a series, file by file.

    The layers of a file are replaced by those of the next; all other layers stay. Labels that are
    there are loaded, and saved when the file is left and they changed. While they can't be saved
    the file stays. A file that can't be read is passed over, and said.

    Parameters
    ----------
    viewer
        ``napari.Viewer``, the viewer that a plugin is handed, or ``ViewerModel``.
    series
        The files.
    make_session
        Called with the viewer, the image and its labels (None: the first commit makes new ones);
        returns the :class:`.Session` on it. Default: one with the model in the package, whose log
        lies where the labels do.
    read
        How files are opened, see :mod:`~napari_cutout.layers.series`. Default: the
        library's own reader.
    run
        Takes what reads and saves labels, what to do with its result, and what with its exception.
        It may compute in any thread, and must do the others where the viewer lives. Default: at
        once.
    report
        Takes what can't be done, such as saving on a full disk. Default: it is raised.

    Attributes
    ----------
    events
        ``file`` (another file is shown), ``progress`` (marks, or files that came or went),
        ``status``, ``busy`` and ``closed``.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from napari.components import ViewerModel
    >>> from skimage.io import imsave
    >>> from napari_cutout.annotate.series import Series
    >>> from napari_cutout.sample_data import fluorescence
    >>> images = Path(tempfile.mkdtemp())
    >>> for name in ("9.tif", "10.tif"):
    ...     imsave(images / name, fluorescence())
    >>> folder = FolderSession(ViewerModel(), Series(images))
    >>> folder.resume()
    True
    >>> folder.session.add_point((192, 411))
    >>> folder.session.commit()
    1
    >>> folder.done_and_next(skip_done=True)
    True
    >>> folder.text
    '2 of 2, 1 done'
    >>> sorted(path.name for path in images.glob("*.labels.tif"))
    ['9.labels.tif']
    >>> folder.close()
    """

    @property
    def place(self) -> int | None:
        """The place of the shown file in the series, from 0; None if it isn't there any more."""
        paths = self.series.paths
        return paths.index(self.path) if self.path in paths else None

    @property
    def is_done(self) -> bool:
        """Whether the shown file is marked as done."""
        return self.path is not None and self.series.is_done(self.path)

    @property
    def text(self) -> str:
        """How far the series is: "3 of 40, 2 done"."""
        count, done, place = len(self.series), self.series.done_count, self.place
        files = f"{count} file{'' if count == 1 else 's'}"
        start = files if place is None else f"{place + 1} of {count}"
        return f"{start}, {done} done"

    def resume(self) -> bool:
        """Show the file that was shown last; the first time, the first that isn't done.

        Returns
        -------
        bool
            Whether another file is shown now. With a runner that takes its time, the answer comes
            with ``events.file``.
        """
        paths, place = self.series.paths, self.series.resume_place
        return self._go([*paths[place:], *reversed(paths[:place])])

    def next(self, skip_done: bool = False) -> bool:
        """Save, and show the next file that can be read. Returns as :meth:`resume` does.

        After the last file, files that came in the meantime are looked for.

        Parameters
        ----------
        skip_done
            Whether files that are done are passed over.
        """
        return self._go(self._after(skip_done))

    def previous(self, skip_done: bool = False) -> bool:
        """Save, and show the file before. See :meth:`next`."""
        return self._go(self._before(skip_done))

    def done_and_next(self, skip_done: bool = False) -> bool:
        """Save, mark this file as done, and show the next. See :meth:`next`."""
        return self._go(self._after(skip_done), mark=True)

    def go_to(self, place: int) -> bool:
        """Save, and show a file. Returns as :meth:`resume` does.

        Parameters
        ----------
        place
            Its place in the series, from 0.

        Raises
        ------
        SessionError
            If there is no such place.
        """
        if not 0 <= place < len(self.series):
            last = len(self.series) - 1
            self._fail(SessionError(f"there is no file at place {place}; give 0 to {last}"))
            return False
        return self._go([self.series.paths[place]])

    def refresh(self) -> None:
        """Look again which files are there, and what others marked as done.

        Raises
        ------
        SeriesError
            If there are none any more; the series stays as it was.
        """
        try:
            self._look_again()
        except ValueError as error:
            self._fail(error)

    def close(
        self, save: bool = True, *, keep_layers: bool = True, keep_session: bool = False
    ) -> None:
        """Save, and end.

        Parameters
        ----------
        save
            Whether to save, at once and in the caller's thread.
        keep_layers
            Whether the file's layers stay in the viewer.
        keep_session
            Whether the session on the image stays open.

        Raises
        ------
        FormatError
            If the labels can't be saved; it stays open.
        """
        if self.is_closed:
            return
        if save:
            self.save_at_once()
        self.is_closed = True
        self.viewer.layers.events.removed.disconnect(self._on_removed)
        session, file, self._file = self.session, self._file, None
        if session is not None and not keep_session:
            session.close()
        self._send_back()
        if file is not None:
            file.let_go() if keep_layers else file.remove_from(self.viewer)
        self.events.closed()
        self.events.disconnect()

    def _go(self, paths: Sequence[Path], *, mark: bool = False) -> bool:
        if not self._can_start():
            return False
        before = self._file

        def leave() -> None:
            if mark and not self._mark(True):
                return
            if not paths:
                left = len(self.series) - self.series.done_count
                self._note(f"There is no further file this way; {left} of all aren't done")
            self._show_first(paths)

        self._save_then(leave)
        return self._file is not before

    def _after(self, skip_done: bool) -> list[Path]:
        found = self._wanted(self._behind(), skip_done)
        if found or self._file is None:
            return found
        try:
            self._look_again()
        except ValueError as error:
            self._note(str(error))
        return self._wanted(self._behind(), skip_done)

    def _look_again(self) -> None:
        self._place = self._place if self.place is None else self.place
        self.series.refresh()
        self.events.progress()

    def _behind(self) -> Sequence[Path]:
        if self._file is None:
            return self.series.paths
        # A file that isn't there any more left its place to the one behind it.
        return self.series.paths[self._place if self.place is None else self.place + 1 :]

    def _before(self, skip_done: bool) -> list[Path]:
        end = self._place if self.place is None else self.place
        return self._wanted(reversed(self.series.paths[:end]), skip_done)

    def _wanted(self, paths: Iterable[Path], skip_done: bool) -> list[Path]:
        return [path for path in paths if not (skip_done and self.series.is_done(path))]
