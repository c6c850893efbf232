"""What changes cost a model whose answers are known."""

import json

import numpy as np
import pytest

from napari_cutout.evaluate import robustness
from napari_cutout.evaluate.transformations import Intensities, Untouched, inverted
from napari_cutout.formats.labelled import LabelledFrame


def frame(name="squares/a.png"):
    labels = np.zeros((40, 50), np.uint16)
    labels[4:12, 6:14] = 1
    labels[20:25, 30:42] = 2
    return LabelledFrame(name, (labels > 0).astype(np.uint8) * 200, labels)


CHANGES = (
    Untouched(),
    Intensities("inverted", inverted),
    Intensities("of colours", inverted, coloured=True),
)


def test_what_changes_is_told_beside_the_untouched(segmenter):
    untouched, turned = robustness(segmenter, [frame()], CHANGES).rows()
    assert (untouched.name, untouched.objects) == ("untouched", 2)
    assert untouched.differences["click_1"] == 0
    # Bright regions are all that the model knows, and objects are dark now.
    assert turned.figures["box"] < 0.5
    assert turned.differences["box"] == turned.figures["box"] - 1.0


def test_changes_that_mean_nothing_have_no_row(segmenter):
    rows = robustness(segmenter, [frame()], CHANGES).rows()
    assert [row.name for row in rows] == ["untouched", "inverted"]


def test_differences_of_several_images_have_intervals(segmenter):
    frames = [frame("squares/a.png"), frame("squares/b.png")]
    turned = robustness(segmenter, frames, CHANGES).rows()[1]
    assert turned.intervals["box"].low == pytest.approx(turned.differences["box"])


def test_the_same_objects_are_judged_in_all(segmenter):
    found = robustness(segmenter, [frame()], CHANGES, objects=1)
    labels = {name: [one.label for one in some] for name, some in found.judged.items()}
    assert labels["untouched"] == labels["inverted"]
    assert len(labels["inverted"]) == 1


def test_json_is_plain(segmenter):
    found = robustness(segmenter, [frame()], CHANGES)
    assert json.loads(json.dumps(found.to_json()))["rows"][0]["click_8"] == 1.0
