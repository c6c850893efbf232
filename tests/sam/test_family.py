"""What a SAM promises as a family, beside being numerically SAM."""

from __future__ import annotations

import copy
import threading

import pytest
import torch

from napari_cutout.sam.config import ARCHITECTURES
from napari_cutout.sam.family import Family, PromptBatch
from napari_cutout.sam.sam import Sam


def prompts_of(points, positive, boxes=None, logits=None):
    return PromptBatch(
        torch.tensor(points), torch.tensor(positive, dtype=torch.bool), boxes, logits
    )


ONE_POINT = prompts_of([[[10.0, 20.0]]], [[1]])


def test_both_encoders_make_a_family(small_sam, small_tiny):
    assert isinstance(small_sam, Family)
    assert isinstance(small_tiny, Family)


def test_info_of_the_published_models():
    with torch.device("meta"):
        infos = {name: Sam(config).info for name, config in ARCHITECTURES.items()}
    assert {info.architecture for info in infos.values()} == set(ARCHITECTURES)
    assert {(info.family, info.input_size, info.logits_stride) for info in infos.values()} == {
        ("sam", 1024, 4)
    }


@pytest.mark.parametrize("model", ["small_sam", "small_tiny"])
def test_a_batch_answers_as_its_members(model, request, pixels):
    sam = request.getfixturevalue(model)
    features = sam.encode(pixels)
    boxes = torch.tensor([[1.0, 2, 30, 40], [5, 5, 9, 9], [0, 0, 39, 49]])
    logits = torch.randn(3, 1, 32, 32, generator=torch.Generator().manual_seed(0)) * 5
    batch = prompts_of([[[1.0, 2]], [[3, 4]], [[5, 6]]], [[1], [0], [1]], boxes, logits)
    whole = sam.decode(features, batch, multimask=True)
    singles = [
        sam.decode(
            features,
            PromptBatch(*(v[i : i + 1] for v in (batch.points, batch.positive, boxes, logits))),
            multimask=True,
        )
        for i in range(3)
    ]
    for index in (0, 1):
        separate = torch.cat([single[index] for single in singles])
        torch.testing.assert_close(whole[index], separate, rtol=1e-4, atol=1e-5)


def test_a_mask_alone_is_a_prompt(small_sam, pixels):
    features = small_sam.encode(pixels)
    mask = small_sam.mask_prompt(torch.ones(2, 40, 50, dtype=torch.bool))
    none = torch.zeros(2, 0, 2), torch.zeros(2, 0, dtype=torch.bool)
    logits, scores = small_sam.decode(features, PromptBatch(*none, None, mask), multimask=False)
    assert (logits.shape[2:], scores.shape) == (small_sam.logits_size((40, 50)), (2, 1))


@pytest.mark.parametrize(("precision", "tolerance"), [("bfloat16", 0.1), ("float16", 0.01)])
@pytest.mark.parametrize("model", ["small_sam", "small_tiny"])
def test_lower_precision_is_the_encoders_alone(model, request, pixels, precision, tolerance):
    sam = request.getfixturevalue(model)
    low = copy.deepcopy(sam).prepare("cpu", getattr(torch, precision))
    exact, rounded = sam.encode(pixels).maps["image"], low.encode(pixels).maps["image"]
    assert 0 < (exact - rounded).norm() / exact.norm() < tolerance
    assert {p.dtype for p in low.prompt_encoder.parameters()} == {torch.float32}
    assert {p.dtype for p in low.mask_decoder.parameters()} == {torch.float32}


def test_answers_carry_no_graph_in_any_thread(small_sam, pixels):
    answers = []
    worker = threading.Thread(
        target=lambda: answers.append(
            small_sam.decode(small_sam.encode(pixels), ONE_POINT, multimask=True)
        )
    )
    worker.start()
    worker.join()
    assert not answers[0][0].requires_grad


def test_a_copy_can_be_trained(small_sam, pixels):
    student = copy.deepcopy(small_sam).requires_grad_(True)
    _, scores = student.decode(student.encode(pixels), ONE_POINT, multimask=True)
    scores.sum().backward()
    assert student.image_encoder.pos_embed.grad.abs().max() > 0


def test_the_fingerprint_follows_the_weights(small_sam):
    twin = copy.deepcopy(small_sam)
    assert twin.fingerprint == small_sam.fingerprint
    twin.mask_decoder.iou_token.weight[0, 0] += 1
    assert twin.fingerprint != small_sam.fingerprint


@pytest.mark.parametrize(
    "pixels",
    [
        torch.zeros(4, 4, 3),
        torch.zeros(4, 4, dtype=torch.uint8),
        torch.zeros(3, 4, 4, dtype=torch.uint8),
        torch.zeros(0, 4, 3, dtype=torch.uint8),
    ],
)
def test_other_pixels_are_refused(small_sam, pixels):
    with pytest.raises(ValueError, match=r"encode\(\) was given"):
        small_sam.encode(pixels)
