"""The program as a whole: help, version, and whose fault an error was."""

import json
import subprocess
import sys
from importlib.metadata import version

import pytest

COMMANDS = ["demo", "predict", "stack", "estimate", "evaluate", "rank", "train", "models", "doctor"]


def shell(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "napari_cutout.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        **options,
    )


def test_without_a_command_the_help_is_shown(run):
    result = run()

    assert result.exit_code == 0
    assert all(f"\n  {name} " in result.stdout for name in COMMANDS)


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS), ["models", "get"]])
def test_every_help_has_an_example(run, command):
    result = run(*command, "--help")

    assert result.exit_code == 0
    assert f"Example: {' '.join(['napari-cutout', *command])}" in " ".join(result.stdout.split())


def test_version(run):
    assert run("--version").stdout.strip() == version("napari-cutout")


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from typer.testing import CliRunner; from napari_cutout.cli.app import app\n"
        "CliRunner().invoke(app, ['predict', '--help'])\n"
        "assert not {'torch', 'napari', 'qtpy', 'scipy', 'skimage'} & set(sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert done.stderr == b""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["frobnicate"], "No such command 'frobnicate'"),
        (["predict"], "Missing argument"),
        (["predict", "x.png", "--colour"], "--colour"),
        (["evaluate", "--data", "x", "--objects", "0"], "--objects"),
        (["evaluate", "--data", "x", "--split", "half"], "half"),
        (["models", "get"], "Missing argument"),
    ],
)
def test_wrong_usage_is_one_line(refused, arguments, words):
    assert words in refused(*arguments)


def test_bad_input_in_a_shell_is_one_line_and_exit_code_2(tmp_path):
    done = shell("predict", tmp_path / "missing.tif", "--point", "3,4")

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        f"napari-cutout: {tmp_path / 'missing.tif'}: there is no such file"
    ]


def test_a_bug_shows_its_traceback_and_exit_code_1():
    code = (
        "from napari_cutout.cli import app\n"
        "app.app.command('bug')(lambda: 1 // 0)\n"
        "app.app(['bug'])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("ZeroDivisionError")


def test_ctrl_c_is_one_line_and_the_exit_code_of_shells():
    code = (
        "import signal\n"
        "from napari_cutout.cli import app\n"
        # A shell that started the tests in the background has it ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "app.app.command('wait')(lambda: signal.raise_signal(signal.SIGINT))\n"
        "app.app(['wait'])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 130
    assert done.stderr == "napari-cutout: stopped\n"


def test_json_on_stdout_is_all_there_is(image):
    done = shell("predict", image, "--point", "30,30", "--json")

    assert json.loads(done.stdout)["objects"][0]["id"] == 1
    assert done.stderr == ""
