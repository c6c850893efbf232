"""Training: seeded, resumable, and what it writes is a model."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from napari_cutout.formats.errors import FormatError
from napari_cutout.sam.errors import WeightsError
from napari_cutout.segment import Prompts, Segmenter
from napari_cutout.train.errors import RecipeError
from napari_cutout.train.loop import export, train


@pytest.fixture(autouse=True)
def one_thread():
    """The same sums in the same order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def run(folder, out, recipe, **options):
    return list(train([folder], out, recipe, report_every=1, **options))


def test_a_run_reports_its_steps_and_writes_a_model(folder, recipe, tmp_path):
    out = tmp_path / "out" / "model.safetensors"
    progress = run(folder, out, recipe)
    assert [p.step for p in progress] == [1, 2, 3, 4]
    assert all(np.isfinite(p.loss) for p in progress)
    segmenter = Segmenter(out)
    frame = np.zeros((60, 70), np.uint8)
    prediction = segmenter.predict(segmenter.encode(frame), Prompts(points=[[30, 30]]))
    assert prediction.masks.shape == (3, 60, 70)


def test_a_killed_run_goes_on_as_if_nothing_had_happened(folder, recipe, tmp_path):
    whole, parts = tmp_path / "whole.safetensors", tmp_path / "parts.safetensors"
    run(folder, whole, recipe)
    killed = train([folder], parts, recipe, report_every=1, save_seconds=0)
    next(killed)
    next(killed)
    killed.close()
    resumed = run(folder, parts, recipe)
    assert resumed[0].step == 3
    expected, actual = load_file(whole), load_file(parts)
    assert all(torch.equal(expected[name], actual[name]) for name in expected)


def test_a_state_of_another_recipe_is_not_continued(folder, recipe, tmp_path):
    out = tmp_path / "model.safetensors"
    run(folder, out, recipe)
    with pytest.raises(ValueError, match="another recipe"):
        run(folder, out, replace(recipe, learning_rate=0.5))


def test_a_run_begins_with_the_weights_it_is_given(folder, recipe, tmp_path):
    first, second = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
    run(folder, first, recipe)
    still = replace(recipe, learning_rate=0.0)
    run(folder, second, still, start=first)
    before, after = load_file(first), load_file(second)
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_state_that_began_with_other_weights_is_not_continued(folder, recipe, tmp_path):
    first, second = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
    run(folder, first, recipe)
    run(folder, second, recipe)
    with pytest.raises(RecipeError, match="began with other weights"):
        run(folder, second, recipe, start=first)


def test_weights_of_another_model_are_no_start(folder, recipe, tmp_path):
    save_file({"x": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError):
        run(folder, tmp_path / "out.safetensors", recipe, start=tmp_path / "other.safetensors")


def test_a_damaged_state_is_refused_by_name(folder, recipe, tmp_path):
    out = tmp_path / "model.safetensors"
    out.with_suffix(".state").write_bytes(b"nothing that torch knows")
    with pytest.raises(RecipeError, match=r"model\.state"):
        run(folder, out, recipe)


def test_the_weights_of_an_unfinished_run_can_be_taken_out(folder, recipe, tmp_path):
    out = tmp_path / "model.safetensors"
    unfinished = train([folder], out, recipe, report_every=1, save_seconds=0)
    next(unfinished)
    next(unfinished)
    unfinished.close()
    export(out.with_suffix(".state"), tmp_path / "early.safetensors")
    assert Segmenter(tmp_path / "early.safetensors").info.architecture == "compact"


def test_a_folder_without_labelled_images_is_refused(recipe, tmp_path):
    with pytest.raises(FormatError, match="no labelled image"):
        run(tmp_path, tmp_path / "model.safetensors", recipe)
