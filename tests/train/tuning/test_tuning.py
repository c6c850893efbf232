"""Fine-tuning from labelled frames to a file that loads, whatever happens on the way."""

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from full_disk import full_disk
from napari_cutout import Prompts, Segmenter
from napari_cutout.sam.loading import load_model
from napari_cutout.train.data import LabelledData, from_arrays
from napari_cutout.train.errors import TuningError
from napari_cutout.train.tuning import fine_tune

ENCODERS = {"compact": "encoder.", "vit": "image_encoder.", "tiny_vit": "image_encoder."}
HERE = Path(__file__).parent


def run(model, data, out, options, **more):
    return list(fine_tune(model, data, out, options, device="cpu", **more))


def told(path):
    with safe_open(path, "pt") as file:
        return file.metadata()


def same(one, other):
    first, second = load_file(one), load_file(other)
    return first.keys() == second.keys() and all(torch.equal(first[n], second[n]) for n in first)


@pytest.mark.parametrize("family", ENCODERS)
@pytest.mark.parametrize("what", ["decoder", "lora", "all"])
def test_every_family_learns_in_every_way(models, data, quick, tmp_path, family, what):
    out = tmp_path / "mine.safetensors"
    options = replace(quick, what=what, remember=1.0)
    progress = run(models[family], data, out, options, validate_every=2)

    before, after = load_file(models[family]), load_file(out)
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    in_encoder = {name for name in changed if name.startswith(ENCODERS[family])}
    assert before.keys() == after.keys()
    assert changed - in_encoder
    assert bool(in_encoder) == (what != "decoder")
    assert progress[-1].stage == "done"
    assert np.isfinite([p.loss for p in progress if p.loss is not None]).all()
    frame = next(iter(data.frames())).frame
    segmenter = Segmenter(out, device="cpu")
    prediction = segmenter.predict(segmenter.encode(frame), Prompts(points=[[30, 30]]))
    assert prediction.masks.shape == (3, 64, 64)


def test_low_rank_changes_are_of_the_attention_alone(models, data, quick, tmp_path):
    out = tmp_path / "mine.safetensors"
    run(models["vit"], data, out, replace(quick, what="lora", rank=2))

    before, after = load_file(models["vit"]), load_file(out)
    encoder = [name for name in before if name.startswith("image_encoder.")]
    changed = {name for name in encoder if not torch.equal(before[name], after[name])}
    assert changed == {n for n in encoder if n.endswith(("attn.qkv.weight", "attn.proj.weight"))}
    change = after["image_encoder.blocks.0.attn.qkv.weight"]
    change = change - before["image_encoder.blocks.0.attn.qkv.weight"]
    assert torch.linalg.matrix_rank(change, rtol=1e-4) == 2


def test_what_is_told_on_the_way(models, data, quick, tmp_path):
    progress = run(models["compact"], data, tmp_path / "a.safetensors", quick, validate_every=2)

    stages = [p.stage for p in progress]
    assert list(dict.fromkeys(stages)) == ["encoding", "validating", "training", "done"]
    assert [p.step for p in progress if p.stage == "training"] == [1, 2, 3, 4]
    judged = [p for p in progress if p.validation_iou is not None]
    assert [p.step for p in judged] == [0, 2, 4]
    assert all(p.before_iou == judged[0].validation_iou for p in judged)
    assert judged[-1].best_iou == max(p.validation_iou for p in judged[1:])
    (sample,) = judged[-1].samples
    assert sample.truth[sample.click]
    assert sample.pixels.shape == (*sample.truth.shape, 3) == (*sample.mask.shape, 3)


def test_the_file_says_where_it_is_from(models, data, quick, tmp_path):
    out = tmp_path / "mine.safetensors"
    progress = run(models["vit"], data, out, quick)

    stated = {k: json.loads(v) for k, v in told(out).items() if k != "written_by"}
    assert stated["parent"]["name"] == "vit.safetensors"
    assert len(stated["parent"]["sha256"]) == 64
    assert stated["recipe"]["what"] == "decoder"
    assert stated["recipe"]["steps"] == 4
    assert stated["data"]["frames"] == 3
    assert stated["validation"]["frames"] == 1
    assert stated["metrics"]["before"] == progress[-1].before_iou
    assert stated["metrics"]["after"] == progress[-1].best_iou


