"""How well objects are linked: the links that are there against those that were found.

Beside them stand those of plain overlap, in which each object follows the one of the frame before
with which it shares most pixels.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.evaluate.sequences.challenge import can_score, challenge_scores
from napari_cutout.evaluate.sequences.simulated import SIMULATIONS, TrueSequence
from napari_cutout.stacks.linking.linker import link
from napari_cutout.stacks.linking.overlaps import shared
from napari_cutout.stacks.linking.regions import Regions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from napari_cutout.stacks.linking.options import LinkOptions
    from napari_cutout.stacks.linking.tracks import Tracks

    Link = tuple[int, int, int, int]


@dataclass(frozen=True)
class LinkingRow:
    """The links of a kind of sequence.

    Parameters
    ----------
    kind
        What was put into the labels; ``"as they are"`` for nothing.
    every
        How many frames each step goes on.
    links
        How many there are, those from mothers to daughters counted.
    missed, wrong
        Of ours: links that are there and were not found, and the other way round.
    plain_missed, plain_wrong
        Those of plain overlap.
    """

    kind: str
    every: int
    links: int
    missed: int
    wrong: int
    plain_missed: int
    plain_wrong: int

    @property
    def errors(self) -> int:
        """Ours, of both kinds."""
        return self.missed + self.wrong

    @property
    def plain_errors(self) -> int:
        """Those of plain overlap."""
        return self.plain_missed + self.plain_wrong


@dataclass(frozen=True)
class LinkingReport:
    """What :func:`linking_report` found.

    Parameters
    ----------
    rows
        One for each kind of sequence.
    scores
        Those of the Cell Tracking Challenge, of the labels as they are, from the first frame on in
        the longer steps; empty where py-ctcmetrics isn't installed.
    """

    rows: tuple[LinkingRow, ...]
    scores: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Rows and scores as plain values."""
        rows = [
            asdict(row) | {"errors": row.errors, "plain_errors": row.plain_errors}
            for row in self.rows
        ]
        return {"rows": rows, "scores": dict(self.scores)}


def linking_report(
    frames: Sequence[NDArray[np.integer[Any]]],
    every: int = 5,
    seed: int = 0,
    options: LinkOptions | None = None,
) -> LinkingReport:
    """Link labelled frames, all and every so many, as they are and with what goes wrong.

    Where frames are left out, every way to do so counts: with frames 0, 5, ..., then 1, 6, ...

    Parameters
    ----------
    frames
        ``(rows, cols)`` integers each, in which the same object has the same id; ids are only used
        to judge what was found.
    every
        How many frames a longer step goes on.
    seed
        Of what is put into the labels by chance.
    options
        Of linking.

    Raises
    ------
    LinkError
        If a frame is none.
    """
    rows = []
    for step in sorted({1, every}):
        for kind, simulate in SIMULATIONS.items():
            counts = np.zeros(5, np.int64)
            for start in range(min(step, len(frames))):
                some = TrueSequence(tuple(frames[start::step]))
                counts += _counts(simulate(some, seed + start), options)
            rows.append(LinkingRow(kind, step, *counts.tolist()))
    some = TrueSequence(tuple(frames[::every]))
    return LinkingReport(tuple(rows), _scores(some, options))


def _scores(truth: TrueSequence, options: LinkOptions | None) -> dict[str, float]:
    if not can_score() or not truth.present():
        return {}
    found = link(truth.frames, options)
    labels = [found.relabelled(one, number) for number, one in enumerate(truth.frames)]
    return challenge_scores((truth.frames, truth.tracks()), (labels, found.tracks))


def _counts(truth: TrueSequence, options: LinkOptions | None) -> NDArray[np.int64]:
    there = true_links(truth)
    found = found_links(link(truth.frames, options))
    plain = overlap_links(truth.frames)
    return np.array(
        [
            len(there),
            *(len(there - found), len(found - there)),
            *(len(there - plain), len(plain - there)),
        ]
    )


def true_links(truth: TrueSequence) -> set[Link]:
    """All links of a sequence: (frame, id) of an object, then those of what it is or divides into.

    Parameters
    ----------
    truth
        The sequence. Between two frames in which an object is, it may be missing.
    """
    present = truth.present()
    links = {
        (before, one, after, one)
        for one, seen in present.items()
        for before, after in pairwise(seen)
    }
    for daughter, mother in truth.parents.items():
        if daughter in present and mother in present:
            links.add((present[mother][-1], mother, present[daughter][0], daughter))
    return links


def found_links(tracks: Tracks) -> set[Link]:
    """All links that were found, in the ids of the frames.

    Parameters
    ----------
    tracks
        What was found.
    """
    parents = {one.id: one.parent for one in tracks.tracks}
    last: dict[int, tuple[int, int]] = {}
    links: set[Link] = set()
    for frame in range(len(tracks)):
        seen = {track: (frame, own) for own, track in tracks.ids(frame).items() if track}
        for track, place in seen.items():
            before = track if track in last else parents[track]
            if before:
                links.add((*last[before], *place))
        last |= seen
    return links


def overlap_links(frames: Iterable[NDArray[np.integer[Any]]]) -> set[Link]:
    """The links of plain overlap.

    Parameters
    ----------
    frames
        ``(rows, cols)`` integers each.
    """
    links: set[Link] = set()
    before: Regions | None = None
    for number, labels in enumerate(frames):
        after = Regions.of_labels(labels)
        if before is not None:
            both = shared(before, after)
            # The last one of each object of the frame is the one with most pixels.
            order = np.lexsort((both.pixels, both.after))
            is_most = np.diff(both.after[order], append=-1) != 0
            most = order[is_most]
            for one, other in zip(both.before[most], both.after[most], strict=True):
                links.add((number - 1, int(before.ids[one]), number, int(after.ids[other])))
        before = after
    return links
