"""Make the pictures of the README and the documentation by running the real program.

``python docs/make_pictures.py`` writes docs/pictures/*.png; names behind it choose some. It needs a
display, or Xvfb, which the program starts by itself. Nothing is drawn by hand: after a change that
shows, run it again.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from skimage.io import imread, imsave

from napari_cutout import sample_data
from napari_cutout.cli.windows import has_display, virtual_display

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

PICTURES = Path(__file__).parent / "pictures"

ROWS, COLS = 256, 320
OBJECTS = {
    "fluorescence": (("--point", "192,411"), (192, 411)),
    "phase_contrast": (("--point", "212,390"), (212, 390)),
    "histology": (("--box", "118,54,176,116"), (128, 160)),
}
"""One object of each sample, and the middle of what is shown of it."""


def napari_cutout(*arguments: str) -> None:
    """Run the program as a user does."""
    program = Path(sysconfig.get_path("scripts")) / "napari-cutout"
    subprocess.run([program, *arguments], check=True)


def cut_out(folder: Path) -> None:
    """The whole window, with the widget and a first mask."""
    picture = folder / "cut-out.png"
    napari_cutout("demo", "--screenshot", str(picture))
    shutil.copy(picture, PICTURES)


def samples(folder: Path) -> None:
    """One object cut out of each sample, side by side."""
    shown = []
    for name, (prompt, middle) in OBJECTS.items():
        image, picture = folder / f"{name}.png", folder / f"{name}-cut.png"
        imsave(image, getattr(sample_data, name)(), check_contrast=False)
        napari_cutout("predict", str(image), *prompt, "--picture", str(picture))
        shown.append(around(middle, imread(picture)[..., :3]))
    imsave(PICTURES / "samples.png", np.hstack(shown), check_contrast=False)


def around(middle: tuple[int, int], picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The part of a picture around a pixel."""
    row = int(np.clip(middle[0] - ROWS // 2, 0, picture.shape[0] - ROWS))
    col = int(np.clip(middle[1] - COLS // 2, 0, picture.shape[1] - COLS))
    return picture[row : row + ROWS, col : col + COLS]


def scene(name: str) -> Callable[[Path], None]:
    """The whole window with one of the widgets, as scenes.py sets it up."""

    def make(_folder: Path) -> None:
        script = Path(__file__).with_name("scenes.py")
        with nullcontext(None) if has_display() else virtual_display() as environment:
            command = [sys.executable, script, name, PICTURES / f"{name}.png"]
            subprocess.run(command, check=True, env=environment)

    return make


def main() -> None:
    """Make them all, or those named."""
    PICTURES.mkdir(exist_ok=True)
    makers: dict[str, Callable[[Path], None]] = {"cut-out": cut_out, "samples": samples}
    makers |= {
        name: scene(name)
        for name in ("objects", "everything", "folder", "browse", "stacks", "learn")
    }
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[1:] or makers:
            makers[name](Path(folder))
            print(PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
