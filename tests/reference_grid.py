"""SAM's automatic mask generation written out: every mask at full size, step after step.

Slow and literal, for tests: what Meta's generator does in the order in which it does it, with its
quirks, on top of transformers' decoder. Nothing of the package's own is used.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage

from reference_nms import nms


@dataclass
class Settings:
    """The generator's arguments, by its names."""

    points_per_side: int = 32
    points_per_batch: int = 64
    pred_iou_thresh: float = 0.88
    stability_score_thresh: float = 0.95
    stability_score_offset: float = 1.0
    box_nms_thresh: float = 0.7
    crop_n_layers: int = 0
    crop_nms_thresh: float = 0.7
    crop_overlap_ratio: float = 512 / 1500
    crop_n_points_downscale_factor: int = 1
    min_mask_region_area: int = 0
    mask_threshold: float = 0.0


def generate(image, encode, decode, side, settings):
    """Records of an image.

    Parameters
    ----------
    image
        ``(h, w, 3)`` uint8.
    encode
        From such an image to an embedding.
    decode
        From an embedding and points ``(P, 2)``, (x, y) in the network's input, to logits
        ``(P, 3, l, l)`` and scores ``(P, 3)``.
    side
        Of the network's input.
    settings
        See above.
    """
    crops, layers = crop_boxes(image.shape[:2], settings)
    parts = []
    for box, layer in zip(crops, layers, strict=True):
        parts.append(_crop(image, box, layer, encode, decode, side, settings))
    data = {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
    if len(crops) > 1:
        x0, y0, x1, y1 = data["crops"].unbind(1)
        scores = 1 / ((x1 - x0) * (y1 - y0))
        data = _take(data, nms(data["boxes"].float(), scores, settings.crop_nms_thresh))
    if settings.min_mask_region_area:
        data = _without_small_regions(data, settings)
    return [
        {
            "segmentation": mask.numpy(),
            "area": int(mask.sum()),
            "bbox": [x0, y0, x1 - x0, y1 - y0],
            "predicted_iou": float(iou),
            "point_coords": [point.tolist()],
            "stability_score": float(stability),
            "crop_box": [cx0, cy0, cx1 - cx0, cy1 - cy0],
        }
        for mask, (x0, y0, x1, y1), iou, point, stability, (cx0, cy0, cx1, cy1) in zip(
            data["masks"],
            data["boxes"].tolist(),
            data["ious"],
            data["points"],
            data["stability"],
            data["crops"].tolist(),
            strict=True,
        )
    ]


def crop_boxes(size, settings):
    """(x0, y0, x1, y1) of the image and its crops, and the layer of each."""
    height, width = size
    boxes, layers = [[0, 0, width, height]], [0]
    for layer in range(settings.crop_n_layers):
        n = 2 ** (layer + 1)
        overlap = int(settings.crop_overlap_ratio * min(height, width) * (2 / n))
        w = math.ceil((overlap * (n - 1) + width) / n)
        h = math.ceil((overlap * (n - 1) + height) / n)
        xs = [int((w - overlap) * i) for i in range(n)]
        ys = [int((h - overlap) * i) for i in range(n)]
        for x, y in itertools.product(xs, ys):
            boxes.append([x, y, min(x + w, width), min(y + h, height)])
            layers.append(layer + 1)
    return boxes, layers


def _crop(image, box, layer, encode, decode, side, settings):
    x0, y0, x1, y1 = box
    piece = image[y0:y1, x0:x1]
    embedding = encode(piece)
    n = int(settings.points_per_side / settings.crop_n_points_downscale_factor**layer)
    along = np.linspace(1 / (2 * n), 1 - 1 / (2 * n), n)
    grid = np.array([[x, y] for y in along for x in along]) * [x1 - x0, y1 - y0]
    batches = [
        _batch(points, piece.shape[:2], embedding, decode, side, settings, image.shape[:2], box)
        for points in np.array_split(grid, max(1, math.ceil(len(grid) / settings.points_per_batch)))
    ]
    data = {name: torch.cat([batch[name] for batch in batches]) for name in batches[0]}
    data = _take(data, nms(data["boxes"].float(), data["ious"], settings.box_nms_thresh))
    data["boxes"] = data["boxes"] + torch.tensor([x0, y0, x0, y0])
    data["points"] = data["points"] + torch.tensor([x0, y0])
    data["crops"] = torch.tensor(box).repeat(len(data["ious"]), 1)
    return data


def _batch(points, size, embedding, decode, side, settings, image_size, crop):
    height, width = size
    scale = side / max(height, width)
    new_h, new_w = int(height * scale + 0.5), int(width * scale + 0.5)
    asked = points * [new_w / width, new_h / height]
    low, ious = decode(embedding, torch.from_numpy(asked).float())
    large = F.interpolate(low, (side, side), mode="bilinear", align_corners=False)
    large = large[..., :new_h, :new_w]
    masks = F.interpolate(large, (height, width), mode="bilinear", align_corners=False)
    data = {
        "masks": masks.flatten(0, 1),
        "ious": ious.flatten(),
        "points": torch.from_numpy(points).repeat_interleave(3, dim=0),
    }
    if settings.pred_iou_thresh > 0:
        data = _take(data, data["ious"] > settings.pred_iou_thresh)
    data["stability"] = _stability(data["masks"], settings)
    if settings.stability_score_thresh > 0:
        data = _take(data, data["stability"] >= settings.stability_score_thresh)
    data["masks"] = data["masks"] > settings.mask_threshold
    data["boxes"] = _boxes(data["masks"])
    data = _take(data, ~_near_crop_edge(data["boxes"], crop, image_size))
    x0, y0, x1, y1 = crop
    pad = (x0, image_size[1] - x1, y0, image_size[0] - y1)
    data["masks"] = F.pad(data["masks"], pad)
    return data


def _stability(masks, settings):
    high = masks > settings.mask_threshold + settings.stability_score_offset
    low = masks > settings.mask_threshold - settings.stability_score_offset
    # Rows are summed in 16 bits there, whole masks in 32.
    inner, outer = (
        part.sum(-1, dtype=torch.int16).sum(-1, dtype=torch.int32) for part in (high, low)
    )
    return inner / outer


def _boxes(masks):
    boxes = []
    for mask in masks:
        rows, cols = mask.any(1).nonzero().flatten(), mask.any(0).nonzero().flatten()
        ends = [cols[0], rows[0], cols[-1], rows[-1]] if len(rows) else [0, 0, 0, 0]
        boxes.append([int(end) for end in ends])
    return torch.tensor(boxes, dtype=torch.int64).reshape(-1, 4)


def _near_crop_edge(boxes, crop, image_size, atol=20.0):
    x0, y0, _, _ = crop
    there = (boxes + torch.tensor([x0, y0, x0, y0])).float()
    edges = torch.tensor([crop], dtype=torch.float)
    image = torch.tensor([[0, 0, image_size[1], image_size[0]]], dtype=torch.float)
    at_crop = torch.isclose(there, edges.expand_as(there), atol=atol, rtol=0)
    at_image = torch.isclose(there, image.expand_as(there), atol=atol, rtol=0)
    return (at_crop & ~at_image).any(dim=1)


def _without_small_regions(data, settings):
    masks, scores = [], []
    for mask in data["masks"]:
        new, has_filled = remove_small_regions(mask.numpy(), settings.min_mask_region_area, "holes")
        new, has_removed = remove_small_regions(new, settings.min_mask_region_area, "islands")
        masks.append(torch.from_numpy(new))
        scores.append(float(not has_filled and not has_removed))
    data["masks"] = torch.stack(masks)
    boxes = _boxes(data["masks"])
    threshold = max(settings.box_nms_thresh, settings.crop_nms_thresh)
    kept = nms(boxes.float(), torch.tensor(scores), threshold)
    # Boxes are replaced only for masks that changed; those of the others are as they were.
    data["boxes"] = boxes
    return _take(data, kept)


def remove_small_regions(mask, area, mode):
    """The mask without regions of fewer pixels, and whether there were any.

    OpenCV's connected components with all eight neighbours there; scipy's here.
    """
    of_holes = mode == "holes"
    regions, count = ndimage.label(of_holes ^ mask, np.ones((3, 3)))
    sizes = [int((regions == label).sum()) for label in range(1, count + 1)]
    small = [label for label, size in enumerate(sizes, 1) if size < area]
    if not small:
        return mask, False
    kept = [0, *small]
    if not of_holes:
        kept = [label for label in range(count + 1) if label not in kept]
        if not kept:
            kept = [int(np.argmax(sizes)) + 1]
    return np.isin(regions, kept), True


def _take(data, chosen):
    return {name: value[chosen] for name, value in data.items()}
