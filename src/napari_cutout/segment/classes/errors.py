"""The errors of this package. Each derives from the builtin that a caller would expect."""

from __future__ import annotations


class ClassError(ValueError):
    """Classes that can't be learned: too few of them, too few examples, or of another model."""
