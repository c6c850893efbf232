"""What the mask decoder promises beside being SAM's, which test_parity.py holds it to."""

from __future__ import annotations

import copy
from dataclasses import fields

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.sam.config import ARCHITECTURES, DecoderConfig, SamConfig, VitConfig
from napari_cutout.sam.family import Features, PromptBatch
from napari_cutout.sam.naming import huggingface_name
from napari_cutout.sam.sam import Sam


@st.composite
def batches(draw, largest=4):
    """Prompts of any make-up for pixels of (40, 50) and logits of (32, 32)."""
    count, points = draw(st.integers(1, largest)), draw(st.integers(0, 3))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))
    inside = torch.rand(count, points, 2, generator=generator) * torch.tensor([39.0, 49.0])
    positive = torch.rand(count, points, generator=generator) > 0.5
    corners = torch.rand(count, 2, 2, generator=generator).sort(dim=1).values
    boxes = (corners * torch.tensor([39.0, 49.0])).flatten(1) if draw(st.booleans()) else None
    logits = torch.randn(count, 1, 32, 32, generator=generator) * 5
    return PromptBatch(inside, positive, boxes, logits if draw(st.booleans()) else None)


def member(batch, index):
    values = (getattr(batch, field.name) for field in fields(batch))
    return PromptBatch(*(None if v is None else v[index : index + 1] for v in values))


def assert_close(actual, expected, tolerance=1e-5):
    """Equal to a part of the range of what is expected."""
    span = float(expected.max() - expected.min())
    torch.testing.assert_close(actual, expected, rtol=0, atol=tolerance * max(span, 1.0))


@pytest.fixture(scope="module")
def features(small_sam):
    generator = torch.Generator().manual_seed(1)
    size = (40, 50, 3)
    return small_sam.encode(torch.randint(0, 256, size, generator=generator, dtype=torch.uint8))


@given(batch=batches(), multimask=st.booleans())
def test_a_batch_of_any_make_up_answers_as_its_members(small_sam, features, batch, multimask):
    logits, scores = small_sam.decode(features, batch, multimask)
    for index in range(len(batch.points)):
        alone = small_sam.decode(features, member(batch, index), multimask)
        assert_close(logits[index], alone[0][0])
        assert_close(scores[index], alone[1][0])


@given(batch=batches(), multimask=st.booleans(), data=st.data())
def test_a_draft_makes_the_masks_that_are_asked_for(small_sam, features, batch, multimask, data):
    expected, scores = small_sam.decode(features, batch, multimask)
    count, candidates = scores.shape
    pair = st.tuples(st.integers(0, count - 1), st.integers(0, candidates - 1))
    pairs = torch.tensor(data.draw(st.lists(pair, max_size=8)), dtype=torch.int64).view(-1, 2)
    draft = small_sam.draft(features, batch, multimask)
    assert torch.equal(draft.scores, scores)
    made = draft.logits(*pairs.unbind(1))
    assert made.shape == (len(pairs), 32, 32)
    for (prompt, candidate), mask in zip(pairs.tolist(), made, strict=True):
        assert_close(mask, expected[prompt, candidate])


def test_a_copy_in_training_has_the_gradients_of_transformers(
    small_sam, twin_as_meta, features, pixels
):
    student, twin = copy.deepcopy(small_sam), copy.deepcopy(twin_as_meta)
    prompts = PromptBatch(
        torch.tensor([[[10.0, 20.0]]]),
        torch.tensor([[True]]),
        torch.tensor([[3.0, 4.0, 30.0, 31.0]]),
    )
    # An answer without gradients first: nothing of it may be taken for one with gradients.
    student.decode(features, prompts, multimask=True)
    student.requires_grad_(True)
    logits, scores = student.decode(features, prompts, multimask=True)
    scale = torch.tensor(features.input_size) / torch.tensor(features.pixel_size)
    answer = twin(
        image_embeddings=features.maps["image"],
        input_points=(prompts.points * scale).flip(-1)[None],
        input_labels=torch.ones(1, 1, 1, dtype=torch.long),
        input_boxes=(prompts.boxes.view(2, 2) * scale).flip(-1).view(1, 1, 4),
    )
    weights = torch.linspace(-1, 1, logits.numel()).view(logits.shape)
    for made, predicted in ((logits, scores), (answer.pred_masks[0], answer.iou_scores[0])):
        ((made * weights).mean() + predicted.sum()).backward()
    expected = {name: p.grad for name, p in twin.named_parameters()}
    for name, parameter in student.mask_decoder.named_parameters(prefix="mask_decoder"):
        wanted = expected[huggingface_name(name)]
        if parameter.grad is None:
            assert wanted is None or wanted.abs().max() < 1e-5, name
        else:
            assert_close(parameter.grad, wanted, 1e-4)


