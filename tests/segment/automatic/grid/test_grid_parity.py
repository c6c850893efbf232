"""The grid against SAM's own generator, written out, and against transformers' filters.

Weights are random, the decoder of the reference is transformers', and from 100 to 300 masks of a
real image stay.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

import reference_grid
from napari_cutout.segment.automatic.grid.options import GridOptions
from napari_cutout.segment.automatic.results import records

SETTINGS = {
    "plain": {},
    "crops": {
        "points_per_side": 20,
        "crop_n_layers": 1,
        "crop_n_points_downscale_factor": 2,
        "crop_nms_thresh": 0.9,
    },
    "regions": {"min_mask_region_area": 150},
    "threshold": {"mask_threshold": 5.0, "stability_score_offset": 2.0, "box_nms_thresh": 0.9},
}
COMMON = {
    "points_per_side": 24,
    "pred_iou_thresh": 0.5,
    "stability_score_thresh": 0.85,
    "box_nms_thresh": 0.85,
}
CASES = [pytest.param(name, marks=[pytest.mark.slow] * (name != "plain")) for name in SETTINGS]


@pytest.fixture(scope="module")
def expected(blob_sam, twin, cells):
    """The reference's records for some settings, made once."""

    def encode(image):
        with torch.no_grad():
            return blob_sam.encode(torch.tensor(image)).maps["image"]

    def decode(embedding, points):
        labels = torch.ones(1, len(points), 1, dtype=torch.long)
        with torch.no_grad():
            answer = twin(
                image_embeddings=embedding,
                input_points=points[None, :, None],
                input_labels=labels,
                multimask_output=True,
            )
        return answer.pred_masks[0], answer.iou_scores[0]

    made = {}

    def of(name):
        if name not in made:
            settings = reference_grid.Settings(**COMMON | SETTINGS[name])
            side = blob_sam.info.input_size
            made[name] = reference_grid.generate(cells, encode, decode, side, settings)
        return made[name]

    return of


def iou(first, second):
    return np.count_nonzero(first & second) / np.count_nonzero(first | second)


def is_same(ours, theirs):
    """Whether two records tell the same, up to the rounding of two decoders."""
    return (
        iou(ours["segmentation"], theirs["segmentation"]) > 0.99
        and ours["crop_box"] == theirs["crop_box"]
        and np.allclose(ours["point_coords"], theirs["point_coords"], rtol=0, atol=1e-9)
        and np.allclose(ours["bbox"], theirs["bbox"], rtol=0, atol=1)
        and abs(ours["predicted_iou"] - theirs["predicted_iou"]) < 1e-4
        # A plateau of logits beside one of its thresholds may fall on either side of it.
        and abs(ours["stability_score"] - theirs["stability_score"]) < 0.05
        and abs(ours["area"] - theirs["area"]) <= 0.01 * theirs["area"]
    )


@pytest.mark.parametrize("name", CASES)
def test_records_are_those_of_the_reference(name, expected, blob_segmenter, cells):
    theirs = expected(name)
    assert 100 <= len(theirs) <= 300

    embedding = blob_segmenter.encode(cells, "none", "whole")
    objects = blob_segmenter.everything(embedding, GridOptions(**COMMON | SETTINGS[name]))
    ours = records(objects)

    matched = sum(any(is_same(one, other) for other in ours) for one in theirs)
    assert matched >= 0.99 * len(theirs)
    assert abs(len(ours) - len(theirs)) <= 0.01 * len(theirs)
