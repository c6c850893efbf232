"""The errors of this package. Each derives from the builtin that a caller would expect."""

from __future__ import annotations


class WeightsError(ValueError):
    """A checkpoint that can't be read, isn't a model we know, or doesn't match its checksum."""


class DownloadError(OSError):
    """Weights that are not on disk and could not be fetched."""


class DeviceError(ValueError):
    """A device or precision that this machine does not offer."""
