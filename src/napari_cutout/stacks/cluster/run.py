"""A whole run on a cluster: what comes of it is bit for bit that of run_stack."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from napari_cutout.stacks.cluster.finding import find_on_cluster
from napari_cutout.stacks.cluster.work import Probe, Work
from napari_cutout.stacks.frames.selection import chosen
from napari_cutout.stacks.output.ways import check_link
from napari_cutout.stacks.running.run import StackProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from distributed import Client

    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.stacks.frames.selection import Selection
    from napari_cutout.stacks.frames.stack import Stack
    from napari_cutout.stacks.output.output import StackOutput
    from napari_cutout.stacks.output.ways import AnyLink
    from napari_cutout.stacks.running.how import How


def run_on_cluster(
    client: Client,
    segmenter: Segmenter,
    model: Callable[[], Segmenter],
    stack: Stack,
    output: StackOutput,
    how: How,
    *,
    selection: Selection | str | None = None,
    link: AnyLink | None = None,
    embeddings: Path | None = None,
    finder: Callable[[], Segmenter] | None = None,
    say: Callable[[str], None] | None = None,
) -> Generator[StackProgress, None, None]:
    """Find everything in the frames of a stack on a cluster, write it there, and link it here.

    The stack's files and the output have to be on a disk that all machines share, under the same
    paths. Results are those of one machine bit for bit where the workers compute with the same
    instruction set and the same number of threads.

    Parameters
    ----------
    client
        Of the cluster, see :func:`.connected` and :func:`.local_workers`.
    segmenter
        The model as it is here: that of a worker has to be the same.
    model
        Gives it on a worker, once; a :class:`.Model`.
    stack, output, how, selection, link
        As in :func:`.run_stack`.
    embeddings
        Folder of the store where embeddings are kept besides, and taken from.
    finder
        Gives the finder of seeds on a worker, where ``how`` has one.
    say
        Called in words while no worker is there.

    Yields
    ------
    StackProgress
        First all of finding, as frames come back; then all of linking, in order.

    Raises
    ------
    ClusterError
        If the scheduler goes away, or a worker can't do this work. Frames that are done stay.
    StackError
        If the selection doesn't fit the stack.
    OptionError
        If ``link`` doesn't.
    OutputError
        If something can't be written. Frames that are done stay.
    """
    frames = chosen(stack, selection)
    if link is not None:
        check_link(link, stack.axes)
    work = Work(
        model,
        stack,
        output.place,
        how,
        how.settings(segmenter),
        finder,
        embeddings,
        Probe.of(stack, frames),
    )
    with closing(find_on_cluster(client, work, frames, say=say)) as reports:
        for done, report in enumerate(reports, 1):
            yield StackProgress.of(report, done, len(frames))
    for step in output.linking(link, selection):
        yield StackProgress("link", step.index, step.done, step.total, "linked")
