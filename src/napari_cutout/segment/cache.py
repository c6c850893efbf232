"""A bounded, thread-safe store of feature maps in memory: the least recently used go first.

What is kept on disk besides is in store.py.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from napari_cutout.segment.feature_maps import FeatureMaps

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cutout.sam.family import Features
    from napari_cutout.segment.store import EmbeddingStore


class FeatureCache:
    """Feature maps by what they were made of, see :meth:`.Embedding.remember`.

    Parameters
    ----------
    capacity
        Bytes that are kept; the newest entry stays even if it alone is larger.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._entries: OrderedDict[str, Features] = OrderedDict()
        self._in_use: WeakValueDictionary[int, FeatureMaps] = WeakValueDictionary()
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def size(self) -> int:
        """Bytes in use."""
        with self._lock:
            return sum(_size(features) for features in self._entries.values())

    def __contains__(self, key: str) -> bool:
        with self._lock:
            return key in self._entries

    def get(
        self, key: str, make: Callable[[], Features], store: EmbeddingStore | None = None
    ) -> Features:
        """The entry, from the store or made if need be; two threads make the same once."""
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        try:
            with making:
                features = self.find(key)
                if features is None:
                    features = make() if store is None else _stored(key, make, store)
                    features = self._keep(key, features)
                elif store is not None and key not in store:
                    # The store was switched on since.
                    store.put(key, features)
        finally:
            with self._lock:
                self._making.pop(key, None)
        return features

    def find(self, key: str) -> Features | None:
        """The entry, or None if it isn't in memory."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
            return self._entries.get(key)

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._entries.clear()

    def to_host(self) -> bool:
        """Move what is on another device to the computer's own memory; tells whether any was.

        What was dropped from here and is still in use elsewhere is moved, too.
        """
        with self._lock:
            in_use = list(self._in_use.values())
        moved = [maps.to_host() for maps in in_use]
        return any(moved)

    def _keep(self, key: str, features: Features) -> Features:
        maps = FeatureMaps(features.maps)
        features = replace(features, maps=maps)
        with self._lock:
            self._in_use[id(maps)] = maps
            self._entries[key] = features
            total = sum(_size(kept) for kept in self._entries.values())
            while total > self.capacity and len(self._entries) > 1:
                _, dropped = self._entries.popitem(last=False)
                total -= _size(dropped)
        return features


def _stored(key: str, make: Callable[[], Features], store: EmbeddingStore) -> Features:
    features = store.get(key)
    if features is None:
        features = make()
        store.put(key, features)
    return features


def _size(features: Features) -> int:
    return sum(value.element_size() * value.nelement() for value in features.maps.values())
