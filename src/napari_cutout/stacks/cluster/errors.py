"""What can be wrong with a cluster. What can be with a stack is in stacks/errors.py."""

from __future__ import annotations


class ClusterError(ConnectionError):
    """No scheduler answers, it went away, or its workers can't do this work."""
