"""Learning beside a session, without a window: what a script does, with the real model."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.io import imsave

from learning_discs import ByHand, disc_image, disc_labels
from napari_cutout import Segmenter
from napari_cutout.layers import SessionError
from napari_cutout.layers.learning.files import trained_models
from napari_cutout.layers.model import models


def is_judged(step):
    return getattr(step, "best_iou", None) is not None


def test_a_plan_says_what_is_going_to_be_done(begin):
    learning = begin()
    learning.plan()

    plan, gathered = learning.planned.plan, learning.planned.gathered
    assert plan.what == "decoder"
    assert plan.objects + gathered.split.validation.sources[0].objects == 24
    assert [found.text for found in gathered.found] == ["24 objects in 1 frame"]
    assert learning.is_current
    assert learning.problem == ""


def test_trained_saved_judged_and_used(begin, tmp_path):
    """One session from the first plan to a prompt that the new model answers, and back."""
    learning = begin()
    session, out = learning.session, tmp_path / "mine.safetensors"
    said = []
    learning.events.status.connect(lambda _event: said.append(learning.status))

    learning.train(out)

    course, outcome = learning.course, learning.outcome
    assert [step for step, _ in course.losses] == [1, 2]
    assert [step for step, _ in course.ious] == [0, 1, 2]
    assert course.samples
    assert course.stage == "done"
    assert (outcome.path, outcome.parent, outcome.was_stopped) == (out, "compact", False)
    assert outcome.before == course.before
    assert outcome.after == max(iou for step, iou in course.ious if step)
    assert said[-1] == f"Trained. Saved as {out}."
    assert trained_models() == [out]
    assert not out.with_suffix(".state").exists()

    assert session.model == "compact"
    learning.use()
    assert session.model == out
    assert learning.is_used
    session.add_point((8, 8))
    session.update()
    assert session.segmenter.fingerprint == Segmenter(out).fingerprint
    number = session.commit()
    assert session.objects.records_of(number)[-1].model == "mine.safetensors"
    learning.go_back()
    assert session.model == "compact"
    assert not learning.can_go_back


def test_twice_from_the_same_and_on_from_the_trained(begin):
    """Each has a file of its own, and knows what it began with."""
    learning = begin(steps=1)
    learning.train()
    first = learning.outcome
    learning.train()
    again = learning.outcome
    learning.start = "trained"
    assert learning.parent == again.path
    learning.train()
    third = learning.outcome

    assert first.path != again.path
    assert Segmenter(first.path).fingerprint == Segmenter(again.path).fingerprint
    assert (again.parent, third.parent) == ("compact", again.path.name)
    assert [one.path.name for one in (first, again, third)] == [
        f"discs-compact-{number}.safetensors" for number in (1, 2, 3)
    ]
    assert trained_models() == [third.path, again.path, first.path]


def test_no_file_is_written_over_unasked(begin, tmp_path):
    learning, out = begin(steps=1), tmp_path / "mine.safetensors"
    out.write_bytes(b"precious")

    with pytest.raises(SessionError, match="is there already; give another name"):
        learning.train(out)
    with pytest.raises(SessionError, match="is there already"):
        learning.save_as(out)
    assert out.read_bytes() == b"precious"

    learning.train(out, replace=True)
    assert learning.outcome.path == out
    assert out.stat().st_size > 1000
    assert learning.out != out


def test_other_files_are_no_models(begin, tmp_path):
    with pytest.raises(SessionError, match=r"saved as .safetensors"):
        begin().save_as(tmp_path / "mine.pt")


def test_from_other_layers_and_folders_alone(begin, tmp_path):
    """Those of the session may be left out."""
    learning = begin(steps=1)
    viewer, labels = learning.session.viewer, disc_labels(48, 64)
    other = viewer.add_labels(labels, name="by hand")
    image = viewer.add_image(disc_image(labels), name="second")
    for part, pixels in (("images", disc_image(labels)), ("labels", labels.astype(np.uint8))):
        (tmp_path / "data" / part).mkdir(parents=True)
        imsave(tmp_path / "data" / part / "a.png", pixels, check_contrast=False)

    learning.add_layers(image, other)
    learning.add_folder(tmp_path / "data")
    learning.uses_session = False
    assert [example.name for example in learning.examples] == ["by hand on second", "data"]
    learning.plan()

    found = learning.planned.gathered.found
    assert [one.text for one in found] == ["12 objects in 1 frame", "1 file"]
    plan = learning.planned.plan
    assert (plan.frames, plan.validation_frames, plan.objects) == (1, 1, 12)
    learning.remove(learning.added[0])
    assert [example.name for example in learning.examples] == ["data"]


def test_examples_are_checked_when_they_are_added(begin, tmp_path):
    learning = begin()
    layers = learning.session.viewer.layers
    learning.add_layers(layers["discs"], layers["truth"])
    assert len(learning.examples) == 1

    with pytest.raises(SessionError, match="learned from already"):
        learning.add_layers(layers["discs"], layers["truth"])
    with pytest.raises(SessionError, match="isn't there"):
        learning.add_folder(tmp_path / "nowhere")
    removed = layers["truth"]
    layers.remove(removed)
    with pytest.raises(SessionError, match="isn't in the viewer"):
        learning.add_layers(layers["discs"], removed)
    assert learning.added == ()


def test_a_layer_that_is_removed_is_an_example_no_more(begin):
    learning = begin()
    viewer = learning.session.viewer
    other = viewer.add_labels(disc_labels(), name="by hand")
    learning.add_layers(viewer.layers["discs"], other)
    learning.plan()
    viewer.layers.remove(other)

    assert learning.added == ()
    assert not learning.is_current


def test_a_plan_is_old_when_something_was_committed_or_chosen(begin):
    learning = begin()
    learning.plan()
    learning.session.delete([1])
    assert not learning.is_current
    learning.plan()
    assert learning.planned.gathered.found[0].objects == 23
    learning.set_options(steps=1)
    assert not learning.is_current
    learning.plan()
    learning.session.model = "vit_b"
    assert not learning.is_current


def test_nothing_to_learn_from(begin):
    learning = begin(has_labels=False)

    with pytest.raises(SessionError, match="nothing to learn from yet: commit some objects"):
        learning.plan()
    assert "nothing to learn from" in learning.problem
    with pytest.raises(SessionError, match="nothing to learn from"):
        learning.train()
    assert not learning.is_running
    assert learning.outcome is None


def test_too_few_objects(begin):
    labels = disc_labels()
    labels[labels > 3] = 0
    learning = begin(labels)

    with pytest.raises(ValueError, match="too few to learn from"):
        learning.plan()
    assert "too few" in learning.problem
    with pytest.raises(ValueError, match="too few to learn from"):
        learning.train()
    assert "too few" in learning.status
    assert learning.outcome is None
    assert trained_models() == []


def test_without_anything_to_judge_on(begin):
    """It learns all the same, and says that nobody knows."""
    labels = disc_labels()
    labels[labels > 6] = 0
    learning = begin(labels, steps=1)
    learning.train()

    outcome = learning.outcome
    assert learning.course.ious == []
    assert (outcome.before, outcome.after, outcome.is_better) == (None, None, None)
    assert "nobody knows" in outcome.text
    assert outcome.path.is_file()


def test_a_model_in_memory_cannot_be_begun_with(begin):
    from exact_family import exact_segmenter

    learning = begin()
    learning.session.model = exact_segmenter()

    with pytest.raises(ValueError, match="exact"):
        learning.plan()


def test_a_segmenter_stands_for_its_name(begin):
    learning = begin()
    learning.session.model = Segmenter("compact")

    assert learning.parent == "compact"


def test_a_session_is_needed(begin):
    from napari_cutout.layers.learning import Learning

    learning = Learning()
    for call in (learning.plan, learning.train, learning.use):
        with pytest.raises(SessionError, match="open one first"):
            call()
    learning.close()
    with pytest.raises(SessionError, match="this is closed"):
        learning.plan()


def test_what_is_used_has_to_be_there(begin):
    learning = begin(steps=1)
    with pytest.raises(SessionError, match="nothing was trained yet"):
        learning.use()
    learning.train()
    learning.outcome.path.unlink()
    with pytest.raises(SessionError, match="isn't there any more"):
        learning.use()
    assert learning.session.model == "compact"


def test_stopped_at_the_best_and_gone_on_with(begin):
    """What was learned until then is there; the rest is done when it goes on."""
    run = ByHand()
    learning = begin(run=run, steps=3)
    learning.train()
    assert run.until(is_judged) is not None
    assert learning.is_running
    learning.stop()
    assert learning.is_stopping
    run.until()

    outcome = learning.outcome
    assert outcome.was_stopped
    assert outcome.path.is_file()
    assert outcome.after == learning.course.best[1]
    assert models.load(outcome.path).name == str(outcome.path)
    learning.start = "unfinished"
    assert learning.out == outcome.path
    learning.train()
    run.until()
    assert learning.course.losses[0][0] == 2
    assert learning.course.step == 3
    assert learning.outcome.path == outcome.path
    assert not learning.outcome.was_stopped
    assert not learning.can_start("unfinished")


def test_another_file_is_not_gone_on_with(begin, tmp_path):
    run = ByHand()
    learning = begin(run=run, steps=3)
    learning.train()
    run.until(is_judged)
    learning.stop()
    run.until()
    learning.start = "unfinished"
    learning.train(tmp_path / "other.safetensors")
    run.until()
    assert learning.course.losses[0][0] == 1
    assert learning.outcome.path == tmp_path / "other.safetensors"


def test_what_was_stopped_leaves_nothing_behind_when_another_begins(begin, own_home):
    run = ByHand()
    learning = begin(run=run, steps=3)
    learning.train()
    run.until(is_judged)
    learning.stop()
    run.until()
    assert learning.can_start("unfinished")
    learning.train()
    assert not learning.can_start("unfinished")
    run.until(is_judged)
    learning.stop()
    run.until()
    learning.close()

    left = sorted(path.suffix for path in (own_home / "trained").iterdir())
    assert left == [".safetensors", ".safetensors"]


@pytest.mark.parametrize("stage", ["looking", "encoding", "before it was judged"])
def test_stopped_before_anything_was_learned(begin, own_home, stage):
    run = ByHand()
    learning = begin(run=run)
    learning.train()
    is_enough = {
        "looking": lambda step: True,
        "encoding": lambda step: getattr(step, "stage", "") == "encoding",
        "before it was judged": lambda step: getattr(step, "loss", None) is not None,
    }[stage]
    run.until(is_enough)
    learning.stop()
    run.until()

    assert not learning.is_running
    assert learning.outcome is None
    assert "nothing was saved" in learning.status
    assert trained_models() == []


def test_one_at_a_time(begin):
    run = ByHand()
    learning = begin(run=run)
    learning.train()
    for call in (learning.train, learning.plan):
        with pytest.raises(SessionError, match="stop that first"):
            call()
    learning.stop()
    run.until()
    assert not learning.is_running
