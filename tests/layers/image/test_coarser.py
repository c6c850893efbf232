"""A coarser image in the place of another, for objects too large to be held at full resolution."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from napari.components import ViewerModel

from computed import Computed, pyramid
from napari_cutout.annotate.prompt_state import PromptMask, PromptShape, PromptState
from napari_cutout.layers import Session
from napari_cutout.layers.image import coarser
from napari_cutout.layers.image.coarser import carried, coarser_image
from napari_cutout.layers.image.coordinates import shown_frame
from napari_cutout.segment import FrameError, TooLargeError

SIDE = 100_000


def test_an_object_too_large_to_be_held_is_cut_in_a_coarser_image(start, monkeypatch):
    monkeypatch.setattr(coarser, "SIDE", 2000)
    session = start(pyramid(SIDE, [(50_000, 40_000, 20_000)]), multiscale=True)
    session.intensity = "dtype"
    session.window = "whole"
    tracemalloc.start()
    session.add_point((50_000, 40_000))
    with pytest.raises(TooLargeError, match=r"cut this one in a coarser level"):
        session.update()
    image = coarser_image(session.viewer, session.image)
    assert image.data.shape == (1562, 1562)
    again = Session(session.viewer, image, session.model)
    again.intensity = "dtype"
    again.add_prompts(carried(session.prompts, session.image, image))
    again.commit()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 200 << 20
    assert again.objects.rows()[0].area == pytest.approx(np.pi * 312.5**2, rel=0.02)
    centre = np.argwhere(np.asarray(again.labels.data)).mean(axis=0)
    world = again.labels.data_to_world(centre)
    assert np.allclose(session.image.world_to_data(world), (50_000, 40_000), atol=64)


@pytest.fixture
def _small(monkeypatch):
    monkeypatch.setattr(coarser, "SIDE", 20)


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("options", [{}, {"scale": (3, 2), "rotate": 30, "translate": (7, -2)}])
def test_pixels_of_a_level_lie_where_those_they_stand_for_do(options):
    viewer = ViewerModel()
    whole = np.arange(64 * 64, dtype=float).reshape(64, 64)
    levels = [whole, whole.reshape(32, 2, 32, 2).mean((1, 3)), whole[::4, ::4]]
    image = viewer.add_image(levels, multiscale=True, name="whole", **options)
    found = coarser_image(viewer, image)
    assert found.name == "whole (4 times coarser)"
    assert found.data is levels[2]
    assert viewer.layers.index(found) == 1
    assert viewer.layers.selection.active == image
    for here, there in [((0, 0), (1.5, 1.5)), ((15, 15), (61.5, 61.5))]:
        np.testing.assert_allclose(found.data_to_world(here), image.data_to_world(there))


@pytest.mark.usefixtures("_small")
def test_of_an_array_every_nth_pixel_is_taken():
    viewer = ViewerModel()
    pixels = np.random.default_rng(0).integers(0, 255, (3, 50, 33, 3)).astype(np.uint8)
    image = viewer.add_image(pixels, rgb=True, scale=(5, 1, 1))
    found = coarser_image(viewer, image)
    np.testing.assert_array_equal(found.data, pixels[:, ::3, ::3])
    assert np.shares_memory(found.data, pixels)
    np.testing.assert_allclose(found.extent.world, image.extent.world, atol=2)


@pytest.mark.usefixtures("_small")
def test_what_cannot_be_made_coarser_says_so():
    viewer = ViewerModel()
    small = viewer.add_image(np.zeros((10, 20)))
    with pytest.raises(FrameError, match="can be cut as it is"):
        coarser_image(viewer, small)
    lazy = viewer.add_image(Computed((100, 100)))
    with pytest.raises(FrameError, match="open it as a pyramid"):
        coarser_image(viewer, lazy)


@pytest.mark.usefixtures("_small")
def test_prompts_are_carried_to_where_they_lie_in_the_world():
    viewer = ViewerModel()
    image = viewer.add_image(np.zeros((3, 60, 33)), scale=(5, 2, 1), translate=(1, 7, 0))
    coarse = coarser_image(viewer, image)
    given = PromptState(
        np.array([(1.0, 30.0, 12.0), (1.0, 3.5, 32.0)]),
        np.array([True, False]),
        np.array([2, 0]),
        (PromptShape("scribble", np.array([(1.0, 8.0, 9.0), (1.0, 50.0, 20.0)]), 3, False),),
    )
    found = carried(given, image, coarse)

    def world(layer, places):
        return [layer.data_to_world(place) for place in places]

    np.testing.assert_allclose(world(coarse, found.points), world(image, given.points))
    (here,), (there,) = given.shapes, found.shapes
    np.testing.assert_allclose(world(coarse, there.vertices), world(image, here.vertices))
    assert (there.kind, there.group, there.positive) == ("scribble", 3, False)
    np.testing.assert_array_equal(found.positive, given.positive)
    np.testing.assert_array_equal(found.groups, given.groups)


@pytest.mark.usefixtures("_small")
def test_a_mask_that_is_carried_covers_what_it_did():
    viewer = ViewerModel()
    image = viewer.add_image(np.zeros((60, 60)))
    coarse = coarser_image(viewer, image)
    whole = np.zeros((60, 60), bool)
    whole[10:41, 5:52] = True
    whole[20:30, 20:30] = False
    masks = (PromptMask((None, None), whole[10:41, 5:52], (10, 5)),)
    masks += (PromptMask((None, None), np.ones((1, 1), bool), (0, 0)),)
    (found,) = carried(replace(PromptState.empty(2), masks=masks), image, coarse).masks
    shown = np.zeros(coarse.data.shape, bool)
    (row, col), (rows, cols) = found.origin, found.mask.shape
    shown[row : row + rows, col : col + cols] = found.mask
    # The pixel in the middle of three by three.
    np.testing.assert_array_equal(shown, whole[1::3, 1::3])


@pytest.mark.usefixtures("_small")
def test_a_level_may_have_fewer_frames():
    viewer = ViewerModel()
    levels = [np.zeros((6, 60, 60)), np.zeros((3, 20, 20))]
    image = viewer.add_image(levels, multiscale=True)
    viewer.dims.set_point(0, 5)
    coarse = coarser_image(viewer, image)
    given = replace(
        PromptState.empty(3),
        points=np.array([(5.0, 30, 30)]),
        positive=np.array([True]),
        groups=np.array([0]),
        masks=(PromptMask((5, None, None), np.ones((9, 9), bool), (3, 3)),),
    )
    found = carried(given, image, coarse)
    assert found.of_frame((2, None, None)) == found
    assert shown_frame(coarse, viewer.dims) == (2, None, None)
