"""Going through the images of a folder of SA-1B or COCO in a viewer, each with its objects.

Which images there are is decided in formats/objects/annotated_folder.py; reading one is in
opened.py, showing it in shown.py; which are listed, and where one is, in browsed.py.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.files.browsed import Browsed
from napari_cutout.layers.files.opened import TRIES, Opened, open_first
from napari_cutout.layers.files.shown import ShownImage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Browser(Browsed):
    """A person looking through a folder, image by image.

    The layers of an image are replaced by those of the next; all other layers stay. Labels that
    were edited stay as well, hidden, and are shown when the person comes back to their image.
    Nothing is written. An image that can't be read is passed over, and said; of several that are
    asked for while one is being read, the last is shown.

    Parameters
    ----------
    viewer
        ``napari.Viewer``, the viewer that a plugin is handed, or ``ViewerModel``.
    folder
        The images, as :func:`.open_annotated_folder` lists them.
    run
        Takes what reads an image, what to do with its result, and what with its exception. It may
        compute in any thread, and must do the others where the viewer lives. Default: at once.
    report
        Takes what can't be done. Default: it is raised.
    may_leave
        Asked before the layers of an image are replaced. Default: they may be.

    Attributes
    ----------
    events
        ``image`` (another one is shown), ``progress`` (counts, problems, or which are listed),
        ``status``, ``busy`` and ``closed``.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from napari.components import ViewerModel
    >>> from skimage.io import imsave
    >>> from napari_cutout.formats.objects.annotated_folder import open_annotated_folder
    >>> from napari_cutout.formats.objects.annotated_labels import of_labels
    >>> from napari_cutout.formats.objects.sa1b import write_sa1b
    >>> from napari_cutout.sample_data import fluorescence
    >>> place, pixels = Path(tempfile.mkdtemp()), fluorescence()
    >>> for name in ("a", "b"):
    ...     imsave(place / f"{name}.png", pixels)
    ...     write_sa1b(place / f"{name}.json", of_labels(pixels > 128, f"{name}.png"))
    >>> viewer = ViewerModel()
    >>> browser = Browser(viewer, open_annotated_folder(place))
    >>> browser.resume()
    True
    >>> browser.next()
    True
    >>> [layer.name for layer in viewer.layers]
    ['b', 'b objects']
    >>> browser.text
    '2 of 2, 1 object'
    """

    def resume(self) -> bool:
        """Show the first image that can be read.

        Returns
        -------
        bool
            Whether another image is shown now. With a runner that takes its time, the answer comes
            with ``events.image``.
        """
        return self._go(self._listed)

    def next(self) -> bool:
        """Show the next listed image that can be read. Returns as :meth:`resume` does."""
        return self._go(self._listed[bisect_right(self._listed, self._aim) :])

    def previous(self) -> bool:
        """Show the listed image before. See :meth:`next`."""
        return self._go(self._listed[: bisect_left(self._listed, self._aim)][::-1])

    def go_to(self, place: int) -> bool:
        """Show an image. Returns as :meth:`resume` does.

        Parameters
        ----------
        place
            Its place in the folder, from 0.

        Raises
        ------
        SessionError
            If there is no such place.
        """
        if not 0 <= place < len(self.folder):
            last = len(self.folder) - 1
            self._fail(SessionError(f"there is no image at place {place}; give 0 to {last}"))
            return False
        return self._go([place])

    def close(self, *, keep_layers: bool = True) -> None:
        """End. What was edited stays in any case.

        Parameters
        ----------
        keep_layers
            Whether the layers of the shown image stay in the viewer.
        """
        if self.is_closed:
            return
        self.is_closed = True
        shown, self._shown, self._wanted = self._shown, None, ()
        if shown is not None and not keep_layers:
            shown.remove_from(self.viewer)
        self.events.closed()
        self.events.disconnect()

    @property
    def _aim(self) -> int:
        """The image from which the next one is counted: the one that is coming, or is shown."""
        if self._wanted:
            return self._wanted[0]
        return -1 if self.place is None else self.place

    def _go(self, places: Sequence[int]) -> bool:
        if self.is_closed:
            self._fail(SessionError("this folder is closed; open it again"))
            return False
        if not places:
            self._say("There is no further image this way.")
            return False
        before, was_coming = self._shown, bool(self._wanted)
        if places[0] == self.place and self.labels in self.viewer.layers:
            self._wanted = ()
            self._set_busy("")
            if was_coming:
                self._say(f"This is still {self.folder[places[0]].name}.")
            return False
        self._wanted = tuple(places)
        self._set_busy(f"Opening {self.folder[places[0]].name}")
        if not self._is_reading:
            self._read()
        return self._shown is not before

    def _read(self) -> None:
        places, folder = self._wanted, self.folder

        def read() -> tuple[Opened | None, dict[int, str]]:
            return open_first(folder, places, lambda: self._wanted is places)

        def take(found: tuple[Opened | None, dict[int, str]]) -> None:
            self._is_reading = False
            if self._wanted is places:
                self._take(*found)
            elif self._wanted:
                self._read()

        def fail(error: Exception) -> None:
            self._is_reading = False
            self._wanted = ()
            self._fail(error)

        self._is_reading = True
        self._run(read, take, fail)

    def _take(self, opened: Opened | None, problems: dict[int, str]) -> None:
        self._set_busy("")
        tried, self._wanted = len(self._wanted), ()
        self._problems |= problems
        notes = self._failed(problems, tried)
        if opened is not None and (self._shown is None or self._may_leave()):
            self._problems.pop(opened.place, None)
            notes += self._show(opened)
        elif self._shown is not None:
            notes.append(f"This is still {self.folder[self._shown.opened.place].name}.")
        self._say(" ".join(notes))
        self.events.progress()

    def _failed(self, problems: Mapping[int, str], tried: int) -> list[str]:
        """What is said of images that couldn't be read."""
        if not problems:
            return []
        place, reason = next(iter(problems.items()))
        name = self.folder[place].name
        reason = reason.removeprefix(f"{self.folder[place].path}: ").rstrip(".")
        notes = [f"{name} can't be read: {reason}."]
        if len(problems) > 1:
            others = len(problems) - 1
            notes.append(f"Nor can {others} image{'' if others == 1 else 's'} after it.")
        if len(problems) == TRIES < tried:
            notes.append(f"After {TRIES} such images this is enough; choose one that can be read.")
        return notes

    def _show(self, opened: Opened) -> list[str]:
        """Put an image in the place of the one before. Returns what is to be said."""
        notes, old = [], self._shown
        edited = self._edited.pop(opened.place, None)
        shown = ShownImage(opened, edited if edited in self.viewer.layers else None)
        if old is not None:
            old.leave_names(self.viewer)
        shown.add_to(self.viewer, old)
        self._shown = shown
        self._counts[opened.place] = len(opened.annotated.objects)
        if old is None or not shown.lies_as(old):
            self.viewer.reset_view()
        kept = None if old is None else old.remove_from(self.viewer)
        if old is not None and kept is not None:
            self._edited[old.opened.place] = kept
            notes.append(
                f"{kept.name!r} was edited: it stays, hidden, and comes back with its image. File "
                "> Save Selected Layers writes it."
            )
        name = self.folder[opened.place].name
        if edited is not None and shown.labels == edited:
            notes.append(f"This is {name}, with the labels as they were edited.")
        else:
            notes.append(f"This is {name}.")
        if not opened.has_image:
            called = opened.annotated.file_name or "of that name"
            notes.append(f"Its image, {called}, isn't there; these are its objects alone.")
        self.events.image()
        return notes