def test_the_same_seed_gives_the_same_weights_and_another_others(models, data, quick, tmp_path):
    outs = [tmp_path / f"{name}.safetensors" for name in "abc"]
    for out, seed in zip(outs, (0, 0, 1), strict=True):
        run(models["compact"], data, out, replace(quick, seed=seed))

    assert same(outs[0], outs[1])
    assert not same(outs[0], outs[2])


@pytest.mark.parametrize("what", ["decoder", "lora"])
@pytest.mark.parametrize("stage", ["training", "validating"])
def test_a_stopped_run_goes_on_as_if_nothing_had_happened(
    models, data, quick, tmp_path, what, stage
):
    whole, parts = tmp_path / "whole.safetensors", tmp_path / "parts.safetensors"
    options = replace(quick, what=what)
    run(models["vit"], data, whole, options, validate_every=2)
    stopped = fine_tune(models["vit"], data, parts, options, device="cpu", validate_every=2)
    for progress in stopped:
        if progress.stage == stage and progress.step == 2:
            break
    stopped.close()
    resumed = run(models["vit"], data, parts, options, validate_every=2)

    assert min(p.step for p in resumed if p.stage == "training") == 3
    assert "went on from step 2" in resumed[-1].message
    assert same(whole, parts)
    assert sorted(path.name for path in tmp_path.iterdir()) == [parts.name, whole.name]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
