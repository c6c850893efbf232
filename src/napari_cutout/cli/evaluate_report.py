"""What ``napari-cutout evaluate`` tells: tables, one JSON object, and the files of a report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from napari_cutout.cli.errors import InputError
from napari_cutout.cli.output import print_json, results

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cutout.evaluate.comparison import Comparison

RESULTS, REPORT, PICTURE = "results.json", "report.md", "picture.svg"


def show(found: Comparison, as_json: bool) -> None:
    """Print it: the tables and what there is to say, or one JSON object and no more."""
    from napari_cutout.evaluate.comparison_sheets import notes, sheets

    if as_json:
        print_json(found.to_json())
        return
    for sheet in sheets(found):
        results().print(sheet.rich())
    for note in notes(found):
        results().print(note, markup=False)


def check_out(out: Path) -> None:
    """Make the folder of a report, before hours are spent.

    Raises
    ------
    InputError
        If it can't be made.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--out {out}: {error.strerror or error}; give another folder") from error


def write(found: Comparison, out: Path, command: str) -> list[Path]:
    """Write a report: the figures, a page, and its picture.

    Parameters
    ----------
    found
        What came of it.
    out
        The folder.
    command
        What made it, for the page.

    Returns
    -------
    list of Path
        The files.
    """
    from napari_cutout.evaluate.picture import picture
    from napari_cutout.formats.writing import replacing

    texts = {
        RESULTS: json.dumps(found.to_json(), indent=1) + "\n",
        PICTURE: picture(found),
        REPORT: page(found, command),
    }
    for name, text in texts.items():
        with replacing(out / name) as partial:
            partial.write_text(text, encoding="utf-8")
    return [out / name for name in texts]


def page(found: Comparison, command: str) -> str:
    """The report in Markdown."""
    from napari_cutout.evaluate.comparison import versions
    from napari_cutout.evaluate.comparison_sheets import notes, sheets

    parts = ["# Evaluation", f"![IoU against clicks, scores, and the worst cases]({PICTURE})"]
    for sheet in sheets(found):
        parts += [f"## {sheet.title}", sheet.markdown()]
    parts += notes(found)
    parts.append(
        "Below a mean of all stands the interval in which it lies with a probability of 95 %, had "
        "other images been taken (bootstrap over images)."
    )
    known = ", ".join(f"{name} {number}" for name, number in versions().items())
    parts += [f"Made by `{command}`.", f"{known}. Every figure is in {RESULTS}."]
    return "\n\n".join(parts) + "\n"
