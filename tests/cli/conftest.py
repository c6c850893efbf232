"""Running the program in this process, and files for it to read."""

import numpy as np
import pytest
from skimage.io import imsave
from typer.testing import CliRunner

from napari_cutout.cli.app import app


@pytest.fixture
def run():
    """Run the program with some arguments; the result has exit_code, stdout and stderr."""

    def run_program(*arguments):
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run_program


@pytest.fixture
def refused(run):
    """Run the program on bad input; the one line that it says."""

    def run_program(*arguments):
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        (line,) = result.stderr.splitlines()
        return line

    return run_program


@pytest.fixture
def frame():
    """80 x 100 with two bright discs on a dark ground."""
    rows, cols = np.ogrid[:80, :100]
    frame = np.full((80, 100), 20, np.uint8)
    frame[np.hypot(rows - 30, cols - 30) < 14] = 200
    frame[np.hypot(rows - 50, cols - 72) < 12] = 180
    return frame


@pytest.fixture
def image(frame, tmp_path):
    """The frame as a file."""
    path = tmp_path / "image.png"
    imsave(path, frame, check_contrast=False)
    return path


@pytest.fixture
def data(frame, tmp_path):
    """A folder of four labelled images, of which one is for validation."""
    folder = tmp_path / "data"
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    labels = np.where(frame == 200, 1, np.where(frame == 180, 2, 0)).astype(np.uint8)
    for number in range(4):
        shift = (2 * number, 3 * number)
        name = f"field_{number}.png"
        imsave(folder / "images" / name, np.roll(frame, shift, (0, 1)), check_contrast=False)
        imsave(folder / "labels" / name, np.roll(labels, shift, (0, 1)), check_contrast=False)
    return folder
