"""The compact network: sizes, coordinates, and what must not depend on what."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from napari_cutout.sam import DenseMaps, PromptBatch, WeightsError, load_model
from napari_cutout.sam.compact.config import CompactConfig
from napari_cutout.sam.compact.loading import save_compact
from napari_cutout.sam.compact.model import Compact
from napari_cutout.sam.compact.network import CompactNetwork
from napari_cutout.sam.compact.prompts import InputPrompts, draw

SMALL = CompactConfig(
    input_size=128, stride4=16, stride8=16, stride16=32, stride32=32, blocks4=1, blocks8=1,
    blocks16=1, blocks32=1, heads=2, skip4=16, skip8=16, embedding=32, decoder_heads=2,
)  # fmt: skip


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return Compact(CompactNetwork(SMALL))


def pixels(rows, cols, seed=0):
    values = np.random.default_rng(seed).integers(0, 256, (rows, cols, 3), dtype=np.uint8)
    return torch.from_numpy(values)


def batch(points, boxes=None, logits=None):
    points = torch.tensor(points, dtype=torch.float32)
    positive = torch.ones(points.shape[:2], dtype=torch.bool)
    return PromptBatch(points, positive, boxes, logits)


@pytest.mark.parametrize("size", [(128, 128), (1, 1), (1, 700), (700, 1), (50, 33), (300, 40)])
def test_pixels_of_any_size_are_answered_at_their_size(model, size):
    features = model.encode(pixels(*size))
    logits, scores = model.decode(features, batch([[[0.0, 0.0]]]), multimask=True)
    assert tuple(logits.shape[-2:]) == model.logits_size(size)
    assert tuple(scores.shape) == (1, 3)
    assert tuple(model.upscale(logits, size).shape) == (1, 3, *size)
    dense = model.dense(features)
    assert isinstance(dense, DenseMaps)
    assert tuple(dense.distance.shape) == size


def test_small_pixels_are_not_enlarged_beyond_the_limit(model):
    assert model.encode(pixels(10, 20)).input_size == (40, 80)


def test_a_batch_answers_as_its_members_would(model):
    features = model.encode(pixels(90, 110))
    points = [[[10.0, 20.0]], [[70.0, 15.0]], [[44.0, 99.0]]]
    boxes = torch.tensor([[1.0, 2, 30, 40], [5, 5, 80, 90], [0, 0, 10, 10]])
    low = torch.randn(3, 1, *model.logits_size((90, 110)))
    together, scores = model.decode(features, batch(points, boxes, low), multimask=False)
    for i in range(3):
        one = batch(points[i : i + 1], boxes[i : i + 1], low[i : i + 1])
        alone, score = model.decode(features, one, multimask=False)
        torch.testing.assert_close(alone[0], together[i], atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(score[0], scores[i], atol=1e-5, rtol=1e-4)


def test_a_mask_prompt_and_upscaling_are_inverse(model):
    mask = torch.zeros(1, 64, 64, dtype=torch.bool)
    mask[:, 16:40, 8:30] = True
    back = model.upscale(model.mask_prompt(mask), (64, 64))[:, 0] > 0
    assert torch.equal(back, mask)


def test_a_box_is_drawn_where_it_is():
    dense = torch.zeros(1, 4, 16, 16)
    prompts = InputPrompts(
        points=torch.zeros(1, 0, 2),
        polarity=torch.zeros(1, 0),
        boxes=torch.tensor([[8.0, 16.0, 24.0, 48.0]]),
    )
    drawn = draw(prompts, dense)
    assert drawn.channels == [6, 7, 8, 9]
    filled = drawn.maps[0, 0]
    expected = torch.zeros(16, 16)
    expected[2:6, 4:12] = 1
    assert torch.equal(filled, expected)


def test_a_click_is_brightest_under_it():
    prompts = InputPrompts(
        points=torch.tensor([[[10.0, 30.0], [50.0, 6.0]]]),
        polarity=torch.tensor([[1.0, -1.0]]),
    )
    drawn = draw(prompts, torch.zeros(1, 4, 16, 16))
    assert drawn.channels == [0, 1, 2, 3, 4, 5]
    maps = drawn.maps[0]
    assert divmod(int(maps[0].argmax()), 16) == (2, 7)
    assert divmod(int(maps[3].argmax()), 16) == (12, 1)


def test_what_is_absent_as_a_value_answers_as_what_is_not_given(model):
    network = model._network
    features = model.encode(pixels(128, 128))
    maps = dict(features.maps)
    dense = network.dense_at_stride4(maps.pop("dense"))
    shared = network.decoder.share(maps, dense, torch.float32)
    points = torch.tensor([[[20.0, 33.0]], [[90.0, 41.0]]])
    given = InputPrompts(points, polarity=torch.ones(2, 1), signs=(1,))
    padded = InputPrompts(
        points=torch.cat([points, torch.full((2, 2, 2), 5.0)], dim=1),
        polarity=torch.tensor([[1.0, 0, 0], [1, 0, 0]]),
        boxes=torch.zeros(2, 4),
        has_box=torch.zeros(2),
        logits=torch.zeros(2, 1, 64, 64),
        has_logits=torch.zeros(2),
    )
    for expected, answer in zip(
        network.decoder(shared, given), network.decoder(shared, padded), strict=True
    ):
        torch.testing.assert_close(answer, expected, atol=1e-4, rtol=1e-4)


def test_no_prompt_of_another_make_up_shows_in_the_answer(model):
    features = model.encode(pixels(64, 64))
    zeros = torch.zeros(1, 1, *model.logits_size((64, 64)))
    with_logits, _ = model.decode(features, batch([[[9.0, 9.0]]], logits=zeros), multimask=False)
    without, _ = model.decode(features, batch([[[9.0, 9.0]]]), multimask=False)
    assert not torch.equal(with_logits, without)


def test_weights_survive_writing_and_reading(tmp_path):
    torch.manual_seed(1)
    network = CompactNetwork(SMALL)
    path = tmp_path / "m.safetensors"
    save_compact(network.state_dict(), SMALL, path)
    assert all(value.dtype == torch.float16 for value in load_file(path).values())
    model = load_model(path)
    assert model.info.input_size == 128
    assert load_model(path).fingerprint == model.fingerprint


def test_weights_that_do_not_fit_their_sizes_are_refused(tmp_path):
    path = tmp_path / "m.safetensors"
    save_compact(CompactNetwork(SMALL).state_dict(), CompactConfig(), path)
    with pytest.raises(WeightsError, match="has shape"):
        load_model(path)


def test_sizes_that_no_memory_holds_are_refused_at_once(tmp_path):
    path = tmp_path / "m.safetensors"
    huge = replace(SMALL, stride32=8_000_000)
    save_compact(CompactNetwork(SMALL).state_dict(), huge, path)
    with pytest.raises(WeightsError, match="8000000"):
        load_model(path)


def test_weights_that_are_no_numbers_are_refused(tmp_path):
    path = tmp_path / "m.safetensors"
    state = CompactNetwork(SMALL).state_dict()
    state["dense_out.bias"] = torch.full((4,), torch.nan)
    save_compact(state, SMALL, path)
    with pytest.raises(WeightsError, match="finite"):
        load_model(path)


def test_a_tensor_that_is_missing_is_named(tmp_path):
    path = tmp_path / "m.safetensors"
    state = CompactNetwork(SMALL).state_dict()
    del state["dense_out.bias"]
    save_compact(state, SMALL, path)
    with pytest.raises(WeightsError, match=r"'dense_out\.bias' is missing"):
        load_model(path)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_stays_near_float32(model, precision):
    half = Compact(model._network, precision)
    image = pixels(128, 100)
    answers = []
    for one in (model, half):
        logits, _ = one.decode(one.encode(image), batch([[[40.0, 50.0]]]), multimask=False)
        answers.append(logits)
    error = (answers[0] - answers[1]).abs().max() / answers[0].abs().max()
    assert error < 0.08


@pytest.mark.parametrize("multimask", [True, False])
def test_a_draft_makes_the_masks_that_are_asked_for(model, multimask):
    features = model.encode(pixels(90, 110))
    prompts = batch([[[10.0, 20.0]], [[70.0, 15.0]], [[44.0, 99.0]]])
    expected, scores = model.decode(features, prompts, multimask)
    draft = model.draft(features, prompts, multimask)
    assert torch.equal(draft.scores, scores)
    wanted = torch.tensor([2, 0, 2]), torch.tensor([0, scores.shape[1] - 1, 0])
    torch.testing.assert_close(draft.logits(*wanted), expected[wanted], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("name", ["similarity", "target"])
def test_guidance_is_refused(model, name):
    features = model.encode(pixels(20, 20))
    prompts = replace(batch([[[1.0, 2.0]]]), **{name: torch.zeros(1, 4)})
    with pytest.raises(ValueError, match="no use for"):
        model.decode(features, prompts, multimask=True)
