"""The simulated annotator, metrics, tables: how good a model is, in figures."""

from __future__ import annotations

from napari_cutout.evaluate.automatic_masks import AutomaticEvaluation, AutomaticRow, automatic
from napari_cutout.evaluate.evaluation import Evaluation, Row, evaluate

__all__ = ["AutomaticEvaluation", "AutomaticRow", "Evaluation", "Row", "automatic", "evaluate"]
