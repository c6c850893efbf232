"""One step's prompts: what they are, and how often the answer is corrected."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from napari_cutout.sam.compact.network import CompactNetwork
from napari_cutout.train.batches import Batch
from napari_cutout.train.rounds import MOST_SKIPPED, first_prompts, prompt_loss
from napari_cutout.train.targets import make_targets
from napari_cutout.train.training_run import recipe_config


@pytest.fixture
def batch():
    labels = np.zeros((64, 64), np.int32)
    labels[8:30, 10:40], labels[40:60, 34:60] = 1, 2
    rng = np.random.default_rng(3)
    return Batch(torch.zeros(1, 3, 64, 64), [make_targets(labels, 20, rng)], rng)


def decodes(recipe, batch):
    """Whether each decode of a step was learned from, in their order."""
    torch.manual_seed(0)
    network = CompactNetwork(recipe_config(recipe))
    learned = []
    network.decoder.register_forward_hook(lambda *_: learned.append(torch.is_grad_enabled()))
    maps = network.encode(batch.pixels)
    loss, _ = prompt_loss(network, maps, batch, recipe)
    loss.backward()
    idle = {name for name, p in network.decoder.named_parameters() if p.grad is None}
    # A key's bias cancels in the softmax.
    assert all(name.endswith("k_proj.bias") for name in idle)
    return learned


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (1.0, 20)])
def test_the_recipe_says_how_many_first_prompts_are_boxes(batch, share, expected):
    assert int(first_prompts(batch, share).has_box.sum()) == expected


def test_without_skipped_corrections_every_answer_is_learned_from(recipe, batch):
    assert set(decodes(recipe, batch)) == {True}


def test_skipped_corrections_come_after_the_first_answer_and_are_not_learned_from(recipe, batch):
    learned = decodes(replace(recipe, skipped=1.0), batch)
    skipped = learned.count(False)
    assert 1 <= skipped <= MOST_SKIPPED
    assert learned == [True] + [False] * skipped + [True] * (len(learned) - skipped - 1)
    assert learned.count(True) in (2, 3)
