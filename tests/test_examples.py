"""The examples are true: those in docstrings and in the README run, the commands exist."""

from __future__ import annotations

import doctest
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest

import display
import napari_cutout

ROOT = Path(__file__).parents[1]
PACKAGE = Path(napari_cutout.__file__).parent
MODULES = [
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted(PACKAGE.rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = README + "".join(p.read_text(encoding="utf-8") for p in (ROOT / "docs").glob("*.md"))
COMMANDS = sorted(
    {
        line.partition("#")[0].partition("napari-cutout ")[2].strip()
        for block in re.findall(r"^```sh\n(.*?)^```", PAGES, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
        if "napari-cutout " in line
    }
)
SNIPPETS = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_give_what_they_say(name):
    if name.startswith("napari_cutout.widgets") and (problem := display.qt_problem()):
        pytest.skip(problem)
    result = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS)

    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_examples_in_the_readme_run(snippet):
    names: dict[str, object] = {}
    exec(snippet, names)

    assert names["mask"].any()


@pytest.mark.parametrize("page", ["README.md", "docs/reference.md"])
def test_tables_of_keys_name_every_key(page):
    from napari_cutout.layers import KEYS

    text = (ROOT / page).read_text(encoding="utf-8")

    assert [key.text for key in KEYS if f"| **{key.text}** |" not in text] == []


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_in_the_documentation_have_these_options(line):
    from typer.main import get_command

    from napari_cutout.cli.app import app

    command, words = get_command(app), shlex.split(line)
    while words and hasattr(command, "commands") and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    known = {option for parameter in command.params for option in parameter.opts}

    assert command.name in line.split()
    assert {word for word in words if word.startswith("--")} <= known


def test_pictures_of_the_readme_are_in_the_repository():
    """Their addresses are absolute, because napari's hub shows the README by itself."""
    addresses = re.findall(r"!\[[^]]*\]\(([^)]*)\)", README)
    start = "https://raw.githubusercontent.com/napari-cutout/napari-cutout/main/"

    assert [a for a in addresses if not a.startswith(start)] == []
    assert [a for a in addresses if not (ROOT / a.removeprefix(start)).is_file()] == []
