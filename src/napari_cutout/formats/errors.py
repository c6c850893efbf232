"""The errors of this package. Each derives from the builtin that a caller would expect."""

from __future__ import annotations


class FormatError(ValueError):
    """A file or folder that can't be read as what it should be."""
