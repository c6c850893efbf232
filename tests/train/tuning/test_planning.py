"""What is going to be done is said before it starts, with reasons and costs."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from napari_cutout.sam.loading import load_model
from napari_cutout.train.data import LabelledData, from_arrays
from napari_cutout.train.data.data_summary import DataSummary
from napari_cutout.train.errors import TuningError
from napari_cutout.train.tuning import TuningOptions, plan_tuning
from napari_cutout.train.tuning.amounts import amounts
from napari_cutout.train.tuning.parent import products
from napari_cutout.train.tuning.planning import _what


def summary(frames, objects):
    return DataSummary(frames, objects, (5.0, 10.0, 20.0), ("a",), 1, "0" * 64)


@pytest.mark.parametrize("family", ["compact", "vit", "tiny_vit"])
def test_a_plan_counts_what_learns(models, data, quick, family):
    plan = plan_tuning(models[family], data, quick, device="cpu")

    assert plan.what == "decoder"
    assert 0 < plan.trainable < plan.parameters
    assert (plan.steps, plan.frames, plan.validation_frames) == (4, 3, 1)
    assert plan.objects == sum(len(np.unique(f.labels)) - 1 for f in data.split()[0].frames())
    assert plan.seconds > 0
    assert plan.bytes > 24 * plan.trainable


@pytest.mark.parametrize("what", ["lora", "all"])
def test_more_that_learns_takes_more(models, data, quick, what):
    plans = [
        plan_tuning(models["vit"], data, replace(quick, what=kind), device="cpu")
        for kind in ("decoder", what)
    ]

    assert plans[1].trainable > plans[0].trainable
    assert plans[1].what == what
    assert plans[1].reason.endswith("as was asked for.")


def test_on_a_cpu_the_decoder_learns(models, data):
    plan = plan_tuning(models["compact"], data, TuningOptions(steps=2), device="cpu")

    assert plan.what == "decoder"
    assert "on a CPU that takes minutes" in plan.reason


@pytest.mark.parametrize(
    ("family", "objects", "memory", "expected"),
    [
        ("compact", 100, 0, "decoder"),
        ("compact", 5000, 0, "all"),
        ("vit", 100, 80e9, "decoder"),
        ("vit", 1000, 4e9, "decoder"),
        ("vit", 1000, 80e9, "lora"),
        ("vit", 5000, 10e9, "lora"),
        ("vit", 5000, 80e9, "all"),
    ],
)
def test_a_gpu_lets_more_learn_where_there_is_enough(
    models, monkeypatch, family, objects, memory, expected
):
    monkeypatch.setattr("napari_cutout.train.tuning.planning._memory", lambda device: memory)
    model = load_model(models[family], "cpu", "float32")
    what, reason = _what(model, torch.device("cuda"), summary(10, objects), TuningOptions())

    assert what == expected
    assert reason.endswith(".")


def test_few_objects_and_nothing_to_judge_on_are_told(models, data, quick):
    one = LabelledData(data.sources[:1])
    plan = plan_tuning(models["compact"], one, quick, device="cpu")

    assert plan.validation_frames == 0
    assert "no frames to judge on" in plan.sentence()
    assert "objects are few" in plan.sentence()


def test_what_is_too_little_to_be_split_is_all_learned_from(models, quick):
    labels = np.kron([[1, 2], [3, 0]], np.pad(np.ones((10, 10), int), 4))
    data = from_arrays([("a", labels * 50, labels), ("b", labels * 40, labels)])
    plan = plan_tuning(models["compact"], data, quick, device="cpu")

    assert (plan.objects, plan.frames, plan.validation_frames) == (6, 2, 0)


def test_minutes_limit_the_estimate(models, data):
    options = TuningOptions(steps=100_000, minutes=0.5)

    assert plan_tuning(models["compact"], data, options, device="cpu").seconds == 30


def test_more_objects_are_worth_more_steps_up_to_a_limit():
    steps = [
        amounts("compact", "decoder", "cpu", summary(10, objects), TuningOptions()).steps
        for objects in (5, 160, 100_000)
    ]

    assert steps == [150, 300, 600]


def test_few_frames_are_seen_in_several_views():
    views = [
        amounts("compact", "decoder", "cpu", summary(frames, 500), options).views_of_a_frame
        for frames, options in (
            (1, TuningOptions()),
            (40, TuningOptions()),
            (1000, TuningOptions()),
            (1, TuningOptions(augment=False)),
        )
    ]

    assert views == [8, 3, 1, 1]


def test_of_very_many_frames_some_are_used():
    assert amounts("sam", "decoder", "cpu", summary(5000, 9000), TuningOptions()).frames == 120


def test_bfloat16_is_refused_where_there_is_none():
    with pytest.raises(TuningError, match="mps has no bfloat16"):
        products("bfloat16", torch.device("mps"))


def test_float32_is_what_was_asked_for():
    assert products("float32", torch.device("cpu")) == torch.float32