@pytest.mark.parametrize("line", [2, 14, 17, 25])
def test_a_killed_run_goes_on_as_if_nothing_had_happened(models, data, quick, tmp_path, line):
    whole, parts = tmp_path / "whole.safetensors", tmp_path / "parts.safetensors"
    run(models["compact"], data, whole, replace(quick, steps=8), validate_every=2)
    command = [sys.executable, str(HERE / "killed_run.py"), str(models["compact"]), str(parts)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for _ in range(line):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    run(models["compact"], data, parts, replace(quick, steps=8), validate_every=2)

    assert process.returncode == -signal.SIGKILL
    assert same(whole, parts)
    assert sorted(path.name for path in tmp_path.iterdir()) == [parts.name, whole.name]


def test_it_stops_where_nothing_gets_better(models, data, quick, tmp_path):
    # So small a rate changes no answer.
    options = replace(quick, steps=50, learning_rate=1e-12, patience=2)
    progress = run(models["compact"], data, tmp_path / "a.safetensors", options, validate_every=1)

    assert progress[-1].step == 3
    assert "no better in the last 2 validations" in progress[-1].message
    assert "no better than it was" in progress[-1].message


def test_it_stops_when_the_time_is_over(models, data, quick, tmp_path):
    options = replace(quick, steps=1000, minutes=1e-6)
    progress = run(models["compact"], data, tmp_path / "a.safetensors", options)

    assert progress[-1].step < 1000
    assert "stopped after 1e-06 minutes" in progress[-1].message
    # What it came to by then was judged.
    assert "from step" in progress[-1].message
    assert progress[-1].best_iou is not None
    assert (tmp_path / "a.safetensors").exists()


def test_without_validation_the_last_weights_are_kept(models, data, quick, tmp_path):
    data = LabelledData(data.sources[:1])
    progress = run(models["compact"], data, tmp_path / "a.safetensors", quick)

    assert progress[-1].best_iou is None
    assert "nothing was judged on" in progress[-1].message
    metrics = json.loads(told(tmp_path / "a.safetensors")["metrics"])
    assert (metrics["step"], metrics["after"]) == (4, None)


def test_without_validation_a_stopped_run_leaves_its_weights(models, data, quick, tmp_path):
    out = tmp_path / "a.safetensors"
    steps = fine_tune(models["compact"], data, out, quick, validation=LabelledData(), device="cpu")
    for progress in steps:
        if progress.step == 2 and progress.stage == "training":
            break
    steps.close()

    assert json.loads(told(out)["metrics"])["step"] == 2
    assert load_model(out, "cpu").info.architecture == "compact"


def test_validation_frames_can_be_given(models, data, quick, tmp_path):
    learned, judged = LabelledData(data.sources[:2]), LabelledData(data.sources[2:])
    out = tmp_path / "a.safetensors"
    run(models["compact"], learned, out, quick, validation=judged)

    stated = {name: json.loads(told(out)[name]) for name in ("data", "validation")}
    assert stated["data"]["names"] == ["discs/0", "discs/1"]
    assert stated["validation"]["names"] == ["discs/2", "discs/3"]


def test_too_few_objects_are_refused(models, quick, tmp_path):
    labels = np.zeros((64, 64), np.uint8)
    labels[20:40, 20:40] = 1
    data = from_arrays([("a", labels * 100, labels)])

    with pytest.raises(TuningError, match="1 labelled objects in 1 frames are too few"):
        run(models["compact"], data, tmp_path / "a.safetensors", quick)


def test_frames_without_objects_are_refused(models, quick, tmp_path):
    empty = np.zeros((64, 64), np.uint8)

    with pytest.raises(TuningError, match="0 labelled objects"):
        run(
            models["compact"], from_arrays([("a", empty, empty)]), tmp_path / "a.safetensors", quick
        )


def test_objects_of_a_pixel_are_refused(models, quick, tmp_path):
    labels = np.zeros((600, 600), np.uint16)
    labels[100:500:100, 100:500:100] = np.arange(1, 17).reshape(4, 4)
    data = from_arrays([("a", (labels > 0) * 100, labels)])

    with pytest.raises(TuningError, match="no object is large enough"):
        run(models["vit"], data, tmp_path / "a.safetensors", quick)


@pytest.mark.parametrize(
    ("name", "reason"), [("a.pt", "written as .safetensors"), ("no/a.safetensors", "no folder")]
)
def test_a_wrong_place_is_refused_at_once(models, data, quick, tmp_path, name, reason):
    with pytest.raises(TuningError, match=reason):
        fine_tune(models["compact"], data, tmp_path / name, quick)


def test_the_state_of_another_run_is_not_continued(models, data, quick, tmp_path):
    out = tmp_path / "a.safetensors"
    steps = fine_tune(models["compact"], data, out, quick, device="cpu")
    for progress in steps:
        if progress.step == 2 and progress.stage == "training":
            break
    steps.close()

    with pytest.raises(TuningError, match=r"another options; delete a\.state"):
        run(models["compact"], data, out, replace(quick, rank=3))
    with pytest.raises(TuningError, match="another data"):
        run(models["compact"], LabelledData(data.sources[:3]), out, quick)


def test_a_damaged_state_is_refused_by_name(models, data, quick, tmp_path):
    (tmp_path / "a.state").write_bytes(b"nothing that torch knows")

    with pytest.raises(TuningError, match=r"a\.state is not the state of a run"):
        run(models["compact"], data, tmp_path / "a.safetensors", quick)


@pytest.mark.skipif(sys.platform == "win32", reason="has no limits for files")
def test_a_full_disk_loses_nothing(models, data, quick, tmp_path):
    out, whole = tmp_path / "a.safetensors", tmp_path / "whole.safetensors"
    run(models["compact"], data, whole, quick, validate_every=2)
    steps = fine_tune(models["compact"], data, out, quick, device="cpu", validate_every=2)
    with full_disk(), pytest.raises(TuningError, match=r"can't write .*free some space"):
        list(steps)
    assert not list(tmp_path.glob("a*.part"))
    run(models["compact"], data, out, quick, validate_every=2)

    assert same(out, whole)


def test_a_fine_tuned_model_is_fine_tuned_further(models, data, quick, tmp_path):
    first, second = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
    run(models["vit"], data, first, quick)
    run(first, data, second, replace(quick, what="lora"))

    assert json.loads(told(second)["parent"])["name"] == "first.safetensors"


def test_what_is_on_disk_meanwhile_is_removed(models, data, quick, tmp_path, monkeypatch):
    monkeypatch.setattr("napari_cutout.train.tuning.run.MEMORY", 0)
    out, in_memory = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    steps = fine_tune(models["compact"], data, out, quick, device="cpu")
    while next(steps).stage != "training":
        pass
    assert list((tmp_path / "a.examples").iterdir())
    list(steps)
    monkeypatch.undo()
    run(models["compact"], data, in_memory, quick)

    assert not (tmp_path / "a.examples").exists()
    assert same(out, in_memory)
