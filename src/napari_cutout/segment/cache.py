"""A bounded, thread-safe store of feature maps in memory: the least recently used go first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cutout.sam.family import Features
    from napari_cutout.segment.windows import Window

Key = tuple[str, "Window"]


class FeatureCache:
    """Feature maps by embedding key and window.

    Parameters
    ----------
    capacity
        Bytes that are kept; the newest entry stays even if it alone is larger.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._entries: OrderedDict[Key, Features] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[Key, threading.Lock] = {}

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def size(self) -> int:
        """Bytes in use."""
        with self._lock:
            return sum(_size(features) for features in self._entries.values())

    def __contains__(self, key: Key) -> bool:
        with self._lock:
            return key in self._entries

    def get(self, key: Key, make: Callable[[], Features]) -> Features:
        """The entry, made if need be; two threads that want the same make it once."""
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            features = self._find(key)
            if features is None:
                features = make()
                self._keep(key, features)
        with self._lock:
            self._making.pop(key, None)
        return features

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._entries.clear()

    def _find(self, key: Key) -> Features | None:
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
            return self._entries.get(key)

    def _keep(self, key: Key, features: Features) -> None:
        with self._lock:
            self._entries[key] = features
            total = sum(_size(kept) for kept in self._entries.values())
            while total > self.capacity and len(self._entries) > 1:
                _, dropped = self._entries.popitem(last=False)
                total -= _size(dropped)


def _size(features: Features) -> int:
    return sum(value.element_size() * value.nelement() for value in features.maps.values())
