"""The scores of the Cell Tracking Challenge, by py-ctcmetrics where that is installed."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cutout.formats.tracks.ctc import write_ctc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cutout.formats.tracks.track import Track

    Labelled = tuple[Sequence[NDArray[Any]], Sequence[Track]]

SCORES = ("TRA", "SEG", "DET")


def can_score() -> bool:
    """Whether py-ctcmetrics is installed."""
    return importlib.util.find_spec("ctc_metrics") is not None


def challenge_scores(truth: Labelled, found: Labelled) -> dict[str, float]:
    """The challenge's scores of tracks against those that are there; 1 is the best.

    Parameters
    ----------
    truth, found
        Frames of labels with the ids of tracks, and the tracks.

    Returns
    -------
    dict
        ``TRA``, ``SEG`` and ``DET``; empty where py-ctcmetrics isn't installed.

    Raises
    ------
    FormatError
        If frames and tracks don't agree.

    References
    ----------
    Matula et al., Cell Tracking Accuracy Measurement Based on Comparison of Acyclic Oriented
    Graphs, 2015; Ulman et al., An objective comparison of cell-tracking algorithms, 2017.
    """
    if not can_score():
        return {}
    # By name, as it may not be there.
    judge = importlib.import_module("ctc_metrics.scripts.evaluate").evaluate_sequence

    with tempfile.TemporaryDirectory(prefix="napari-cutout-") as name:
        folder = Path(name)
        write_ctc(folder / "truth" / "TRA", *truth)
        write_ctc(folder / "found", *found, table="res_track.txt")
        _copy_masks(folder / "truth")
        # It prints what it does.
        with contextlib.redirect_stdout(io.StringIO()):
            results = judge(str(folder / "found"), str(folder / "truth"), list(SCORES), threads=1)
    return {score: float(results[score]) for score in SCORES}


def _copy_masks(truth: Path) -> None:
    """All masks are also those of the segmentation."""
    (truth / "SEG").mkdir()
    for path in (truth / "TRA").glob("man_track*.tif"):
        number = path.stem.removeprefix("man_track")
        (truth / "SEG" / f"man_seg{number}.tif").write_bytes(path.read_bytes())
