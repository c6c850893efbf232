"""At which scale a frame is looked at."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage

from exact_family import ExactFamily
from flat_family import painted
from napari_cutout.sam.family import DenseMaps
from napari_cutout.segment import InstanceOptions, Segmenter

INPUT = 128
UNSEEN = 7
"""Pixels of the input: narrower objects aren't seen."""

FROM_AFAR = 0.75
"""Pixels of the input for one of the frame: below, grey lines in objects aren't seen."""

GREY = 180

OPTIONS = InstanceOptions(smoothing=0.0)


class NearSightedFamily(ExactFamily):
    """Sees what is neither too small nor marked inside and close; the input is always filled."""

    def __init__(self, certainty: float = 0.85) -> None:
        super().__init__(INPUT)
        self.certainty = certainty

    def dense(self, features):
        grey = features.maps["grey"][0, 0].numpy()
        zoom = min(INPUT / max(grey.shape), 4.0)
        least = max(round(UNSEEN / zoom), 1)
        bright = ndimage.binary_opening(np.pad(grey > 127, least), np.ones((least, least)))
        bright = bright[least:-least, least:-least]
        depth = bright * np.where((grey > GREY) | (zoom < FROM_AFAR), 1, 0.5)
        maps = self.certainty * bright, depth
        return DenseMaps(*(torch.from_numpy(one.astype(np.float32)) for one in maps))


def found_in(frame: np.ndarray) -> list[int]:
    """The areas of what is found in a frame."""
    segmenter = Segmenter.from_family(NearSightedFamily(), "near-sighted")
    return [one.area for one in segmenter.everything(frame, OPTIONS)]


def squares(shape: tuple[int, int], side: int, step: int) -> np.ndarray:
    """A frame with squares at even distances."""
    labels = np.zeros(shape, np.int32)
    for row in range(step // 4, shape[0] - side, step):
        for col in range(step // 4, shape[1] - side, step):
            labels[row : row + side, col : col + side] = 1
    return labels


@pytest.mark.parametrize("side", [8, 12, 24, 40])
def test_objects_of_any_size_are_found_whole(side):
    labels = squares((320, 320), side, 2 * side)
    assert found_in(painted(labels)) == [side**2] * ndimage.label(labels)[1]


def test_those_that_fall_apart_are_looked_at_from_further_away():
    frame = painted(squares((400, 400), 90, 130))
    frame[48::130][frame[48::130] > 0] = GREY
    assert found_in(frame) == [90**2] * 9


def test_small_ones_beside_larger_ones_are_not_lost():
    labels = squares((400, 400), 5, 10)
    labels[:100] = 0
    labels[:100] = squares((100, 400), 32, 60)
    areas = found_in(painted(labels))
    assert areas.count(25) == ndimage.label(labels[100:])[1]


def test_a_look_from_further_away_that_loses_objects_is_not_taken():
    labels = squares((400, 400), 9, 20)
    labels[:160] = 0
    frame = painted(labels)
    frame[:150] = painted(squares((150, 400), 90, 130))
    frame[48] = np.minimum(frame[48], GREY)
    assert found_in(frame).count(81) == ndimage.label(labels)[1]


def test_no_other_scale_is_tried_for_objects_that_are_sure():
    segmenter = Segmenter.from_family(NearSightedFamily(certainty=0.95), "near-sighted")
    segmenter.everything(painted(squares((400, 400), 30, 60)), OPTIONS)
    assert {max(size) for size in segmenter.model.encoded} == {INPUT}


def test_a_blank_frame_is_looked_at_once():
    segmenter = Segmenter.from_family(NearSightedFamily(), "near-sighted")
    assert len(segmenter.everything(np.zeros((100, 100), np.uint8), OPTIONS)) == 0
    assert segmenter.model.calls["encode"] == 1
