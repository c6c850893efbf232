"""Feature maps that can leave their device while they are in use, when memory is short there.

When they have to is known in memory.py, and which there are in cache.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor


class FeatureMaps(Mapping[str, "Tensor"]):
    """Named maps whose values never change, but where they lie may.

    All who hold them see the same, so that a device's memory is free at once, whoever asks the
    model meanwhile. Models take maps from wherever they lie.

    Parameters
    ----------
    maps
        By name.
    """

    def __init__(self, maps: Mapping[str, Tensor]) -> None:
        self._maps = dict(maps)

    def __getitem__(self, name: str) -> Tensor:
        return self._maps[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._maps)

    def __len__(self) -> int:
        return len(self._maps)

    def to_host(self) -> bool:
        """Move to the computer's own memory what lies elsewhere; tells whether any did."""
        moved = {name: value.cpu() for name, value in self._maps.items()}
        was_elsewhere = any(moved[name] is not value for name, value in self._maps.items())
        self._maps = moved
        return was_elsewhere
