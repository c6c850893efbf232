"""How torch comes into a process, and its threads: each test in a process of its own."""

import os
import subprocess
import sys

import pytest

from napari_cutout._before_torch import MPS_FALLBACK, WAITING, WAITING_OTHERWISE, prepare
from napari_cutout.sam.cores import cores
from napari_cutout.sam.threads import choose

OWN = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", WAITING, *WAITING_OTHERWISE, MPS_FALLBACK)


def run(program, **environment):
    """What a program prints that begins without any of these variables."""
    clean = {name: value for name, value in os.environ.items() if name not in OWN}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=clean | environment,
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("now", "available", "in_window", "sleeps", "expected"),
    [
        (8, 8, False, True, 8),
        (8, 3, False, True, 3),  # a container's quota
        (2, 8, False, True, 2),  # torch.set_num_threads(2)
        (8, 8, True, True, 7),
        (4, 8, True, True, 4),  # two hardware threads a core
        (2, 2, True, True, 1),
        (1, 1, True, True, 1),
        (8, 8, True, False, 4),
    ],
)
def test_how_many_threads(now, available, in_window, sleeps, expected):
    assert choose(now, available, in_window=in_window, sleeps=sleeps) == expected


def test_importing_the_package_says_how_threads_wait_without_importing_torch():
    program = (
        "import os, sys, napari_cutout\n"
        "print('torch' in sys.modules, os.environ['OMP_WAIT_POLICY'],"
        " os.environ['PYTORCH_ENABLE_MPS_FALLBACK'])"
    )

    assert run(program) == ["False", "passive", "1"]


@pytest.mark.parametrize("name", ["OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME"])
def test_who_has_said_how_threads_wait_is_listened_to(name):
    environment = {name: "42"}
    prepare_there = (
        "import os, napari_cutout\n"
        "names = ('OMP_WAIT_POLICY', 'GOMP_SPINCOUNT', 'KMP_BLOCKTIME')\n"
        "print(*(f'{name}={os.environ[name]}' for name in names if name in os.environ))"
    )

    assert run(prepare_there, **environment) == [f"{name}=42"]


def test_nothing_is_set_once_torch_is_there():
    import torch

    environment = {}

    assert torch.__version__
    assert prepare(environment) is False
    assert environment == {}


BRING = (
    "from napari_cutout.sam.threads import bring_torch\n"
    "threads = bring_torch(in_window={})\n"
    "import torch\n"
    "print(threads.count, torch.get_num_threads())"
)


def test_a_window_is_left_a_core_where_there_are_more():
    count = str(max(1, cores() - 1))

    assert run(BRING.format(True)) == [count, count]


def test_a_script_has_all_cores():
    plain = run("import torch; print(torch.get_num_threads())")

    assert run(BRING.format(False)) == [plain[0], plain[0]]


@pytest.mark.parametrize("name", ["OMP_NUM_THREADS", "MKL_NUM_THREADS"])
def test_a_number_in_the_environment_stays(name):
    plain = run("import torch; print(torch.get_num_threads())", **{name: "2"})

    assert run(BRING.format(True), **{name: "2"}) == [plain[0], plain[0]]


def test_a_number_that_torch_was_told_before_stays():
    program = "import torch\ntorch.set_num_threads(1)\n" + BRING.format(False)

    assert run(program) == ["1", "1"]


def test_a_number_that_torch_is_told_afterwards_stays():
    program = (
        "from napari_cutout.sam.threads import bring_torch\n"
        "bring_torch(in_window=True)\n"
        "import torch\n"
        "torch.set_num_threads(3)\n"
        "bring_torch(in_window=True)\n"
        "from napari_cutout import Segmenter\n"
        "print(torch.get_num_threads())"
    )

    assert run(program) == ["3"]


def test_other_threads_compute_with_as_many():
    """The window's workers are threads that begin later."""
    program = (
        "from threading import Thread\n"
        "from napari_cutout.sam.threads import bring_torch\n"
        "def work():\n"
        "    import torch\n"
        "    torch.ones(300, 300) @ torch.ones(300, 300)\n"
        "    print(torch.get_num_threads())\n"
        "for target in (lambda: print(bring_torch(in_window=True).count), work, work):\n"
        "    thread = Thread(target=target)\n"
        "    thread.start()\n"
        "    thread.join()"
    )
    count = str(max(1, cores() - 1))

    assert run(program) == [count] * 3


@pytest.mark.skipif(cores() < 2, reason="needs two cores")
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs a process on some cores")
def test_cores_that_it_may_not_run_on_are_not_counted():
    program = "import os\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"

    assert run(program + BRING.format(False)) == ["1", "1"]


def test_libraries_that_are_loaded_ahead_are_there_when_torch_is_imported():
    program = """
import sys, threading
from napari_cutout.sam.threads import bring_torch, load_ahead
load_ahead()
print("torch" in sys.modules)
[thread.join() for thread in threading.enumerate() if thread.daemon]
bring_torch()
load_ahead()
print(threading.active_count(), sys.modules["torch"].ones(2).sum().item())
"""
    assert run(program) == ["False", "1", "2.0"]
