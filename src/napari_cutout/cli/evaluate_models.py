"""Judging several models, one after the other: loaded, asked, and let go before the next."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cutout.cli.errors import InputError
from napari_cutout.cli.loading import load_segmenter, tell
from napari_cutout.cli.output import counting

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_cutout.evaluate import AutomaticEvaluation, Evaluation
    from napari_cutout.evaluate.changed_frames import Robustness
    from napari_cutout.evaluate.comparison import Comparison
    from napari_cutout.evaluate.models import Annotatable, Finder
    from napari_cutout.formats.labelled import LabelledFile, LabelledFrame
    from napari_cutout.segment import Segmenter


@dataclass(frozen=True)
class Asked:
    """What is judged, on what.

    Parameters
    ----------
    files
        The labelled files.
    objects
        At most so many of a frame.
    prompted
        Whether clicks and boxes are.
    mode, options
        How objects are looked for without prompts; an empty mode: they aren't.
    robust
        Whether frames are changed, too.
    seed
        For everything that is drawn by lot.
    worst
        How many of the worst cases are kept.
    """

    files: Sequence[LabelledFile]
    objects: int = 10
    prompted: bool = True
    mode: str = ""
    options: object = None
    robust: bool = False
    seed: int = 0
    worst: int = 0


@dataclass(frozen=True)
class Contestant:
    """A model that is loaded.

    Parameters
    ----------
    name
        As tables and pictures call it; no other model of a comparison has it.
    annotatable
        What answers its prompts; None where it takes none.
    finder
        What finds objects with it; None where it can't, or isn't asked to.
    facts
        What is kept of it beside its name.
    """

    name: str
    annotatable: Annotatable | None
    finder: Finder | None
    facts: dict[str, str]


@dataclass
class _Results:
    prompted: list[Evaluation] = field(default_factory=list)
    automatic: list[AutomaticEvaluation] = field(default_factory=list)
    robust: list[Robustness] = field(default_factory=list)
    models: list[dict[str, str]] = field(default_factory=list)


def compare(models: Sequence[str], peers: Sequence[str], device: str, asked: Asked) -> Comparison:
    """Judge models and peers on the same frames.

    Parameters
    ----------
    models, peers
        As a person names them.
    device
        Where they compute.
    asked
        What is judged.

    Raises
    ------
    InputError
        If none of them can do what is asked for.
    PeerError
        If a peer isn't installed. All are looked for before any is judged.
    """
    from napari_cutout.evaluate.comparison import Comparison

    results = _Results()
    for contestant in _contestants(models, peers, device, asked):
        results.models.append({"name": contestant.name, **contestant.facts})
        _judge(contestant, asked, results)
    found = Comparison(
        tuple(results.prompted),
        tuple(results.automatic),
        tuple(results.robust),
        _settings(asked, device, results.models),
    )
    if not found.models and not found.robust:
        raise InputError("none of these models can do what is asked for; see above")
    return found


def frames_of(files: Sequence[LabelledFile], doing: str) -> Iterator[LabelledFrame]:
    """The frames of labelled files, with a progress bar."""
    from napari_cutout.formats.labelled import read

    with counting() as bar:
        task = bar.add_task(doing, total=len(files))
        for file in files:
            yield from read(file)
            bar.advance(task)


def _judge(one: Contestant, asked: Asked, results: _Results) -> None:
    from napari_cutout.evaluate import evaluate, found_by
    from napari_cutout.evaluate.changed_frames import robustness

    model, objects, seed = one.annotatable, asked.objects, asked.seed
    if model is None and (asked.prompted or asked.robust):
        tell(f"{one.name} takes no prompts; only what it finds by itself is judged")
    if model is not None and asked.prompted:
        frames = frames_of(asked.files, one.name)
        judged = evaluate(model, frames, objects=objects, worst=asked.worst, seed=seed)
        results.prompted.append(replace(judged, model=one.name))
    if one.finder is not None and asked.mode:
        frames = frames_of(asked.files, f"{one.name} by itself")
        mode = asked.mode if model is not None else "by itself"
        found = found_by(one.finder, frames, mode=mode, seed=seed)
        results.automatic.append(replace(found, model=one.name))
    if model is not None and asked.robust:
        frames = frames_of(asked.files, f"{one.name}, changed frames")
        robust = robustness(model, frames, objects=objects, seed=seed)
        results.robust.append(replace(robust, model=one.name))


def _contestants(
    models: Sequence[str], peers: Sequence[str], device: str, asked: Asked
) -> Iterator[Contestant]:
    """Peers are looked for first, so that a missing one is said at once, and come last."""
    from napari_cutout.evaluate.peers import check_peer, open_peer

    for text in peers:
        check_peer(text)
    taken: set[str] = set()
    for text in dict.fromkeys(models):
        segmenter = load_segmenter(text, device)
        known = Path(text).name if Path(text).exists() else segmenter.name
        name = _unused(known, text, taken)
        facts = {"asked": text, "fingerprint": segmenter.fingerprint}
        yield Contestant(name, segmenter, _finder(segmenter, asked), facts)
    for text in dict.fromkeys(peers):
        peer = open_peer(text, device)
        given = peer.annotatable or peer.finder
        name = _unused(text if given is None else given.name, text, taken)
        finder = peer.finder if asked.mode else None
        yield Contestant(name, peer.annotatable, finder, {"asked": text})


def _finder(segmenter: Segmenter, asked: Asked) -> Finder | None:
    from napari_cutout.evaluate.models import FindsEverything

    if not asked.mode:
        return None
    if asked.mode == "instances" and not segmenter.can_find_instances:
        tell(
            f"{segmenter.name} can't find all objects in one pass, and is left out there; "
            "--automatic seeds or grid takes any model"
        )
        return None
    return FindsEverything(segmenter, asked.options)


def _unused(name: str, text: str, taken: set[str]) -> str:
    """A model's name, or what it was asked for with where another has that name."""
    free = name if name not in taken else text
    taken.add(free)
    return free


def _settings(asked: Asked, device: str, models: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "models": models,
        "device": device,
        "images": [file.name for file in asked.files],
        "objects_of_a_frame": asked.objects,
        "prompts": asked.prompted,
        "automatic": asked.mode,
        "automatic_options": repr(asked.options) if asked.mode else "",
        "robustness": asked.robust,
        "seed": asked.seed,
    }
