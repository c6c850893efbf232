"""Peers through the same harness: packages of their shape, whose answers are known."""

import importlib.util

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_cutout.evaluate import PeerError, evaluate, found_by, open_peer
from napari_cutout.evaluate.judged import IOUS
from napari_cutout.evaluate.peers.label_objects import label_objects
from napari_cutout.formats.labelled import LabelledFrame
from napari_cutout.segment import Prompts
from napari_cutout.segment.automatic.results import label_image
from peer_packages import stand_in


@pytest.fixture
def packages(monkeypatch, tmp_path):
    stand_in(monkeypatch, tmp_path / "packages")


@pytest.fixture
def frame():
    labels = np.zeros((40, 50), np.uint16)
    labels[4:12, 6:14] = 1
    labels[20:25, 30:42] = 2
    return LabelledFrame("squares/a.png", (labels > 0).astype(np.uint8) * 255, labels)


@pytest.mark.usefixtures("packages")
def test_prompts_reach_micro_sam_where_they_were_put(frame):
    peer = open_peer("micro-sam:vit_t_lm")
    row = evaluate(peer.annotatable, [frame]).rows()[-1]
    answered = {name: row.figures[name] for name in IOUS if name != "ellipse"}
    assert answered == dict.fromkeys(answered, 1.0)
    assert row.figures["score_error"] == pytest.approx(0.2)


@pytest.mark.usefixtures("packages")
def test_answers_are_fed_back_to_micro_sam(frame):
    model = open_peer("micro-sam").annotatable
    embedding = model.encode(frame.frame)
    (first,) = model.predict(embedding, [Prompts(points=[[8, 10]])], multimask=True)
    again = Prompts(points=[[22, 36]], logits=first.feedback(0))
    (both,) = model.predict(embedding, [again], multimask=False)
    assert np.array_equal(both.masks[0], frame.labels > 0)


@pytest.mark.usefixtures("packages")
def test_clicks_add_up_in_micro_sam(frame):
    labels = np.where(frame.labels == 2, 1, frame.labels)
    peer = open_peer("micro-sam")
    both = LabelledFrame(frame.name, frame.frame, labels)
    figures = evaluate(peer.annotatable, [both]).rows()[-1].figures
    assert figures["click_1"] < 0.6
    assert figures["click_2"] == 1.0


@pytest.mark.usefixtures("packages")
@pytest.mark.parametrize(
    "name",
    ["micro-sam", "cellpose", "cellpose:cyto3", "stardist", "stardist:2D_versatile_he"],
)
def test_all_find_objects(name, frame):
    found = found_by(open_peer(name).finder, [frame], mode="by itself")
    assert found.rows()[-1].figures["ap75"] == 1.0
    assert found.model.startswith(name.split(":")[0])


@pytest.mark.usefixtures("packages")
@pytest.mark.parametrize("name", ["stardist", "stardist:2D_versatile_he", "cellpose"])
def test_colours_are_taken_by_all(name, frame):
    coloured = LabelledFrame(frame.name, np.stack([frame.frame] * 3, axis=2), frame.labels)
    found = found_by(open_peer(name).finder, [coloured], mode="by itself")
    assert found.rows()[-1].figures["ap75"] == 1.0


@pytest.mark.usefixtures("packages")
def test_those_that_take_no_prompts_say_so():
    assert open_peer("cellpose").annotatable is None
    assert open_peer("stardist").annotatable is None


@pytest.mark.usefixtures("packages")
def test_a_model_that_a_peer_does_not_have_is_refused():
    with pytest.raises(PeerError, match="no pretrained model 'whatever'"):
        open_peer("stardist:whatever")


def test_an_unknown_peer_is_refused():
    with pytest.raises(PeerError, match="there are micro-sam, cellpose, stardist"):
        open_peer("whatever")


@pytest.mark.skipif(importlib.util.find_spec("cellpose") is not None, reason="it is installed")
def test_a_peer_that_is_not_installed_says_how_to_get_it():
    with pytest.raises(PeerError, match="pip install cellpose, or leave --peer cellpose out"):
        open_peer("cellpose")


@given(hnp.arrays(np.int32, (6, 7), elements=st.integers(0, 4)))
def test_label_images_become_the_same_objects(labels):
    found = label_objects(labels)
    drawn = label_image(found)
    assert len(found) == len(np.unique(labels[labels > 0]))
    assert np.array_equal(drawn > 0, labels > 0)
    for one in found:
        row, col = one.origin
        place = slice(row, row + one.mask.size[0]), slice(col, col + one.mask.size[1])
        assert len(np.unique(labels[place][one.decode()])) == 1
