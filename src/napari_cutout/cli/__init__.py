"""The command line: ``napari-cutout``. What is on top of all the other rooms, and decides nothing.

One module a command. torch and napari are imported by the commands that need them, inside the
function, so that ``--help`` is quick.
"""

from __future__ import annotations


def main() -> None:
    """Run the program with the arguments of the shell."""
    from napari_cutout.cli.app import app

    app(prog_name="napari-cutout")
