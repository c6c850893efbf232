"""Recipes are data."""

import pytest

from napari_cutout.train.recipe import Stage, load_recipe


def test_the_packaged_recipe_is_found_by_name():
    recipe = load_recipe("compact")
    assert recipe.steps == sum(stage.steps for stage in recipe.stages)


def test_steps_belong_to_stages(recipe):
    assert [recipe.stage(step).crop for step in range(4)] == [64, 64, 64, 96]
    with pytest.raises(IndexError):
        recipe.stage(4)


def test_a_file_is_a_recipe_too(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'seed=1\narchitecture="compact"\nlearning_rate=1e-3\nwarmup_steps=1\nweight_decay=0.0\n'
        "gradient_clip=1.0\naverage_decay=0.9\nsmallest_object=8.0\nlargest_object=0.5\n"
        "[[stages]]\nsteps=2\ncrop=64\ncrops_per_step=1\nprompts_per_crop=1\n"
    )
    assert load_recipe(path).stages == (Stage(2, 64, 1, 1),)


@pytest.mark.parametrize("text", ["seed=1", "not toml", "stages=[]\nwhat=1"])
def test_a_broken_recipe_is_refused_by_name(tmp_path, text):
    path = tmp_path / "broken.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"broken\.toml"):
        load_recipe(path)


def test_an_unknown_recipe_says_what_to_give():
    with pytest.raises(ValueError, match="'compact' or a TOML file"):
        load_recipe("nothing")


def test_a_crop_must_fit_the_strides():
    with pytest.raises(ValueError, match="32"):
        Stage(1, 100, 1, 1)


@pytest.mark.parametrize("name", ["compact", "compact-longer", "compact-third", "compact-fourth"])
def test_every_packaged_recipe_is_whole(name):
    recipe = load_recipe(name)

    assert recipe.warmup_steps < recipe.steps
    assert 0 <= recipe.painted <= 1
    assert 0 <= recipe.elongated <= 1
