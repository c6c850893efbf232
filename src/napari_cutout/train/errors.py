"""The errors of this package. Each derives from the builtin that a caller would expect."""

from __future__ import annotations


class RecipeError(ValueError):
    """A recipe that can't be read or followed, or a saved state that belongs to another."""
