"""The keys of a session: what they do, and that what they replaced comes back."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.utils.key_bindings import coerce_keybinding

from exact_family import exact_segmenter
from napari_cutout.layers import KEYS, Session


def start(viewer=None, **options):
    viewer = viewer or ViewerModel()
    pixels = np.zeros((20, 20), np.uint8)
    pixels[5:9, 5:9] = 255
    return Session(viewer, viewer.add_image(pixels), exact_segmenter(), **options)


def press(provider, key):
    """Call what is bound."""
    provider.keymap[coerce_keybinding(key)](provider)


def test_keys_do_what_they_say_on_viewer_and_layers():
    session = start()
    press(session.viewer, "T")
    assert session.polarity is False
    press(session.points_layer, "T")
    session.add_point((6, 6))
    press(session.shapes_layer, "S")
    press(session.preview, "N")
    assert session.chosen == 1
    press(session.image, "C")
    press(session.labels, "Control-Z")
    assert not session.labels.data.any()
    press(session.points_layer, "Control-Shift-Z")
    assert session.labels.data.any()
    session.add_point((6, 6))
    press(session.points_layer, "Shift-C")
    assert not session.has_prompts


def test_letters_of_the_target_stay_naparis():
    session = start()
    session.add_point((6, 6))
    session.commit()
    bound = set(session.labels.keymap)
    assert bound == {coerce_keybinding(key.binding) for key in KEYS if key.everywhere}


def test_replaced_keys_come_back():
    viewer = ViewerModel()
    viewer.bind_key("S", len)
    start(viewer).close()
    assert viewer.keymap == {coerce_keybinding("S"): len}


@pytest.mark.parametrize("first", [0, 1])
def test_sessions_may_close_in_any_order(first):
    viewer = ViewerModel()
    viewer.bind_key("S", len)
    sessions = [start(viewer), start(viewer)]
    sessions[first].close()
    sessions[1 - first].close()
    assert viewer.keymap == {coerce_keybinding("S"): len}


def test_bad_input_is_reported():
    reported = []
    session = start(report=reported.append)
    press(session.viewer, "C")
    assert "nothing to commit" in str(reported[0])


def test_keys_keep_no_session_alive():
    session = start()
    viewer = session.viewer
    gone = weakref.ref(session)
    session.close()
    del session
    gc.collect()
    assert gone() is None
    assert not viewer.keymap
