"""Whose fault it was: one line and exit code 2 for bad input, a traceback and 1 for a bug.

Ctrl+C is nobody's: one line, and 130.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from napari_cutout.evaluate.peers.opening import PeerError
from napari_cutout.formats.errors import FormatError
from napari_cutout.layers.errors import TargetError, ViewError
from napari_cutout.sam.errors import DeviceError, DownloadError, WeightsError
from napari_cutout.segment.errors import FrameError, OptionError, PromptError
from napari_cutout.stacks.cluster.errors import ClusterError
from napari_cutout.stacks.errors import StackError
from napari_cutout.train.errors import RecipeError, TrainError, TuningError

if TYPE_CHECKING:
    from collections.abc import Sequence


class InputError(ValueError):
    """Arguments that don't go together, or that mean nothing."""


BAD_INPUT: tuple[type[Exception], ...] = (
    InputError,
    ClusterError,
    DeviceError,
    DownloadError,
    FormatError,
    FrameError,
    OptionError,
    PeerError,
    PromptError,
    RecipeError,
    StackError,
    TargetError,
    TrainError,
    TuningError,
    ViewError,
    WeightsError,
)

INTERRUPTED = 130
"""Exit code of what Ctrl+C ended, as shells have it."""

# typer doesn't export it, and whose click it is depends on typer's version.
_UsageError: Any = typer.BadParameter.__base__


class _Stopped(Exception):
    """Ctrl+C."""


class Program(TyperGroup):
    """The whole command line, which ends bad input with one line on stderr and exit code 2."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what typer makes of Ctrl+C depends on its version."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise _Stopped from error

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Parse, run, and turn errors of the user's into one line."""
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except _UsageError as error:
            # Some versions of typer tell who found it.
            code = _fail(error.format_message().replace("Value error, ", ""))
        except (_Stopped, typer.Abort):
            code = _fail("stopped", INTERRUPTED)
        except BAD_INPUT as error:
            code = _fail(str(error))
        except MemoryError as error:
            code = _fail(str(error) or "it does not fit into memory")
        if standalone_mode:
            sys.exit(code if isinstance(code, int) else 0)
        return code


def one_line(text: str) -> str:
    """Without line breaks and runs of spaces."""
    return " ".join(text.split())


def _fail(text: str, code: int = 2) -> int:
    typer.echo(f"napari-cutout: {one_line(text)}", err=True)
    return code
