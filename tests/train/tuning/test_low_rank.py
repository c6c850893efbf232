"""Low-rank changes are in the weights that a network reads, and plain weights in the end."""

import copy

import pytest
import torch

from napari_cutout.sam.loading import load_model
from napari_cutout.train.tuning.low_rank import change_attention, plain_state
from napari_cutout.train.tuning.parent import network
from napari_cutout.train.tuning.parts import image_encoder


@pytest.fixture(params=["compact", "vit", "tiny_vit"])
def model(models, request):
    return load_model(models[request.param], "cpu", "float32")


@pytest.fixture
def pixels():
    return torch.randint(
        0, 256, (64, 64, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )


def embedding(model, pixels):
    with torch.no_grad():
        return model.encode(pixels).maps["image"]


def test_nothing_changes_at_first(model, pixels):
    before = embedding(model, pixels)
    change_attention(image_encoder(model), 4, 0)

    torch.testing.assert_close(embedding(model, pixels), before, rtol=0, atol=1e-5)


def test_merged_weights_answer_as_changed_ones(model, pixels):
    plain = copy.deepcopy(model)
    for parameter in change_attention(image_encoder(model), 4, 0):
        with torch.no_grad():
            parameter.add_(0.05)
    network(plain).load_state_dict(plain_state(network(model)))

    changed = embedding(model, pixels)
    assert not torch.allclose(changed, embedding(copy.deepcopy(plain), pixels) + 1)
    torch.testing.assert_close(embedding(plain, pixels), changed, rtol=1e-4, atol=1e-5)


def test_a_rank_is_no_more_than_a_weight_has(model):
    parameters = change_attention(image_encoder(model), 10_000, 0)

    assert max(min(parameter.shape) for parameter in parameters) < 100
