"""Models that sessions share."""

from __future__ import annotations

import gc

import numpy as np
from napari.components import ViewerModel

from napari_cutout.layers import Session
from napari_cutout.layers.model.models import load, loaded


def start(run=None):
    viewer = ViewerModel()
    return Session(viewer, viewer.add_image(np.zeros((2, 64, 64), np.uint8)), "compact", run=run)


def test_jobs_queued_before_a_model_is_there_load_it_once():
    jobs = []
    session = start(jobs.append)
    session.encode()
    session.viewer.dims.set_point(0, 1 - session.frame[0])
    session.encode()
    first, second = (job.compute()[0] for job in jobs)
    assert first is second


def test_a_later_session_finds_the_model_of_an_earlier_one():
    first = start()
    assert first.segmenter is None
    first.encode()
    assert start().segmenter is first.segmenter


def test_a_model_lives_as_long_as_someone_has_it():
    segmenter = load("compact")
    assert loaded("compact") is segmenter
    del segmenter
    gc.collect()
    assert loaded("compact") is None


def test_a_model_is_loaded_as_it_is_asked_for(two_objects):
    viewer = ViewerModel()
    image = viewer.add_image(two_objects)
    session = Session(viewer, image, device="cpu", precision="float32", cache_bytes=1 << 20)
    session.encode()
    assert session.segmenter.device == "cpu"
    assert session.segmenter.cache.capacity == 1 << 20
    assert "float32" in repr(session.segmenter)
    assert load("compact") is not session.segmenter
    session.close()
