"""What passes our filters is what transformers' mask generation keeps, for the same logits."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage

from napari_cutout.sam.config import SamConfig, VitConfig
from napari_cutout.sam.sam import Sam
from napari_cutout.segment.automatic.grid.judging import hopeful, judged
from napari_cutout.segment.automatic.grid.options import GridOptions
from napari_cutout.segment.automatic.grid.upscaling import upscaling
from napari_cutout.segment.pixels import PixelsInMemory
from napari_cutout.segment.windows import Window

SHAPE = (120, 150)


def test_the_same_masks_pass():
    processing = pytest.importorskip("transformers.models.sam.image_processing_pil_sam")
    processor = processing.SamImageProcessorPil(
        size={"longest_edge": 256}, pad_size={"height": 256, "width": 256}
    )
    encoder = VitConfig(48, 1, 4, (0,), head_dim=12, mlp_dim=64, patch=16, input_size=256)
    grid = PixelsInMemory(np.zeros((*SHAPE, 3), np.uint8)).grid(Window(0, 0, *SHAPE), 256)
    scale = upscaling(Sam(SamConfig("small", encoder)), grid)
    rng = np.random.default_rng(0)
    hills = ndimage.gaussian_filter(rng.normal(size=(100, 3, 64, 64)), (0, 0, 4, 4))
    hills = (hills / hills.std() * 12 + rng.normal(0, 4, (100, 3, 1, 1))).astype(np.float32)
    scores = torch.from_numpy(rng.uniform(0.8, 1, (100, 3)).astype(np.float32))
    low = torch.from_numpy(hills)
    options = GridOptions(pred_iou_thresh=0.88, stability_score_thresh=0.9)

    full = processor.post_process_masks(
        [low], [SHAPE], [(205, 256)], binarize=False, pad_size={"height": 256, "width": 256}
    )[0]
    _, their_scores, their_boxes = processor.filter_masks(
        full, scores, SHAPE, [0, 0, SHAPE[1], SHAPE[0]], 0.88, 0.9
    )

    chosen = scores > options.pred_iou_thresh
    may_pass = hopeful(low[chosen], scale, options)
    ours = [
        (float(score), answer.silhouette.box)
        for logits, score in zip(low[chosen][may_pass], scores[chosen][may_pass], strict=True)
        if (answer := judged(logits.numpy(), scale, options)) is not None
    ]
    assert 20 < len(ours) < int(chosen.sum())
    assert [score for score, _ in ours] == their_scores.tolist()
    assert [
        [box.col, box.row, box.col + box.cols - 1, box.row + box.rows - 1] for _, box in ours
    ] == their_boxes.tolist()
