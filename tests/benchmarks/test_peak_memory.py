"""The most memory that something takes."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from peak_memory import forget, high_water, in_own_process

LARGE = 1 << 28


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux forgets")
def test_what_is_given_back_counts_until_it_is_forgotten():
    np.ones(LARGE, np.uint8)
    most = high_water()

    forget()

    assert most - high_water() > LARGE // 2


def test_the_last_line_of_a_script_is_its_answer(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("import sys\nprint('Hello')\nprint([1.5, int(sys.argv[1])])\n")

    assert in_own_process(str(script), "7") == [1.5, 7]


def test_a_script_that_fails_is_heard(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("raise ValueError('no such model')\n")

    with pytest.raises(RuntimeError, match="x: ValueError: no such model"):
        in_own_process(str(script), "x")
