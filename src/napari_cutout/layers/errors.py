"""The errors of this package: what a viewer or its layers don't allow, and what to do about it."""

from __future__ import annotations


class ViewError(ValueError):
    """What is shown can't be prompted: three-dimensional, mixed axes, or beyond the image."""


class TargetError(ValueError):
    """A Labels layer that can't be written, or whose pixels aren't those of the image."""


class SessionError(RuntimeError):
    """A session that was asked for what it doesn't have: nothing to commit, a layer deleted."""