def test_gradients_reach_the_embedding_and_mask_prompts(small_sam, features):
    image = features.maps["image"].clone().requires_grad_(True)
    low = torch.randn(1, 1, 32, 32, requires_grad=True)
    trained = Features({"image": image}, features.pixel_size, features.input_size)
    point = torch.tensor([[[10.0, 20.0]]]), torch.tensor([[True]])
    for logits in (None, low):
        masks, scores = small_sam.decode(trained, PromptBatch(*point, None, logits), True)
        (masks.mean() + scores.sum()).backward()
        assert image.grad.abs().max() > 0
        image.grad = None
    assert low.grad.abs().max() > 0


@pytest.mark.parametrize(
    "changed",
    [
        "mask_decoder.transformer.layers.0.cross_attn_token_to_image.v_proj.weight",
        "mask_decoder.transformer.layers.0.cross_attn_image_to_token.q_proj.bias",
        "mask_decoder.transformer.layers.1.cross_attn_image_to_token.q_proj.bias",
        "prompt_encoder.no_mask_embed.weight",
        "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix",
    ],
)
def test_nothing_of_other_weights_is_kept(small_sam, features, changed):
    sam = copy.deepcopy(small_sam)
    prompts = PromptBatch(torch.tensor([[[10.0, 20.0]]]), torch.tensor([[True]]))
    before, _ = sam.decode(features, prompts, multimask=True)
    sam.state_dict()[changed].mul_(2)
    after, _ = sam.decode(features, prompts, multimask=True)
    fresh, _ = copy.deepcopy(sam).decode(features, prompts, multimask=True)
    assert not torch.equal(after, before)
    assert torch.equal(after, fresh)


def test_another_image_has_an_answer_of_its_own(small_sam, features):
    prompts = PromptBatch(torch.tensor([[[10.0, 20.0]]]), torch.tensor([[True]]))
    other = Features({"image": features.maps["image"] * 0.5}, (40, 50), features.input_size)
    first, _ = small_sam.decode(features, prompts, multimask=True)
    second, _ = small_sam.decode(other, prompts, multimask=True)
    again, _ = small_sam.decode(features, prompts, multimask=True)
    assert torch.equal(first, again)
    assert not torch.equal(first, second)


@pytest.fixture(scope="module")
def published_decoder(randomised):
    """The decoder of the published sizes, on a smaller grid, and an image embedding."""
    encoder = VitConfig(16, 1, 1, (0,), head_dim=16, mlp_dim=16, input_size=256)
    sam = randomised(Sam(SamConfig("decoder", encoder, DecoderConfig())))
    for name, tensor in sam.mask_decoder.state_dict().items():
        if "q_proj" in name:
            tensor.mul_(0.2)
    image = torch.randn(1, 256, 16, 16, generator=torch.Generator().manual_seed(2))
    return sam.prepare("cpu", torch.float32), Features({"image": image}, (256, 256), (256, 256))


@pytest.mark.parametrize("fed_back", [False, True])
def test_bfloat16_has_float32s_masks(published_decoder, fed_back):
    sam, features = published_decoder
    low = copy.deepcopy(sam).prepare("cpu", torch.bfloat16)
    generator = torch.Generator().manual_seed(3)
    points = torch.rand(8, 1, 2, generator=generator) * 255
    logits = torch.randn(8, 1, 64, 64, generator=generator) * 5 if fed_back else None
    prompts = PromptBatch(points, torch.ones(8, 1, dtype=torch.bool), None, logits)
    exact, exact_scores = sam.decode(features, prompts, multimask=True)
    rounded, scores = low.decode(features, prompts, multimask=True)
    assert (rounded.dtype, scores.dtype) == (torch.float32, torch.float32)
    assert not torch.equal(rounded, exact)
    # Random masks have no edge at 0; theirs is put where half of the exact mask lies inside.
    edge = exact.flatten(2).median(-1).values[..., None, None]
    inside, expected = rounded > edge, exact > edge
    iou = (inside & expected).sum((-1, -2)) / (inside | expected).sum((-1, -2))
    assert iou.mean() >= 0.99
    torch.testing.assert_close(scores, exact_scores, rtol=0.02, atol=0.02)


def test_a_bfloat16_copy_can_be_trained(published_decoder):
    sam, features = published_decoder
    student = copy.deepcopy(sam).prepare("cpu", torch.bfloat16).requires_grad_(True)
    prompts = PromptBatch(torch.tensor([[[10.0, 20.0]]]), torch.tensor([[True]]))
    logits, _ = student.decode(features, prompts, multimask=True)
    logits.mean().backward()
    assert student.mask_decoder.transformer.layers[0].norm4.weight.grad.abs().max() > 0


def test_chunks_keep_their_embeddings_in_the_cache():
    sam = Sam(SamConfig("decoder", VitConfig(16, 1, 1, (0,), head_dim=16, mlp_dim=16)))
    chunks = [sam.prepare("cpu", p).info.chunk for p in (torch.float32, torch.bfloat16)]
    with torch.device("meta"):
        chunks.append(Sam(ARCHITECTURES["vit_b"]).info.chunk)
    assert chunks == [1, 2, 64]
