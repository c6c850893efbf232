"""What the program says where memory doesn't suffice."""

import subprocess
import sys

from napari_cutout.cli.loading import load_segmenter
from short_family import CPU


def test_what_is_done_about_it_goes_to_stderr(capsys):
    segmenter = load_segmenter("compact", "cpu")

    def call(_family, size):
        if size > 2:
            raise CPU
        return size

    assert segmenter.memory.fit("prompts", 8, call) == 2
    assert capsys.readouterr().err == (
        "memory on cpu doesn't suffice: from now on 2 prompts are asked at once, not 8\n"
    )


def test_too_little_of_it_is_one_line_and_exit_code_2():
    code = (
        "from napari_cutout.cli import app\n"
        "def work():\n"
        "    raise MemoryError('there is too little memory on cpu')\n"
        "app.app.command('work')(work)\n"
        "app.app(['work'])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "napari-cutout: there is too little memory on cpu\n"
