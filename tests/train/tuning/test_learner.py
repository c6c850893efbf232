"""One optimiser step, with too little memory and with numbers that go astray."""

import copy
from dataclasses import replace

import pytest
import torch

from napari_cutout.sam.loading import load_model
from napari_cutout.train.errors import TuningError
from napari_cutout.train.tuning import TuningOptions
from napari_cutout.train.tuning.amounts import Amounts
from napari_cutout.train.tuning.examples import Shelf
from napari_cutout.train.tuning.gathering import gather
from napari_cutout.train.tuning.learner import Learner
from napari_cutout.train.tuning.lessons import Lessons

OPTIONS = TuningOptions(objects_per_step=8, accumulate=2, precision="float32", blend=1.0)
CPU = torch.device("cpu")


class Short:
    """A device with memory for so many prompts at once."""

    def __init__(self, model, most):
        self._decode, self._most = model.decode, most
        self.asked = []

    def __call__(self, features, prompts, multimask):
        self.asked.append(len(prompts.points))
        if len(prompts.points) > self._most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
        return self._decode(features, prompts, multimask)


@pytest.fixture
def model(models):
    return load_model(models["compact"], "cpu", "float32")


@pytest.fixture
def lessons(model, data, tmp_path):
    shelf = Shelf(tmp_path / "shelf")
    much = Amounts(4, 4, 1, 2)
    list(gather(shelf, data.frames(), model, much, 0, keep_features=True, keep_pixels=False))
    return Lessons(shelf, Shelf(tmp_path / "none"), model, OPTIONS)


def test_memory_that_is_short_halves_what_is_answered_at_once(model, lessons):
    learner = Learner(model, "decoder", 10, OPTIONS, CPU)
    model.decode = Short(model, 1)
    _, message = learner.learn(lessons.of(0))

    assert message == "Memory doesn't suffice: 1 objects are answered at once from now on."
    assert [n for n in model.decode.asked if n > 1] == [4, 2]
    assert (learner.step, learner.at_once) == (1, 1)
    assert learner.learn(lessons.of(1))[1] == ""


def test_passes_in_parts_add_up_to_the_whole(models, lessons):
    gradients = []
    for at_once in (4, 1):
        model = load_model(models["compact"], "cpu", "float32")
        learner = Learner(model, "decoder", 10, OPTIONS, CPU)
        learner.at_once = at_once
        # What chance gives differs with the parts, so that only the size can be compared.
        learner.learn(lessons.of(0))
        gradients.append(
            sum(p.grad.norm() for p in learner.parameters.values() if p.grad is not None)
        )

    assert 0.3 < float(gradients[1] / gradients[0]) < 3


def test_memory_for_not_even_one_object_is_an_error_that_helps(model, lessons):
    learner = Learner(model, "decoder", 10, OPTIONS, CPU)
    model.decode = Short(model, 0)

    with pytest.raises(TuningError, match="too little memory on cpu for one object at a time"):
        learner.learn(lessons.of(0))


def test_numbers_that_go_astray_are_told_with_a_way_out(model, lessons):
    learner = Learner(model, "decoder", 10, OPTIONS, CPU)
    with torch.no_grad():
        next(iter(learner.parameters.values())).fill_(torch.nan)

    with pytest.raises(TuningError, match="give a smaller learning rate"):
        learner.learn(lessons.of(0))


def test_an_error_of_another_kind_is_not_taken_for_short_memory(model, lessons):
    learner = Learner(model, "decoder", 10, OPTIONS, CPU)

    def wrong(*_):
        raise RuntimeError("shapes don't match")

    model.decode = wrong
    with pytest.raises(RuntimeError, match="shapes don't match"):
        learner.learn(lessons.of(0))


def test_a_restored_learner_goes_on_as_the_other(models, lessons):
    one, other = (
        Learner(load_model(models["compact"], "cpu", "float32"), "decoder", 10, OPTIONS, CPU)
        for _ in range(2)
    )
    one.learn(lessons.of(0))
    other.restore(copy.deepcopy(one.state()))
    losses = [learner.learn(lessons.of(1))[0] for learner in (one, other)]

    assert losses[0] == losses[1]
    for name, value in one.parameters.items():
        assert torch.equal(value, other.parameters[name]), name
        assert torch.equal(one.averaged[name], other.averaged[name]), name


def test_averaged_weights_are_there_meanwhile_only(model, lessons):
    learner = Learner(model, "decoder", 10, replace(OPTIONS, learning_rate=0.1), CPU)
    for step in range(3):
        learner.learn(lessons.of(step))
    name, parameter = next(iter(learner.parameters.items()))
    own = parameter.detach().clone()
    with learner.averaged_weights():
        assert torch.equal(parameter, learner.averaged[name])
        assert not torch.equal(parameter, own)

    assert torch.equal(parameter, own)


def test_blended_weights_lie_between(models, lessons):
    model = load_model(models["compact"], "cpu", "float32")
    learner = Learner(model, "decoder", 10, replace(OPTIONS, blend=0.25), CPU)
    was = {name: p.detach().clone() for name, p in learner.parameters.items()}
    learner.learn(lessons.of(0))
    with learner.averaged_weights():
        for name, parameter in learner.parameters.items():
            expected = was[name] + 0.25 * (learner.averaged[name] - was[name])
            torch.testing.assert_close(parameter, expected)


def test_lessons_are_the_same_whenever_they_are_asked_for(lessons):
    ahead = list(lessons.from_step(1, 4))

    assert [[each.seed for each in step] for step in ahead] == [
        [each.seed for each in lessons.of(step)] for step in (1, 2, 3)
    ]
    for step, made in zip((1, 2, 3), ahead, strict=True):
        for one, other in zip(made, lessons.of(step), strict=True):
            assert one.place.chosen.tolist() == other.place.chosen.tolist()


def test_mixed_precision_learns_nearly_the_same(models, lessons):
    losses = []
    for precision in ("float32", "bfloat16"):
        options = replace(OPTIONS, precision=precision)
        model = load_model(models["compact"], "cpu", "float32")
        learner = Learner(model, "decoder", 10, options, CPU)
        losses.append(learner.learn(lessons.of(0))[0])
        assert {p.dtype for p in learner.parameters.values()} == {torch.float32}

    assert losses[0] != losses[1]
    assert losses[1] == pytest.approx(losses[0], rel=0.1)
