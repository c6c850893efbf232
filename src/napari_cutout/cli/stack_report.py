"""What ``napari-cutout stack`` shows while it runs and prints in the end; and tracks as files."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any, Literal

import typer

from napari_cutout.cli.loading import tell
from napari_cutout.cli.output import counting, print_json

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from napari_cutout.stacks.frames.stack import Stack
    from napari_cutout.stacks.output.linked import Series
    from napari_cutout.stacks.output.output import StackOutput
    from napari_cutout.stacks.running.run import StackProgress

_TABLE: Literal["res_track.txt"] = "res_track.txt"
_OURS = "ctc"
"""Its file says where tracks were written."""
_WORDS = {"find": "frames", "link": "linking"}


class Shown:
    """A run as a person, or another program, sees it.

    Parameters
    ----------
    stack, out, model
        What is done.
    as_json
        Whether one JSON object is all that goes to stdout.
    """

    def __init__(self, stack: Stack, out: Path, model: str, as_json: bool) -> None:
        self._stack, self._out, self._model, self._as_json = stack, out, model, as_json
        self._states: Counter[str] = Counter()
        self._objects = 0
        self._failed: list[dict[str, Any]] = []
        self._seconds: Counter[str] = Counter()
        self._begun = time.perf_counter()

    def follow(self, steps: Generator[StackProgress, None, None]) -> None:
        """Run to the end, with a bar for each phase; failed frames are told as they come."""
        tasks: dict[str, Any] = {}
        with counting() as bar, closing(steps):
            for step in steps:
                if step.phase not in tasks:
                    tasks[step.phase] = bar.add_task(_WORDS[step.phase], total=step.total)
                bar.update(tasks[step.phase], completed=step.done, total=step.total)
                if step.phase == "find":
                    self._count(step)

    def end(self, series: Sequence[Series], could_link: bool) -> None:
        """Say what came of it; where frames failed, with exit code 2.

        Parameters
        ----------
        series
            What was linked.
        could_link
            Whether nobody said anything of linking.
        """
        tracks = sum(len(one.tracks) for one in series)
        if self._as_json:
            print_json(
                {
                    "out": str(self._out),
                    "model": self._model,
                    "frames": self._states.total(),
                    "found": self._states["found"],
                    "was_there": self._states["was there"],
                    "failed": self._failed,
                    "objects": self._objects,
                    "tracks": tracks if series else None,
                    "seconds": round(time.perf_counter() - self._begun, 3),
                    "parts": {name: round(value, 3) for name, value in self._seconds.items()},
                }
            )
        else:
            self._print(tracks if series else None)
            if could_link and not series and self._states.total() > 1:
                axis = self._stack.axes[-1]
                typer.echo(
                    f"Ids are those of each frame alone, as nobody said that {axis} is time or "
                    "depth; --link links them."
                )
        if self._failed:
            raise typer.Exit(2)

    def _count(self, step: StackProgress) -> None:
        from napari_cutout.stacks.errors import frame_in_words

        self._states[step.state] += 1
        self._objects += step.objects
        self._seconds.update(step.seconds)
        name = frame_in_words(step.index, self._stack.axes)
        if step.state == "failed":
            self._failed.append({"index": list(step.index), "error": step.reason})
            tell(f"{name}: {step.reason}; left out")
        elif step.reason:
            tell(f"{name}: {step.reason}")

    def _print(self, tracks: int | None) -> None:
        total, there = self._states.total(), self._states["was there"]
        done = total - len(self._failed)
        linked = "" if tracks is None else f", linked to {tracks}"
        before = f" ({there} there already)" if there else ""
        typer.echo(
            f"{done} of {total} frames{before}, {self._objects} objects{linked}: {self._out}"
        )
        if self._failed:
            typer.echo("Run the same again to try the frames that failed again.")


def write_ctc_folders(folder: Path, output: StackOutput, series: Sequence[Series]) -> None:
    """Write tracks as results of the Cell Tracking Challenge; several series in a folder each.

    What this output's last run wrote there is replaced, and nothing else is.

    Raises
    ------
    FormatError
        If it can't be written, or there are tracks of others.
    """
    from napari_cutout.formats.tracks.ctc import write_ctc

    ours = output.place.hidden / _OURS
    if ours.exists() and ours.read_text("utf-8") == str(folder.resolve()):
        for path in _results(folder):
            path.unlink()
    if not _results(folder):
        output.place.publish(ours, str(folder.resolve()).encode())
    for number, one in enumerate(series):
        place = folder if len(series) == 1 else folder / f"{number:03}"
        labels = _frames(output, one)
        write_ctc(place, labels, one.tracks, table=_TABLE)


def _frames(output: StackOutput, series: Series) -> Iterator[NDArray[np.integer[Any]]]:
    """The final labels of a series: frames, or volumes."""
    import numpy as np

    frames, planes = series.frames, series.planes
    if planes is None:
        yield from (output.final(index) for index in frames)
        return
    for first in range(0, len(frames), planes):
        yield np.stack([output.final(index) for index in frames[first : first + planes]])


def _results(folder: Path) -> list[Path]:
    names = (_TABLE, "mask[0-9]*.tif")
    return [path for name in names for at in ("", "[0-9]*/") for path in folder.glob(f"{at}{name}")]
