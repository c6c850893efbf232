"""``napari-cutout demo``: napari on a sample with a first mask made, on whatever machine this is.

Here it is decided where that happens, and said. What is cut out is in demo_object.py, what happens
in the window in demo_window.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from napari_cutout.cli import windows
from napari_cutout.cli.errors import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    import numpy as np
    from numpy.typing import NDArray

    from napari_cutout.cli.demo_object import FirstCut

Place = Literal["display", "xvfb", "no window"]

_WHERE: dict[Place, str] = {
    "display": "napari shows nuclei in fluorescence, with the dock widget Cut Out.",
    "xvfb": "napari showed nuclei in fluorescence, with the dock widget Cut Out, unseen, in Xvfb.",
    "no window": "Nuclei in fluorescence were segmented without napari.",
}
_WHY: dict[Place, str] = {
    "display": "Beforehand",
    "xvfb": "Not on a screen",
    "no window": "Without a window",
}
_PICTURE = Path("napari-cutout-demo.png")
_PATIENCE = 300


class NoWindowError(RuntimeError):
    """No window could be opened, or the process that it was in ended."""


@dataclass(frozen=True)
class Demo:
    """How the demo went.

    Parameters
    ----------
    place
        Where it ran.
    cut
        What it did.
    picture
        What it wrote; None where the window stayed open.
    why
        What stood in the way of a better place.
    """

    place: Place
    cut: FirstCut
    picture: Path | None
    why: str = ""


def demo(
    screenshot: Annotated[
        Path | None,
        typer.Option(metavar="PNG", help="Write a picture of the window there, and end."),
    ] = None,
) -> None:
    """Open napari on a sample image, with a first object cut out.

    Without a display the same happens in a window that nobody sees (Xvfb), or without one; then
    the result is written to napari-cutout-demo.png, and the command ends.

    Example: napari-cutout demo --screenshot demo.png
    """
    from napari_cutout.formats.pictures import check_picture_path
    from napari_cutout.sample_data import fluorescence

    check_picture_path(screenshot or _PICTURE)
    run_demo(fluorescence(), screenshot)


def run_demo(image: NDArray[np.generic], screenshot: Path | None = None) -> Demo:
    """Cut the broadest object out of an image: in a window, or without one.

    Parameters
    ----------
    image
        One frame. The click and the mask come from it and the model alone.
    screenshot
        Where the picture goes. Without it a window on a display stays open until it is closed.
    """
    picture = (screenshot or _PICTURE).absolute()
    reasons: list[str] = []
    for place, display in _displays(reasons):
        written = None if place == "display" and screenshot is None else picture
        try:
            with display as environment, _window(image, written, environment) as cut:
                done = Demo(place, cut, written, "; ".join(reasons))
                _tell(done)
        except (NoWindowError, OSError) as error:
            reasons.append(one_line(str(error)))
        else:
            return done
    from napari_cutout.cli.demo_object import cut_without_window
    from napari_cutout.segment import Segmenter

    cut = cut_without_window(Segmenter("compact"), image, picture)
    done = Demo("no window", cut, picture, "; ".join(reasons))
    _tell(done)
    return done


def _displays(
    reasons: list[str],
) -> Iterator[tuple[Place, AbstractContextManager[dict[str, str] | None]]]:
    """Where a window might open, the best place first; what is missing goes to ``reasons``."""
    if not windows.has_qt():
        reasons.append(f"no Qt binding is installed ({windows.GET_QT})")
        return
    if windows.has_display():
        yield "display", nullcontext()
    else:
        reasons.append("there is no display")
    if windows.has_xvfb():
        yield "xvfb", windows.virtual_display()
    elif sys.platform.startswith("linux"):
        reasons.append(f"there is no Xvfb; {windows.GET_XVFB}")


@contextmanager
def _window(
    image: NDArray[np.generic], picture: Path | None, environment: dict[str, str] | None
) -> Iterator[FirstCut]:
    """The demo in a process of its own: what it did, and in the end wait for its end."""
    import numpy as np

    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w+") as log:
        np.save(Path(folder) / "image.npy", image)
        command = [sys.executable, "-m", "napari_cutout.cli.demo_window", f"{folder}/image.npy"]
        process = subprocess.Popen(
            command + ([] if picture is None else [str(picture)]),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        patience = Timer(_PATIENCE, process.kill)
        patience.start()
        try:
            cut = _report(process)
            patience.cancel()
            if cut is None:
                log.seek(0)
                words = windows.last_words(log.read(), process.wait())
                raise NoWindowError(f"napari did not open: {words}")
            yield cut
            process.wait()
        finally:
            patience.cancel()
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


def _report(process: subprocess.Popen[str]) -> FirstCut | None:
    """What the process says that it did; None when it ends without a word."""
    from napari_cutout.cli.demo_object import FirstCut
    from napari_cutout.cli.demo_window import MARK

    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(MARK):
            facts = json.loads(line.removeprefix(MARK))
            return FirstCut(tuple(facts["point"]), facts["score"], facts["area"])
    return None


def _tell(done: Demo) -> None:
    from napari_cutout.cli.demo_object import labels_beside

    row, col = done.cut.point
    if done.why:
        typer.echo(f"{_WHY[done.place]}: {done.why}.")
    typer.echo(_WHERE[done.place])
    typer.echo(
        f"The click was at row {row}, column {col}: the deepest point inside the objects that the "
        "model 'compact' sees in it."
    )
    committed = "" if done.place == "no window" else " It was committed as object 1."
    typer.echo(f"Its mask has {done.cut.area} pixels (score {done.cut.score:.2f}).{committed}")
    if done.picture is None:
        typer.echo("The mask is in the Labels layer of the window. Close the window to end.")
    else:
        typer.echo(f"picture: {done.picture}")
        typer.echo(f"labels: {labels_beside(done.picture)}")
