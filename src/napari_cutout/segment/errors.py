"""The errors and warnings of this package. Each derives from what a caller would expect."""

from __future__ import annotations


class FrameError(ValueError):
    """An array that isn't one frame, or whose channels must be chosen first."""


class PromptError(ValueError):
    """A prompt that is empty, malformed or outside its frame."""


class MaskError(ValueError):
    """Run lengths that aren't those of a mask, or an array that isn't one."""


class OptionError(ValueError):
    """An option of finding everything that is out of its range, or doesn't go with another."""


class TooLargeError(FrameError):
    """What was asked for at full resolution would not fit into memory."""


class StoreError(OSError):
    """Embeddings that can't be written to disk, or removed from it."""


class StoreWarning(UserWarning):
    """Embeddings can't be written to disk; they are kept in memory only."""


class OutOfMemoryError(MemoryError):
    """There is too little memory for the least that can be asked of a model."""


class MemoryWarning(UserWarning):
    """Memory doesn't suffice; less is asked of a model at once, or the CPU computes."""
