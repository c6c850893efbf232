"""The errors of this package. Each derives from the builtin that a caller would expect."""

from __future__ import annotations


class FrameError(ValueError):
    """An array that isn't one frame, or whose channels must be chosen first."""


class PromptError(ValueError):
    """A prompt that is empty, malformed or outside its frame."""
