"""The simulated annotator, metrics, tables: how good a model is, in figures."""

from __future__ import annotations

from napari_cutout.evaluate.evaluation import Evaluation, Row, evaluate

__all__ = ["Evaluation", "Row", "evaluate"]
