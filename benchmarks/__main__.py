"""All benchmarks, one after the other, each in a process of its own.

    python -m benchmarks [NAME ...] [--rounds N] [--quick] [--out FOLDER]

Run it from the root of the repository, on a quiet machine. Without names all are run but those
that open a window or take long, and those are told; a name runs any. ``--quick`` runs each with so
little that it takes seconds: that it works is seen, and that answers agree, its times are nothing.
``--out docs/benchmarks`` writes the pages that the documentation shows, with their pictures.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from catalogue import BENCHMARKS, Benchmark


def main() -> int:
    """Run them, and say which weren't and why; 1 if one failed."""
    made = parser()
    given = made.parse_args()
    if unknown := set(given.names) - {one.name for one in BENCHMARKS}:
        made.error(f"there is no benchmark {', '.join(sorted(unknown))}; see --help")
    chosen = [one for one in BENCHMARKS if not given.names or one.name in given.names]
    left_out, failed = [], []
    for one in chosen:
        if not given.names and (reason := one.left_out(given.quick)):
            left_out.append(f"left out: {one.name}, {reason}")
        elif reason := one.lacking():
            failed.append(f"failed: {one.name}, {reason}")
        elif not run(one, given):
            failed.append(f"failed: {one.name}")
    for line in (*left_out, *failed):
        print(line, flush=True)
    return int(bool(failed))


def run(one: Benchmark, given: argparse.Namespace) -> bool:
    """Whether a benchmark ran to its end."""
    print(f"{one.name}: {one.about}\n", flush=True)
    arguments = one.arguments(given.rounds, given.quick, given.out)
    done = subprocess.run([sys.executable, str(one.script), *arguments], check=False)
    print(flush=True)
    return done.returncode == 0


def parser() -> argparse.ArgumentParser:
    """The options."""
    names = [one.name for one in BENCHMARKS]
    made = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    made.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(names)}")
    made.add_argument("--rounds", type=int, help="how often each is measured")
    made.add_argument("--quick", action="store_true", help="so little that it takes seconds")
    made.add_argument("--out", type=Path, metavar="FOLDER", help="write pages there, too")
    return made


if __name__ == "__main__":
    sys.exit(main())
