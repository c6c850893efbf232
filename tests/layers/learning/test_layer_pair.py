"""An image with the labels on it, looked through for frames with objects."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pytest
from napari.components import ViewerModel

from learning_discs import disc_image, disc_labels
from napari_cutout.layers import TargetError
from napari_cutout.layers.image.channels import choose_channels
from napari_cutout.layers.learning.layer_pair import LayerPair


def pair(image, labels, known=None, channels=None, intensity="percentile", **place):
    viewer = ViewerModel()
    names = {"axis_labels": ("t", "y", "x")} if image.ndim == 3 and "rgb" not in place else {}
    is_rgb = {"rgb": place.pop("rgb")} if "rgb" in place else {}
    layer = viewer.add_image(image, name="cells", **names, **is_rgb)
    on_it = viewer.add_labels(labels, name="truth", **place)
    if channels is not None:
        channels = choose_channels(layer, 0, channels)
    return LayerPair.of(
        layer, on_it, viewer.dims, known=known, channels=channels, intensity=intensity
    )


def pieces(one):
    return [piece for *_, found in one.pieces() for piece in found]


def stack(frames, holding):
    """Labels with discs in some frames."""
    labels = np.zeros((frames, 64, 96), np.int32)
    for t in holding:
        labels[t] = disc_labels()
    return labels


class Counting:
    """An array that notes which frames are read."""

    def __init__(self, data):
        self.data, self.read = data, []
        self.shape, self.dtype, self.ndim = data.shape, data.dtype, data.ndim

    def __getitem__(self, slices):
        self.read.append(slices[0])
        return self.data[slices]


def test_only_frames_with_objects():
    labels = stack(5, (1, 3))

    found = pieces(pair(disc_image(labels), labels))

    assert [piece.name for piece in found] == ["cells[t=1]", "cells[t=3]"]
    assert [piece.objects for piece in found] == [24, 24]
    (frame,) = found[1].frames()
    assert np.array_equal(frame.labels, labels[3])
    assert np.array_equal(frame.frame, disc_image(labels)[3])


def test_how_far_it_is():
    labels = stack(3, (1,))

    assert [at[:2] for at in pair(disc_image(labels), labels).pieces()] == [(1, 3), (2, 3), (3, 3)]


def test_frames_that_are_known_to_be_empty_are_not_read():
    labels = stack(6, (2,))
    one = pair(disc_image(labels), labels, known={(2, None, None)})
    counting = Counting(labels)

    object.__setattr__(one, "pixels", counting)
    found = pieces(one)

    assert [piece.name for piece in found] == ["cells[t=2]"]
    assert set(counting.read) == {2}


def test_pixels_of_the_image_are_read_when_it_is_their_turn():
    labels = stack(4, (0, 2))
    reads = []
    lazy = da.map_blocks(
        lambda block, block_info=None: reads.append(1) or block,
        da.from_array(disc_image(labels), chunks=(1, 64, 96)),
        dtype=np.uint8,
        meta=np.zeros((0, 0, 0), np.uint8),
    )
    one = pair(lazy, labels)
    reads.clear()

    found = pieces(one)
    assert reads == []
    list(found[1].frames())
    assert reads == [1]


def test_labels_that_are_smaller_and_lie_elsewhere():
    """They are 0 where they don't reach."""
    image = disc_image(disc_labels())
    part = disc_labels()[16:48, 32:80]

    (found,) = pieces(pair(image, part, translate=(16, 32)))

    (frame,) = found.frames()
    assert frame.labels.shape == (64, 96)
    assert np.array_equal(frame.labels[16:48, 32:80], part)
    assert frame.labels.sum() == part.sum()


def test_labels_with_fewer_frames():
    labels = stack(5, (0, 1))

    found = pieces(pair(disc_image(labels), labels[:2]))

    assert [piece.name for piece in found] == ["cells[t=0]", "cells[t=1]"]


def test_labels_of_other_pixels_are_refused():
    labels = disc_labels()

    with pytest.raises(TargetError, match="aren't those of"):
        pieces(pair(disc_image(labels), labels, scale=(2, 2)))


def test_of_a_large_frame_boxes_around_objects(monkeypatch):
    """With what was known of where they are, the rest of the frame isn't needed."""
    monkeypatch.setattr("napari_cutout.layers.image.frames.READ_WHOLE", 1 << 16)
    labels = np.zeros((1024, 3000), np.int32)
    labels[300:320, 200:230], labels[310:330, 2500:2520] = 1, 2
    image = np.random.default_rng(0).integers(0, 999, labels.shape).astype(np.uint16)

    found = pieces(pair(image, labels))

    assert [piece.name for piece in found] == ["cells at 204, 104", "cells at 214, 2404"]
    (frame,) = found[1].frames()
    assert frame.labels.shape == (212, 212)
    assert np.array_equal(frame.labels, labels[214:426, 2404:2616])
    # As a session sees the frame: by the percentiles of all of it.
    assert frame.frame.dtype == np.uint8


def test_in_the_intensities_that_the_session_has():
    labels = disc_labels()
    image = disc_image(labels)

    (found,) = pieces(pair(image, labels, intensity="dtype"))

    assert found.mapping.name == "dtype"


def test_chosen_channels_are_one_frame():
    labels = stack(3, (0, 1, 2))
    image = disc_image(labels)

    found = pieces(pair(image, labels, channels=(2,)))

    assert [piece.name for piece in found] == ["cells"]
    (frame,) = found[0].frames()
    assert np.array_equal(frame.frame, image[2])


def test_frames_lie_along_the_axes_that_are_shown():
    labels = stack(6, (2,))
    viewer = ViewerModel()
    image = viewer.add_image(disc_image(labels), name="cells", axis_labels=("z", "y", "x"))
    on_it = viewer.add_labels(labels)
    viewer.dims.order = (1, 0, 2)

    found = pieces(LayerPair.of(image, on_it, viewer.dims))

    assert found[0].name == "cells[y=4]"
    (frame,) = found[0].frames()
    assert np.array_equal(frame.labels, labels[:, 4])


def test_in_three_dimensions_frames_are_those_of_the_last_axes():
    labels = stack(3, (1,))
    viewer = ViewerModel()
    image = viewer.add_image(disc_image(labels), name="cells", axis_labels=("z", "y", "x"))
    on_it = viewer.add_labels(labels)
    viewer.dims.ndisplay = 3

    (found,) = pieces(LayerPair.of(image, on_it, viewer.dims))

    assert found.name == "cells[z=1]"


def test_colours():
    labels = disc_labels()
    image = np.repeat(disc_image(labels)[..., None], 3, axis=2)

    (found,) = pieces(pair(image, labels, rgb=True))

    (frame,) = found.frames()
    assert np.array_equal(frame.frame, image)
