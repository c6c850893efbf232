"""Guidance by the look of what is sought, against transformers' with the same weights."""

from __future__ import annotations

import pytest
import torch

from napari_cutout.sam.family import PromptBatch

_POINTS = torch.tensor([[[3.0, 4.0], [30.25, 20.0]], [[39, 1], [7, 8]]])
_POSITIVE = torch.tensor([[True, False], [True, True]])
_SIMILARITY = torch.linspace(-9, 9, 2 * 64).sin().view(2, 8, 8) * 2
_TARGET = torch.linspace(-7, 7, 2 * 32).cos().view(2, 32)
_LOGITS = torch.linspace(-12, 12, 2 * 32 * 32).sin().view(2, 1, 32, 32) * 8


def answer_of_twin(twin, features, prompts):
    """Ask transformers one object at a time."""
    scale = torch.tensor(features.input_size) / torch.tensor(features.pixel_size)
    masks, scores = [], []
    for index in range(len(prompts.points)):
        inputs = {}
        if prompts.similarity is not None:
            inputs["attention_similarity"] = prompts.similarity[index].view(1, 1, 1, -1)
        if prompts.target is not None:
            inputs["target_embedding"] = prompts.target[index].view(1, 1, 1, -1)
        if prompts.logits is not None:
            inputs["input_masks"] = prompts.logits[index][None]
        with torch.no_grad():
            answer = twin(
                image_embeddings=features.maps["image"],
                input_points=(prompts.points[index] * scale).flip(-1)[None, None],
                input_labels=prompts.positive[index].long()[None, None],
                **inputs,
            )
        masks.append(answer.pred_masks[0])
        scores.append(answer.iou_scores[0])
    return torch.cat(masks), torch.cat(scores)


@pytest.mark.parametrize("fed_back", [None, _LOGITS], ids=["points", "points and mask"])
@pytest.mark.parametrize(
    ("similarity", "target"),
    [(_SIMILARITY, None), (None, _TARGET), (_SIMILARITY, _TARGET)],
    ids=["similarity", "target", "both"],
)
def test_guidance_is_that_of_transformers(
    small_sam, twin_as_meta, pixels, similarity, target, fed_back
):
    features = small_sam.encode(pixels)
    prompts = PromptBatch(_POINTS, _POSITIVE, None, fed_back, similarity, target)
    plain, _ = small_sam.decode(features, PromptBatch(_POINTS, _POSITIVE, None, fed_back), True)
    logits, scores = small_sam.decode(features, prompts, multimask=True)
    expected = answer_of_twin(twin_as_meta, features, prompts)
    span = float(expected[0].max() - expected[0].min())
    assert (logits - plain).abs().max() > 0.01 * span, "the guidance makes no difference"
    torch.testing.assert_close(logits, expected[0], rtol=0, atol=1e-5 * span)
    torch.testing.assert_close(scores, expected[1], rtol=1e-5, atol=1e-5)
