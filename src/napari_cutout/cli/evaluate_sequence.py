"""``napari-cutout evaluate --sequence``: linking and carrying judged on labelled sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cutout.cli.errors import InputError
from napari_cutout.cli.loading import load_segmenter
from napari_cutout.cli.options import asked_for
from napari_cutout.cli.output import counting, print_json, results

if TYPE_CHECKING:
    from pathlib import Path

    import typer

    from napari_cutout.evaluate.sequences.labelled import LabelledSequence
    from napari_cutout.evaluate.sequences.propagation import PropagationReport
    from napari_cutout.segment import Segmenter
    from napari_cutout.stacks.propagating.values import Carried


_GO_WITH_IT = {"sequence", "model", "device", "as_json"}


def only_sequence(context: typer.Context) -> None:
    """Make sure that nothing was asked for that ``--sequence`` would leave out.

    Parameters
    ----------
    context
        Of the command.

    Raises
    ------
    InputError
        If there was, or several models are to be judged.
    """
    for name, option in asked_for(context).items():
        if name not in _GO_WITH_IT:
            raise InputError(
                f"--sequence and {option} don't go together: a sequence is judged by itself, and "
                "the tables are printed; leave one of them out"
            )
    if len(context.params["model"] or ()) > 1:
        raise InputError("--sequence judges one model; run once for each --model")


def evaluate_sequence(folder: Path, model: str, device: str, as_json: bool) -> None:
    """Judge on a folder, and print what was found.

    Parameters
    ----------
    folder
        With ``images/`` and ``labels/``.
    model, device
        What objects are carried with.
    as_json
        One JSON object instead of tables.

    Raises
    ------
    FormatError
        If it holds no sequence.
    """
    from napari_cutout.evaluate.sequences.labelled import read_sequences
    from napari_cutout.evaluate.sequences.linking import linking_report
    from napari_cutout.evaluate.sequences.table import render_linking, render_propagation

    sequences = read_sequences(folder)
    segmenter = load_segmenter(model, device)
    linked = {one.name: linking_report(list(one.labels)) for one in sequences}
    carried = _carry(segmenter, sequences)
    name = folder.resolve().name
    if as_json:
        value: dict[str, Any] = {
            "model": segmenter.name,
            "folder": name,
            "linking": {one: report.to_json() for one, report in linked.items()},
            "propagation": carried.to_json(),
        }
        print_json(value)
        return
    for one, report in linked.items():
        results().print(render_linking(one, report))
    results().print(render_propagation(name, segmenter.name, carried))


def _carry(segmenter: Segmenter, sequences: list[LabelledSequence]) -> PropagationReport:
    from napari_cutout.evaluate.sequences.propagation import propagation_report

    with counting() as bar:
        task = bar.add_task("carrying", total=None)

        def told(step: Carried) -> None:
            bar.update(task, completed=step.done, total=step.total)

        return propagation_report(segmenter, sequences, progress=told)
