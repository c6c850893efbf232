"""A benchmark's tables as a page: Markdown with its pictures, and the same figures as JSON.

Each page says what made it: the command, the machine, the versions and the day. docs/benchmarks.md
shows the pages that lie in docs/benchmarks.
"""

from __future__ import annotations

import json
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from charts import svg
from machine import machine, versions
from tabulated import Table, show

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def add_out(parser: argparse.ArgumentParser) -> None:
    """Let a script be asked to write a page."""
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write a page there, too")


def report(script: str, about: str, tables: Sequence[Table], out: Path | None = None) -> None:
    """Print a benchmark's tables, and write them where that was asked for.

    Parameters
    ----------
    script
        The file of the benchmark; the page is called as it is.
    about
        Its docstring, whose first line stands at the top of the page.
    tables
        What was measured.
    out
        The folder; it is made where it is missing. None: nothing is written.
    """
    show(tables)
    if out is None:
        print(machine(), versions(), sep="\n", flush=True)
        return
    name = Path(script).stem
    out.mkdir(parents=True, exist_ok=True)
    origin = {
        "command": command(script),
        "machine": machine(),
        "versions": versions(),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
    }
    (out / f"{name}.md").write_text(page(name, about, tables, origin), encoding="utf-8")
    (out / f"{name}.json").write_text(record(tables, origin), encoding="utf-8")
    for number, one in enumerate(tables):
        if one.chart is not None:
            (out / picture(name, number)).write_text(svg(one.chart), encoding="utf-8")
    print(f"written: {out / name}.md", flush=True)


def page(name: str, about: str, tables: Sequence[Table], origin: dict[str, str]) -> str:
    """The Markdown of a page."""
    parts = [f"# {title(name)}", about.splitlines()[0]]
    for number, one in enumerate(tables):
        parts += [f"## {one.title}", grid(one), *_escaped(one.notes)]
        if one.chart is not None:
            parts.append(f"![{one.chart.title}]({picture(name, number)})")
    parts += [
        f"Measured on {origin['date']} by `{origin['command']}`.",
        f"{origin['machine']}.",
        f"{origin['versions']}.",
    ]
    return "\n\n".join(parts) + "\n"


def grid(one: Table) -> str:
    """The cells of a table in Markdown."""
    rule = ["---:" if right else ":---" for right in one.figures or (False,) * len(one.columns)]
    lines = [_escaped(one.columns), rule, *map(_escaped, one.rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def record(tables: Sequence[Table], origin: dict[str, str]) -> str:
    """The figures for programs: who compares two runs reads this."""
    known = [{"title": one.title, "rows": one.records(), "notes": one.notes} for one in tables]
    return json.dumps(origin | {"tables": known}, indent=1, ensure_ascii=False) + "\n"


def title(name: str) -> str:
    """The heading of a page, by the name of its script."""
    return name.replace("_", " ").capitalize()


def picture(name: str, number: int) -> str:
    """The file of the picture beside a table."""
    return f"{name}-{number + 1}.svg"


def command(script: str) -> str:
    """The command line of this process, but where the page goes."""
    given = iter(sys.argv[1:])
    kept = []
    for word in given:
        if word == "--out":
            next(given)
        elif not word.startswith("--out="):
            kept.append(word)
    return shlex.join(["python", f"benchmarks/{Path(script).name}", *kept])


def _escaped(words: Sequence[str]) -> list[str]:
    """Words as they are, whatever their signs mean in Markdown."""
    signs = str.maketrans({sign: f"\\{sign}" for sign in "\\|_*<`"})
    return [word.translate(signs) or " " for word in words]
