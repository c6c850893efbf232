"""One pass: which part of a view is looked at, and what its loss teaches."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_cutout.sam.loading import load_model
from napari_cutout.train.losses import focal_dice_loss, mask_loss, resemblance_loss
from napari_cutout.train.targets import look_at
from napari_cutout.train.tuning import TuningOptions
from napari_cutout.train.tuning.gathering import make_example
from napari_cutout.train.tuning.parent import network
from napari_cutout.train.tuning.parts import let_learn, mask_decoder
from napari_cutout.train.tuning.remembering import as_it_was
from napari_cutout.train.tuning.teaching import Teacher, pass_loss, place
from napari_cutout.train.tuning.views import View


class Large:
    """As much of a model as a place depends on."""

    def __init__(self, family):
        self.info = type("Info", (), {"family": family})


@pytest.fixture(params=["compact", "vit", "tiny_vit"])
def model(models, request):
    return load_model(models[request.param], "cpu", "float32")


def scene(seed, shape=(416, 512)):
    rng = np.random.default_rng(seed)
    labels = np.zeros(shape, np.int32)
    for value in range(1, 30):
        height, width = rng.integers(6, 120, 2)
        row, col = rng.integers(0, shape[0] - 6), rng.integers(0, shape[1] - 6)
        labels[row : row + height, col : col + width] = value
    return look_at(labels)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_is_asked_for_lies_whole_in_the_part(seed):
    view, rng = scene(seed % 7), np.random.default_rng(seed)
    part = place(view, Large("compact"), 5, rng)
    asked = part.asked(view, slice(None))

    shape = np.subtract(part.stop, part.start)
    assert len(part.chosen) == len(asked.masks) == 5
    assert (np.array(part.start) % 32 == 0).all()
    assert (shape <= view.labels.shape).all()
    for label, mask, box in zip(part.chosen, asked.masks, asked.boxes, strict=True):
        assert round(mask.sum() * 4) == view.areas[label - 1]
        assert (box[:2] >= 0).all()
        assert (box[2:] <= shape).all()


def test_a_large_object_is_looked_at_in_the_whole_view():
    labels = np.zeros((512, 512), np.int32)
    labels[100:400, 100:400] = 1
    part = place(look_at(labels), Large("compact"), 2, np.random.default_rng(0))

    assert (part.start, part.stop) == ((0, 0), (512, 512))


def test_a_sam_looks_at_the_whole_view():
    part = place(scene(0), Large("sam"), 2, np.random.default_rng(0))

    assert (part.start, part.stop) == ((0, 0), (416, 512))


def test_maps_are_cut_as_the_scene_is():
    view = scene(0)
    part = replace(
        place(view, Large("compact"), 1, np.random.default_rng(0)),
        start=(64, 128),
        stop=(320, 384),
    )
    from napari_cutout.sam.family import Features

    maps = {str(s): torch.rand(1, 2, 416 // s, 512 // s) for s in (2, 4, 8, 16)}
    cut = part.part_of(Features(maps, (416, 512), (416, 512)), view.labels.shape)

    assert cut.input_size == cut.pixel_size == (256, 256)
    for name, value in maps.items():
        s = int(name)
        expected = value[:, :, 64 // s : 320 // s, 128 // s : 384 // s]
        assert torch.equal(cut.maps[name], expected)


def example_for(model):
    labels = np.zeros((64, 64), np.int32)
    labels[8:28, 12:40] = 1
    labels[34:60, 30:60] = 2
    pixels = np.repeat((labels > 0).astype(np.uint8)[..., None] * 200, 3, axis=2)
    example = make_example(View(pixels, labels), model, keep_features=True, keep_pixels=False)
    maps = {name: value.float() for name, value in example.features.maps.items()}
    return replace(example, features=replace(example.features, maps=maps))


def test_the_loss_falls_when_it_is_followed(model):
    example = example_for(model)
    asked = example.scene.ask(np.array([1, 2]))
    parameters = list(let_learn(model, "decoder", TuningOptions()).values())
    optimiser = torch.optim.Adam(parameters, lr=3e-3)
    losses = []
    for _ in range(25):
        optimiser.zero_grad()
        loss = pass_loss(model, example.features, asked, np.random.default_rng(3))
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))

    assert losses[-1] < 0.9 * losses[0]


def test_every_weight_of_the_decoder_learns_from_some_prompt(model):
    example = example_for(model)
    asked = example.scene.ask(np.array([1, 2]))
    let_learn(model, "decoder", TuningOptions())
    for seed in range(12):
        pass_loss(model, example.features, asked, np.random.default_rng(seed)).backward()

    lacking = {
        name
        for name, parameter in mask_decoder(model).named_parameters()
        if parameter.grad is None or not parameter.grad.any()
    }
    # A key's bias adds the same to all scores, which softmax doesn't see, and of three masks the
    # best alone learns.
    alone = {name for name in lacking if "hypernetworks_mlps" in name}
    assert {name for name in lacking - alone if "k_proj.bias" not in name} == set()
    assert len({name.split(".")[1] for name in alone}) < 3


def test_a_teacher_has_nothing_to_say_to_its_like(model):
    example = example_for(model)
    asked = example.scene.ask(np.array([1, 2]))
    teacher = Teacher(as_it_was(model), example.features)
    let_learn(model, "decoder", TuningOptions())
    loss = pass_loss(model, example.features, asked, np.random.default_rng(0), teacher)

    assert float(loss.detach()) == pytest.approx(0, abs=1e-5)


def test_a_teacher_stays_when_the_pupil_changes(model):
    example = example_for(model)
    teacher = as_it_was(model)
    before = copy.deepcopy(network(teacher).state_dict())
    with torch.no_grad():
        for parameter in mask_decoder(model).parameters():
            parameter.add_(0.1)

    assert all(torch.equal(before[n], v) for n, v in network(teacher).state_dict().items())
    asked = example.scene.ask(np.array([1, 2]))
    let_learn(model, "decoder", TuningOptions())
    apart = Teacher(teacher, example.features)
    loss = pass_loss(model, example.features, asked, np.random.default_rng(0), apart)
    assert float(loss.detach()) > 1e-3


@pytest.mark.parametrize("loss", [mask_loss, focal_dice_loss])
def test_a_right_mask_costs_next_to_nothing_and_a_wrong_one_much(loss):
    truth = torch.zeros(1, 1, 16, 16)
    truth[..., 4:12, 4:12] = 1
    right, wrong = ((truth * 2 - 1) * sign * 20 for sign in (1, -1))

    assert float(loss(right, truth)) < 0.02
    assert float(loss(wrong, truth)) > 0.9


def test_resemblance_is_zero_for_the_same_and_grows_with_the_distance():
    known = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    apart = [float(resemblance_loss(known + shift, known).mean()) for shift in (0.0, 0.5, 1.0)]

    assert apart[0] == pytest.approx(0, abs=1e-6)
    assert 0 < apart[1] < apart[2]
