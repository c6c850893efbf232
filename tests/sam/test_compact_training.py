"""The compact model as it is used is frozen; the same methods train a network that isn't."""

import pytest
import torch

from napari_cutout.sam.family import PromptBatch
from napari_cutout.sam.loading import load_model

PROMPTS = PromptBatch(torch.tensor([[[30.0, 20.0]], [[9.0, 40.0]]]), torch.ones(2, 1).bool())


@pytest.fixture(scope="module")
def features():
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (64, 64, 3), generator=generator, dtype=torch.uint8)
    return load_model("compact", "cpu", "float32").encode(pixels)


@pytest.fixture
def model():
    return load_model("compact", "cpu", "float32")


def test_answers_carry_no_graph(model, features):
    assert not features.maps["image"].requires_grad
    assert not model.decode(features, PROMPTS, True)[0].requires_grad


def test_a_network_that_asks_for_gradients_gets_them(model, features):
    # An answer without gradients first: nothing of it may be taken for one with gradients.
    model.decode(features, PROMPTS, True)
    model.network.decoder.requires_grad_(True)
    logits, scores = model.decode(features, PROMPTS, None)
    (logits.mean() + scores.sum()).backward()

    assert model.network.decoder.draw4.weight.grad.abs().max() > 0
    assert model.network.encoder.stem.weight.grad is None


def test_an_answer_follows_weights_that_change(model, features):
    before = model.decode(features, PROMPTS, True)[0]
    with torch.no_grad():
        model.network.decoder.draw4.weight[:, 12].add_(1)
    after = model.decode(features, PROMPTS, True)[0]

    assert not torch.equal(before, after)


def test_all_four_masks_are_the_single_one_and_the_three(model, features):
    parts = [model.decode(features, PROMPTS, multimask) for multimask in (False, True)]
    logits, scores = model.decode(features, PROMPTS, None)

    torch.testing.assert_close(logits, torch.cat([part[0] for part in parts], dim=1))
    torch.testing.assert_close(scores, torch.cat([part[1] for part in parts], dim=1))
