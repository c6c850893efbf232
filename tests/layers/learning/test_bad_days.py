"""Learning while things go wrong or go away: memory, disk, layers, images, the session."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from full_disk import full_disk
from learning_discs import ByHand, disc_image, disc_labels
from napari_cutout import Segmenter
from napari_cutout.layers import Session, SessionError
from napari_cutout.layers.learning.examples import Gathered
from napari_cutout.layers.learning.files import trained_models
from napari_cutout.layers.learning.layer_pair import LayerPair
from napari_cutout.layers.learning.piece import Piece


def is_judged(step):
    return getattr(step, "best_iou", None) is not None


def is_gathered(step):
    return isinstance(step, Gathered) or hasattr(step, "gathered")


def no_memory(*_):
    raise MemoryError


def test_too_little_memory_to_look(begin, monkeypatch):
    learning = begin()
    monkeypatch.setattr(LayerPair, "_pieces_of", no_memory)

    with pytest.raises(ValueError, match="there isn't memory enough for this; train the decoder"):
        learning.plan()
    assert "memory enough" in learning.problem


def test_too_little_memory_while_it_learns(begin, monkeypatch):
    """What was learned before is kept, and said to be."""
    learning = begin(steps=3)
    session, judged = learning.session, []

    def fill(_event):
        if is_judged(learning.course) or learning.course.best is not None:
            judged.append(1)
            monkeypatch.setattr("torch.optim.AdamW.step", no_memory)

    learning.events.progress.connect(fill)
    with pytest.raises(ValueError, match="memory"):
        learning.train()

    assert judged
    assert not learning.is_running
    assert "What it learned before is kept." in learning.status
    assert learning.outcome.was_stopped
    assert learning.outcome.path.is_file()
    learning.use()
    assert session.model == learning.outcome.path


def test_a_full_disk(begin, tmp_path):
    """Nothing is left of the file that didn't fit, and one may try again."""
    learning, out = begin(steps=1), tmp_path / "models" / "mine.safetensors"
    out.parent.mkdir()

    with full_disk(1 << 20), pytest.raises((ValueError, OSError), match=r"mine\.safetensors"):
        learning.train(out)

    assert "can't write" in learning.status
    assert not learning.is_running
    assert learning.outcome is None
    assert trained_models() == []
    assert not out.exists()
    assert not list(out.parent.glob("*.part"))
    learning.train(out)
    assert learning.outcome.path == out


def test_a_folder_that_goes_while_it_learns(begin, tmp_path):
    run = ByHand()
    learning, out = begin(run=run, steps=1), tmp_path / "models" / "mine.safetensors"
    out.parent.mkdir()
    learning.train(out)
    run.until(is_gathered)
    shutil.rmtree(out.parent)

    with pytest.raises((ValueError, OSError), match="models") as raised:
        run.until()
    run.fail_with(raised.value)

    assert not learning.is_running
    assert str(out.parent) in learning.status


def test_a_folder_without_labels(begin, tmp_path):
    learning = begin()
    (tmp_path / "empty").mkdir()
    learning.add_folder(tmp_path / "empty")

    with pytest.raises(ValueError, match="empty"):
        learning.plan()
    assert "empty" in learning.problem


def test_labels_that_do_not_lie_on_the_image(begin):
    learning = begin()
    viewer = learning.session.viewer
    shifted = viewer.add_labels(disc_labels(), name="shifted", translate=(0.5, 0))
    learning.add_layers(viewer.layers["discs"], shifted)

    with pytest.raises(ValueError, match="'shifted' aren't those of 'discs'"):
        learning.plan()


def test_painting_while_it_learns_changes_nothing(begin):
    """The labels are copied when they are looked through."""
    run = ByHand()
    learning = begin(run=run)
    labels = learning.session.labels
    before = np.array(labels.data)
    learning.train()
    gathered = run.until(is_gathered).gathered
    labels.data[:] = 0

    sources = (*gathered.split.train.sources, *gathered.split.validation.sources)
    seen = np.hstack([frame.labels for source in sources for frame in source.frames()])
    assert np.array_equal(seen, before)
    run.until()
    assert learning.outcome.path.is_file()


def test_the_labels_go_while_it_learns(begin):
    run = ByHand()
    learning = begin(run=run, steps=1)
    session = learning.session
    learning.train()
    run.until(is_gathered)
    session.viewer.layers.remove(session.labels)
    run.until()

    assert learning.outcome.path.is_file()
    assert learning.examples == ()


def test_the_image_goes_while_it_learns_and_another_is_opened(begin):
    """The session ends; the training doesn't, and its model is for the next one."""
    run = ByHand()
    learning = begin(run=run, steps=1)
    viewer, first = learning.session.viewer, learning.session
    learning.train()
    run.until(is_gathered)
    viewer.layers.remove(first.image)
    first.close()
    assert learning.session is None
    assert learning.is_running
    run.until()
    assert learning.outcome.path.is_file()
    with pytest.raises(SessionError, match="open one first"):
        learning.use()

    labels = disc_labels()
    session = Session(viewer, viewer.add_image(disc_image(labels), name="next"), "compact")
    learning.follow(session)
    learning.use()
    assert session.model == learning.outcome.path
    session.close()


def test_another_model_is_chosen_while_it_learns(begin):
    """It goes on with the one that it began with, and says which that was."""
    run = ByHand()
    learning = begin(run=run, steps=1)
    learning.train()
    run.until(is_gathered)
    learning.session.model = "vit_b"
    run.until()

    assert learning.outcome.parent == "compact"
    assert learning.session.model == "vit_b"
    learning.use()
    learning.go_back()
    assert learning.session.model == "vit_b"


def test_closed_while_it_learns(begin, own_home):
    """The best so far is in its file, and in the list; nothing is told of it any more."""
    run = ByHand()
    learning = begin(run=run, steps=3)
    session, said = learning.session, []
    learning.train()
    run.until(is_judged)
    learning.events.status.connect(lambda _event: said.append(1))
    learning.close()
    run.steps.close()

    (path,) = trained_models()
    assert Segmenter(path).name == str(path)
    assert said == []
    assert session.model == "compact"
    assert not session.is_closed


def test_gone_on_with_after_a_kill(begin, tmp_path):
    """The same call in another process: here another session, and the state that was left."""
    run, out = ByHand(), tmp_path / "mine.safetensors"
    first = begin(run=run, steps=3)
    first.train(out)
    run.until(is_judged)
    run.steps.close()
    assert out.with_suffix(".state").exists()

    second = begin(steps=3)
    second.train(out)

    assert [step for step, _ in second.course.losses] == [2, 3]
    assert not second.outcome.was_stopped


def test_neither_labels_nor_frames_without_objects_are_kept_twice(begin):
    """A stack of which few frames have objects takes next to no memory."""
    labels = np.zeros((200, 64, 96), np.int32)
    labels[17] = disc_labels()
    learning = begin(labels, image=np.zeros(labels.shape, np.uint8))
    learning.plan()

    split = learning.planned.gathered.split
    kept = [*split.train.sources, *split.validation.sources]
    assert all(isinstance(piece, Piece) for piece in kept)
    assert sum(len(piece.kept.packed) for piece in kept) < labels.nbytes / 1000
