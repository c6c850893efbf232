"""What may be decided is checked where it is decided."""

import pytest

from napari_cutout.train.errors import TuningError
from napari_cutout.train.tuning import TuningOptions, TuningPlan


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("what", "encoder"),
        ("precision", "float16"),
        ("steps", 0),
        ("minutes", -1.0),
        ("learning_rate", 0.0),
        ("objects_per_step", 0),
        ("accumulate", 0),
        ("rank", 0),
        ("patience", -1),
        ("remember", -0.5),
        ("blend", 0.0),
        ("blend", 1.5),
        ("seed", -1),
        ("validation_share", 1.0),
    ],
)
def test_a_value_that_means_nothing_is_refused_by_name(name, value):
    with pytest.raises(TuningError, match=name):
        TuningOptions(**{name: value})


def test_options_are_read_as_they_were_written():
    options = TuningOptions(what="lora", steps=7, minutes=1.5, augment=False)

    assert TuningOptions.from_json(options.to_json()) == options


def test_the_objects_of_a_step_are_divided_among_its_passes():
    assert TuningOptions(objects_per_step=10, accumulate=4).objects_per_pass == 3


def test_a_plan_is_a_few_sentences():
    plan = TuningPlan(
        "decoder", "The decoder learns.", 800_000, 5_600_000, 270, 9, 144, 1, 400.0, 5 * 10**8,
        ("Mind this.",),
    )  # fmt: skip

    assert plan.sentence() == (
        "The decoder learns. 0.8 million of 5.6 million weights learn from 144 objects in 9 "
        "frames, judged on 1 other: at most 270 steps, about 7 min and 0.5 GB of memory. "
        "Mind this."
    )
