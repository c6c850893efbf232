"""``--scheduler`` and ``--workers`` of ``napari-cutout stack``: who does the work.

What each of them does is in stacks/running and stacks/cluster.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_cutout.cli.errors import InputError
from napari_cutout.cli.loading import tell

if TYPE_CHECKING:
    from collections.abc import Generator
    from contextlib import AbstractContextManager

    from napari_cutout.segment import EmbeddingStore, Segmenter
    from napari_cutout.stacks.frames.stack import Stack
    from napari_cutout.stacks.output.output import StackOutput
    from napari_cutout.stacks.output.ways import AnyLink
    from napari_cutout.stacks.running.how import How
    from napari_cutout.stacks.running.run import StackProgress

_SCHEDULER = "Find on the cluster of this Dask scheduler: tcp://HOST:PORT, or the file it wrote."
_WORKERS = "Find in so many processes of this machine, each with a model in memory."

SchedulerAsked = Annotated[
    str | None, typer.Option("--scheduler", metavar="ADDRESS", help=_SCHEDULER)
]
WorkersAsked = Annotated[int | None, typer.Option("--workers", metavar="N", min=1, help=_WORKERS)]


@dataclass(frozen=True)
class Who:
    """Who finds everything.

    Parameters
    ----------
    scheduler
        Of a cluster. None: there is none.
    workers
        Processes of this machine. None: this process alone.
    model, finder, device
        As they were given; others load them, too.

    Raises
    ------
    InputError
        If both are given, or what they need isn't installed.
    """

    scheduler: str | None
    workers: int | None
    model: str
    finder: str | None
    device: str

    def __post_init__(self) -> None:
        if self.scheduler is not None and self.workers is not None:
            raise InputError("--scheduler has its own workers; give it or --workers")
        if self._is_others and find_spec("distributed") is None:
            raise InputError(
                "--scheduler and --workers need Dask: pip install 'napari-cutout[cluster]'"
            )

    def run(
        self,
        segmenter: Segmenter,
        stack: Stack,
        output: StackOutput,
        how: How,
        *,
        selection: str,
        link: AnyLink | None,
        store: EmbeddingStore | None,
    ) -> Generator[StackProgress, None, None]:
        """The run, step by step; see :func:`.run_stack`.

        Raises
        ------
        ClusterError
            If there is no such scheduler, or it goes away.
        """
        if not self._is_others:
            from napari_cutout.stacks.running.run import run_stack

            with closing(
                run_stack(
                    segmenter, stack, output, how, selection=selection, link=link, store=store
                )
            ) as steps:
                yield from steps
            return
        from napari_cutout.stacks.cluster.run import run_on_cluster
        from napari_cutout.stacks.cluster.work import Model

        has_finder = getattr(how.options, "finder", None) is not None
        with (
            self._client() as client,
            closing(
                run_on_cluster(
                    client,
                    segmenter,
                    Model(self.model, self.device),
                    stack,
                    output,
                    how,
                    selection=selection,
                    link=link,
                    embeddings=None if store is None else store.path,
                    finder=Model(self.finder or "compact", self.device) if has_finder else None,
                    say=tell,
                )
            ) as steps,
        ):
            yield from steps

    @property
    def _is_others(self) -> bool:
        return self.scheduler is not None or self.workers is not None

    def _client(self) -> AbstractContextManager[Any]:
        from napari_cutout.stacks.cluster.clusters import connected, local_workers

        if self.scheduler is not None:
            return connected(self.scheduler)
        return local_workers(self.workers or 1, self.device)
