"""A series of image files that are annotated one after the other: their order, results, progress.

Which files are images is decided in series/files.py, what results are called in series/names.py,
what the progress file says in series/progress.py, and how labels are read and saved in
series/labels.py. No viewer here.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cutout.annotate.series.files import SeriesError, absolute, find_images
from napari_cutout.annotate.series.labels import LabelsFile
from napari_cutout.annotate.series.names import labels_bases
from napari_cutout.annotate.series.progress import PROGRESS_NAME, read_progress, update_progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from napari_cutout.annotate.series.files import PathLike
    from napari_cutout.annotate.series.progress import Progress


class Series:
    """Image files in order, where the results of each go, and which are done.

    The labels of ``cells.tif`` are ``cells.labels.tif``, its log is ``cells.tif.cutout.jsonl``,
    and the progress file of all is ``.napari-cutout.json``. Where ``cells.png`` is there too, the
    labels are ``cells.tif.labels.tif`` and ``cells.png.labels.tif``; labels that were saved keep
    their name.

    Parameters
    ----------
    images
        A folder, a glob, or files; see :func:`.find_images`.
    results
        The folder for results, made when its parent is there. Folders of images are repeated in
        it. Left out, results go beside each image, and the progress file into :attr:`root`.

    Attributes
    ----------
    root
        The folder that all images are in, perhaps further down.
    results
        See the parameter; None beside the images.
    paths
        The files, absolute, in natural order or as they were listed.
    problem
        What was wrong with the progress file; empty when nothing was.

    Raises
    ------
    SeriesError
        If there are no images, the results can't be written, or the folder for results has those
        of other images.

    Examples
    --------
    >>> import tempfile
    >>> from skimage.io import imsave
    >>> from napari_cutout.sample_data import fluorescence
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in ("10.tif", "9.tif"):
    ...     imsave(folder / name, fluorescence())
    >>> series = Series(folder)
    >>> [path.name for path in series]
    ['9.tif', '10.tif']
    >>> series.labels_path(series.paths[0]).name
    '9.labels.tif'
    """

    def __init__(
        self, images: PathLike | Iterable[PathLike], results: PathLike | None = None
    ) -> None:
        self._asked: Path | list[Path] = (
            absolute(images)
            if isinstance(images, str | os.PathLike)
            else [absolute(path) for path in images]
        )
        self.root, self.paths = find_images(self._asked)
        self.results = None if results is None else absolute(results)
        self._check_folders()
        self._progress = read_progress(self.progress_path)
        self._check_images()
        self.problem = self._progress.problem
        self._bases: dict[Path, str] = {}
        self._name_all()

    def __len__(self) -> int:
        return len(self.paths)

    def __iter__(self) -> Iterator[Path]:
        return iter(self.paths)

    @property
    def progress_path(self) -> Path:
        """The progress file."""
        return (self.results or self.root) / PROGRESS_NAME

    def name(self, path: Path) -> str:
        """A file as people read it: relative to :attr:`root`, with ``/`` between folders."""
        return self._names.get(path) or path.relative_to(self.root).as_posix()

    def labels_file(self, path: Path) -> LabelsFile:
        """The labels of a file, to be read and saved."""
        return LabelsFile(self._folder(path) / self._bases[path], self.results or path.parent)

    def labels_path(self, path: Path) -> Path:
        """Where a file's labels are; where there are none, where they will be."""
        file = self.labels_file(path)
        return file.path or file.tif

    def log_path(self, path: Path) -> Path:
        """Where a file's prompt log goes, with what belongs to it."""
        return self._folder(path) / f"{path.name}.cutout.jsonl"

    def is_done(self, path: Path) -> bool:
        """Whether a file is marked as done."""
        return self.name(path) in self._progress.done

    @property
    def done_count(self) -> int:
        """How many of the files are done."""
        return sum(map(self.is_done, self.paths))

    def mark_done(self, path: Path, done: bool = True) -> None:
        """Mark a file as done, or as not.

        Raises
        ------
        FormatError
            If the progress file can't be written; the mark stays as it was.
        """
        if self.is_done(path) != done:
            self._update(lambda progress: progress.with_done(self.name(path), done))

    def remember(self, path: Path) -> None:
        """Say that a file is being worked on: the next time, work goes on there.

        Raises
        ------
        FormatError
            If the progress file can't be written.
        """
        if self._progress.last != self.name(path):
            self._update(lambda progress: progress.with_last(self.name(path)))

    def remember_labels(self, path: Path, file: LabelsFile) -> None:
        """Say that a file's labels were saved: they keep their name, whatever files will come.

        Raises
        ------
        FormatError
            If the progress file can't be written.
        """
        name, base = self.name(path), file.base.name
        if self._progress.labels.get(name) != base:
            self._update(lambda progress: progress.with_labels(name, base))
            self._bases[path] = base

    @property
    def resume_place(self) -> int:
        """The place of the file to go on with: the last one, or else the first that isn't done."""
        places = {self.name(path): place for place, path in enumerate(self.paths)}
        not_done = (place for place, path in enumerate(self.paths) if not self.is_done(path))
        return places.get(self._progress.last, next(not_done, 0))

    def refresh(self) -> None:
        """Look again which files are there, and what others marked as done.

        Raises
        ------
        SeriesError
            If there are none any more; the series stays as it was.
        """
        asked = self._asked
        there = [path for path in asked if path.exists()] if isinstance(asked, list) else asked
        self.paths = find_images(there)[1]
        self._progress = read_progress(self.progress_path)
        self._name_all()

    def _update(self, change: Callable[[Progress], Progress]) -> None:
        # Beside the images the folder says whose results they are, also after it was moved.
        images = "" if self.results is None else str(self.root)
        self._progress = update_progress(
            self.progress_path, lambda progress: change(replace(progress, images=images))
        )

    def _folder(self, path: Path) -> Path:
        if self.results is None:
            return path.parent
        return self.results / path.parent.relative_to(self.root)

    def _check_folders(self) -> None:
        if self.results is not None:
            _make(self.results)
            _check_writable(self.results)
            return
        for folder in {self.root, *(path.parent for path in self.paths)}:
            _check_writable(folder)

    def _check_images(self) -> None:
        there = Path(self._progress.images)
        if self.results is None or not self._progress.images or not there.is_dir():
            return  # images that aren't there any more were moved to here
        if not os.path.samefile(there, self.root):
            raise SeriesError(
                f"{self.results} has results for the images in {there}, and these are in "
                f"{self.root}; give another folder"
            )

    def _name_all(self) -> None:
        self._names = {path: path.relative_to(self.root).as_posix() for path in self.paths}
        folders: dict[str, list[Path]] = {}
        for path, name in self._names.items():
            folders.setdefault(name.rpartition("/")[0], []).append(path)
        recorded: dict[str, dict[str, str]] = {}
        for name, base in self._progress.labels.items():
            folder, _, file = name.rpartition("/")
            recorded.setdefault(folder, {})[file] = base
        for folder, paths in folders.items():
            bases = labels_bases([path.name for path in paths], recorded.get(folder))
            self._bases.update({path: bases[path.name] for path in paths})


def _make(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except FileNotFoundError as error:
        raise SeriesError(f"{folder}: there is no folder {folder.parent}; make it first") from error
    except OSError as error:
        reason = "it is a file" if folder.exists() else error.strerror or error
        raise SeriesError(f"{folder} is no folder for results: {reason}") from error


def _check_writable(folder: Path) -> None:
    try:
        with tempfile.TemporaryFile(dir=folder, prefix=".napari-cutout."):
            return
    except OSError as error:
        raise SeriesError(
            f"results can't be written into {folder} ({error.strerror or error}); "
            "give another folder for them"
        ) from error
