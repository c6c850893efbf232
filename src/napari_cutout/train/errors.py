"""The errors of this package. Each derives from the builtin that a caller would expect."""

from __future__ import annotations


class RecipeError(ValueError):
    """A recipe that can't be read or followed, or a saved state that belongs to another."""


class TrainError(ValueError):
    """Data or options that nothing can be learned with."""


class TuningError(ValueError):
    """Fine-tuning that can't be done as it was asked for: the data, the options or the machine."""
