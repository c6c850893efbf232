"""Where a person is in a folder of annotated images: which are listed, counted, edited, shown.

Going from one to the next is in browsing.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cutout.layers.series.saving import run_in_turn
from napari_cutout.layers.telling import TellingOfFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from napari import Viewer
    from napari.layers import Labels

    from napari_cutout.formats.objects.annotated_folder import AnnotatedFolder
    from napari_cutout.layers.files.opened import Opened
    from napari_cutout.layers.files.shown import ShownImage
    from napari_cutout.layers.series.saving import Run


class Browsed(TellingOfFiles):
    """The state of a :class:`.Browser`."""

    def __init__(
        self,
        viewer: Viewer,
        folder: AnnotatedFolder,
        run: Run | None = None,
        *,
        report: Callable[[Exception], None] | None = None,
        may_leave: Callable[[], bool] | None = None,
    ) -> None:
        super().__init__("image", report)
        self.viewer, self.folder = viewer, folder
        self._run = run or run_in_turn
        self._may_leave = may_leave or (lambda: True)
        self._shown: ShownImage | None = None
        self._edited: dict[int, Labels] = {}
        self._problems = {k: entry.problem for k, entry in enumerate(folder) if entry.problem}
        self._counts: dict[int, int | None] = {}
        self._counting: set[int] = set()
        self._filter, self._listed = "", tuple(range(len(folder)))
        self._wanted: Sequence[int] = ()
        self._is_reading = False

    @property
    def place(self) -> int | None:
        """The place of the shown image in the folder, from 0; None before the first."""
        return None if self._shown is None else self._shown.opened.place

    @property
    def opened(self) -> Opened | None:
        """The shown image as it was read, its objects with their overlaps."""
        return None if self._shown is None else self._shown.opened

    @property
    def layers(self) -> list[Any]:
        """The layers of the shown image: it, where its file was found, and its objects."""
        return [] if self._shown is None else self._shown.layers

    @property
    def labels(self) -> Labels | None:
        """The objects of the shown image."""
        return None if self._shown is None else self._shown.labels

    @property
    def problems(self) -> Mapping[int, str]:
        """Why images couldn't be read, by their places."""
        return self._problems

    @property
    def counts(self) -> Mapping[int, int | None]:
        """How many objects images have, as far as that is known; None where it can't be."""
        return self._counts

    @property
    def edited(self) -> Collection[int]:
        """The images that were left with edited labels, which are in the viewer still."""
        return [place for place in self._edited if self._edited[place] in self.viewer.layers]

    @property
    def filter(self) -> str:
        """Words that the name of an image must hold to be listed; capitals don't matter."""
        return self._filter

    @filter.setter
    def filter(self, text: str) -> None:
        words = text.casefold().split()
        names = [entry.name.casefold() for entry in self.folder]
        self._filter = text
        self._listed = tuple(k for k, name in enumerate(names) if all(w in name for w in words))
        self.events.progress()

    @property
    def listed(self) -> tuple[int, ...]:
        """The images that :attr:`filter` leaves, which are gone through."""
        return self._listed

    @property
    def text(self) -> str:
        """Where one is: "3 of 40, 12 objects"."""
        count = len(self.folder)
        listed = "" if len(self._listed) == count else f", {len(self._listed)} listed"
        if self._shown is None:
            return f"{count} image{'' if count == 1 else 's'}{listed}"
        objects = len(self._shown.opened.annotated.objects)
        plural = "" if objects == 1 else "s"
        return f"{self._shown.opened.place + 1} of {count}{listed}, {objects:,} object{plural}"

    def count(self, places: Sequence[int]) -> None:
        """Count the objects of some images; ``events.progress`` tells when that is done."""
        new = [k for k in places if k not in self._counts and k not in self._counting]
        if not new or self.is_closed:
            return
        self._counting.update(new)
        entries = [self.folder[place] for place in new]

        def counted(numbers: list[int | None]) -> None:
            self._counting.difference_update(new)
            # Those that were read in the meantime are known better.
            self._counts = dict(zip(new, numbers, strict=True)) | self._counts
            if not self.is_closed:
                self.events.progress()

        self._run(lambda: [entry.count_objects() for entry in entries], counted, self._fail)
