"""Feature maps in memory, within bounds."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from types import SimpleNamespace

import pytest
import torch

from napari_cutout.sam.family import Features
from napari_cutout.segment.cache import FeatureCache


def features(size=100):
    return Features({"image": torch.zeros(size, dtype=torch.uint8)}, (1, 1), (1, 1))


def test_the_least_recently_used_go_first():
    cache = FeatureCache(capacity=250)
    for key in ("a", "b"):
        cache.get(key, features)
    cache.find("a")
    cache.get("c", features)
    assert [key in cache for key in ("a", "b", "c")] == [True, False, True]
    assert cache.size == 200


def test_threads_that_want_the_same_make_it_once():
    cache, made, together = FeatureCache(1000), [], Barrier(8)

    def make():
        made.append(1)
        return features()

    def ask(_):
        together.wait()
        return cache.get("a", make)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))
    assert len(made) == 1
    assert all(one is found[0] for one in found)


def test_what_failed_is_tried_again():
    cache = FeatureCache(1000)

    def fail():
        raise MemoryError

    with pytest.raises(MemoryError):
        cache.get("a", fail)
    assert cache.get("a", features).maps["image"].numel() == 100


class Elsewhere:
    """A map on a device that this machine may lack."""

    device = SimpleNamespace(type="cuda")

    def cpu(self):
        return torch.ones(100, dtype=torch.uint8)

    def element_size(self):
        return 1

    def nelement(self):
        return 100


def elsewhere():
    return Features({"image": Elsewhere(), "fine": torch.zeros(1)}, (1, 1), (1, 1))


def test_maps_leave_their_device_while_they_are_in_use():
    cache = FeatureCache(1000)
    held = replace(cache.get("a", elsewhere), pixel_size=(2, 2))

    assert cache.to_host()

    assert torch.equal(held.maps["image"], torch.ones(100, dtype=torch.uint8))
    assert cache.find("a").maps["image"] is held.maps["image"]
    assert not cache.to_host()


def test_maps_leave_their_device_after_they_were_dropped():
    cache = FeatureCache(capacity=0)
    held = cache.get("a", elsewhere)
    cache.get("b", features)

    assert "a" not in cache
    assert cache.to_host()
    assert held.maps["image"].device.type == "cpu"


def test_maps_that_nobody_uses_are_forgotten():
    cache = FeatureCache(capacity=0)
    cache.get("a", elsewhere)
    cache.get("b", features)

    assert not cache.to_host()
