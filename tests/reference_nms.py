"""Non-maximum suppression as torchvision defines it, one pair after the other, in float32."""

from __future__ import annotations

import numpy as np
import torch


def nms(boxes, scores, threshold):
    """Indices of the boxes ``(N, 4)`` that stay, by falling score.

    By float32 boxes and areas without one more for the last pixel; equal scores in their order;
    suppressed is what has an IoU above the threshold with a better one that stays.
    """
    boxes = np.asarray(boxes, np.float32)
    order = torch.sort(torch.as_tensor(scores), stable=True, descending=True)[1].tolist()
    areas = [(b[2] - b[0]) * (b[3] - b[1]) for b in boxes]
    gone, kept = set(), []
    for place, i in enumerate(order):
        if i in gone:
            continue
        kept.append(i)
        for j in order[place + 1 :]:
            if j in gone:
                continue
            first = np.float32(min(boxes[i][2], boxes[j][2]) - max(boxes[i][0], boxes[j][0]))
            second = np.float32(min(boxes[i][3], boxes[j][3]) - max(boxes[i][1], boxes[j][1]))
            shared = max(first, np.float32(0)) * max(second, np.float32(0))
            union = areas[i] + areas[j] - shared
            if union > 0 and float(shared / union) > threshold:
                gone.add(j)
    return torch.tensor(kept, dtype=torch.int64)
