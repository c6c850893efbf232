"""Classes proposed for the objects of a session: with the model in the package, and accepted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from napari.components import ViewerModel

from napari_cutout import Segmenter, Session
from napari_cutout.annotate.replay import replay, sections
from napari_cutout.layers import SessionError, TargetError, ViewError
from napari_cutout.layers.classes import Classes
from napari_cutout.segment.classes import ClassError
from two_kinds import KINDS, two_kinds

IMAGE, LABELS = two_kinds()
NAMED = {
    kind: [k + 1 for k, one in enumerate(KINDS) if one == kind][:4] for kind in ("disc", "bar")
}
GIVEN = {number for numbers in NAMED.values() for number in numbers}
TRUTH = {number: kind for number, kind in enumerate(KINDS, 1) if number not in GIVEN}
NAME, CONFIDENCE = "proposed class", "class confidence"


class Later:
    """A runner that runs a job when it is told to."""

    def __init__(self):
        self.jobs = []

    def __call__(self, job):
        self.jobs.append(job)

    def run(self, most=10_000):
        job = self.jobs.pop()
        for _, step in zip(range(most), job.steps(), strict=False):
            job.take(step)
        job.end(None)


@pytest.fixture(scope="module")
def segmenter():
    return Segmenter("compact")


@pytest.fixture
def opened(segmenter):
    """Open a session on an image and labels, the objects of which were found."""
    sessions = []

    def begin(image=IMAGE, labels=LABELS, named=NAMED):
        viewer = ViewerModel()
        layer = viewer.add_image(image)
        session = Session(viewer, layer, segmenter, viewer.add_labels(labels.copy()))
        sessions.append(session)
        for kind, numbers in named.items():
            session.set_class(numbers, kind)
        return session

    yield begin
    for session in sessions:
        session.close()


def feature(session, column):
    table = session.labels.features
    known = zip(table["index"], table[column], strict=True)
    return {number: None if pd.isna(value) else value for number, value in known}


def test_classes_are_proposed_for_the_rest(opened):
    session = opened()
    classes = Classes(session)
    classes.propose()
    found = {number: one.name for number, one in classes.proposals.items()}
    assert found.keys() == TRUTH.keys()
    assert sum(found[number] == TRUTH[number] for number in TRUTH) >= 0.85 * len(TRUTH)
    surest = [one.confidence for one in classes.proposals.values()]
    assert surest == sorted(surest, reverse=True)
    assert classes.learned.counts == {"bar": 4, "disc": 4}
    assert "4 bar, 4 disc" in classes.status


def test_proposals_are_kept_apart_from_classes(opened):
    session = opened()
    classes = Classes(session)
    classes.propose()
    assert session.objects.classes.keys() == GIVEN
    names, sure = feature(session, NAME), feature(session, CONFIDENCE)
    for number, one in classes.proposals.items():
        assert (names[number], sure[number]) == (one.name, round(one.confidence, 3))
    for number in GIVEN:
        assert (names[number], sure[number]) == (None, None)


def test_accepting_is_one_undo_step(opened):
    session = opened()
    classes = Classes(session)
    classes.propose()
    before = classes.proposals
    assert set(classes.accept()) == TRUTH.keys()
    assert {n: session.objects.class_of(n) for n in before} == {
        number: one.name for number, one in before.items()
    }
    assert classes.proposals == {}
    assert not any(feature(session, NAME).values())
    session.undo()
    assert session.objects.classes.keys() == GIVEN
    assert classes.proposals == before
    assert feature(session, NAME)[next(iter(before))] == next(iter(before.values())).name
    session.redo()
    assert len(session.objects.classes) == len(KINDS)


def test_accepting_is_logged_as_classes(opened):
    session = opened()
    classes = Classes(session)
    classes.propose()
    classes.accept()
    assert session.log[-1].text == "Classes"
    assert len(session.log[-1].classes) == len(TRUTH)
    section = sections(session.log)[-1]
    assert replay(section, start=LABELS.copy()).classes == dict(session.objects.classes)


def test_one_or_the_sure_ones_are_accepted(opened):
    session = opened()
    classes = Classes(session)
    classes.propose()
    surest, *_, least_sure = classes.proposals
    assert classes.accept(least_sure) == (least_sure,)
    assert least_sure not in classes.proposals
    bound = classes.proposals[surest].confidence
    sure = classes.above(bound)
    assert set(classes.accept(above=bound)) == set(sure)
    assert len(classes.proposals) == len(TRUTH) - 1 - len(sure)


def test_what_is_not_proposed_is_not_accepted(opened):
    session = opened()
    classes = Classes(session)
    with pytest.raises(SessionError, match="give classes to some"):
        classes.accept()
    classes.propose()
    with pytest.raises(SessionError, match=f"object {NAMED['disc'][0]}"):
        classes.accept(NAMED["disc"][0])
    with pytest.raises(SessionError, match="ask for less"):
        classes.accept(above=1.01)


def test_a_class_given_meanwhile_takes_the_proposal_away(opened):
    session = opened()
    classes = Classes(session)
    classes.propose()
    number = next(iter(classes.proposals))
    session.set_class(number, "other")
    assert number not in classes.proposals
    assert not feature(session, NAME)[number]
    session.delete(next(iter(classes.proposals)))
    assert len(classes.proposals) == len(TRUTH) - 2


def test_a_brush_stroke_leaves_a_proposal_to_be_seen(opened):
    session = opened()
    classes = Classes(session)
    classes.propose()
    number, one = next(iter(classes.proposals.items()))
    session.labels.data_setitem(tuple(np.argwhere(session.labels.data == number)[:3].T), 0)
    session.update()
    assert feature(session, NAME)[number] == one.name


def test_proposals_are_dismissed(opened):
    session = opened()
    classes = Classes(session)
    classes.propose()
    number = next(iter(classes.proposals))
    classes.dismiss(number)
    assert len(classes.proposals) == len(TRUTH) - 1
    classes.dismiss()
    assert classes.proposals == {}
    assert not any(feature(session, NAME).values())
    classes.propose()
    assert number in classes.proposals


@pytest.mark.parametrize(
    ("named", "said"),
    [({}, "there is none"), ({"disc": [1, 5, 6]}, "only 'disc'"),
     ({"disc": [1, 5, 6], "bar": [2]}, "'bar' has 1 example")],
)  # fmt: skip
def test_too_few_examples_are_refused_before_anything_is_encoded(opened, named, said):
    classes = Classes(opened(named=named))
    with pytest.raises(ClassError, match=said):
        classes.propose()
    assert not classes.is_running
    assert said in classes.status


def test_without_labels_there_is_nothing_to_learn_from(segmenter):
    viewer = ViewerModel()
    session = Session(viewer, viewer.add_image(IMAGE), segmenter)
    with pytest.raises(TargetError, match="no objects yet"):
        Classes(session).propose()
    session.close()


def test_where_all_have_a_class_nothing_is_proposed(opened):
    session = opened(named={kind: [n for n, one in enumerate(KINDS, 1) if one == kind]
                            for kind in ("disc", "bar")})  # fmt: skip
    classes = Classes(session)
    classes.propose()
    assert classes.proposals == {}
    assert "All objects have a class" in classes.status


def stack():
    """Discs and bars in frame 0, and the upper half of them, moved, in frame 2."""
    image, labels = np.stack([IMAGE] * 3), np.zeros((3, *LABELS.shape), np.int32)
    labels[0] = LABELS
    labels[2, :72] = np.where(LABELS[:72] > 0, LABELS[:72] + 100, 0)
    image[1] = 0
    return image, labels


def test_examples_of_one_frame_teach_others(opened):
    session = opened(*stack())
    session.viewer.dims.set_point(0, 2)
    classes = Classes(session)
    classes.propose("shown")
    above = list(range(101, 111))
    assert sorted(classes.proposals) == above
    right = [classes.proposals[n].name == KINDS[n - 101] for n in above]
    assert np.mean(right) > 0.85
    classes.propose("all")
    assert sorted(classes.proposals) == [*sorted(TRUTH), *above]


def test_an_object_of_many_frames_has_one_proposal(opened):
    image, labels = np.stack([IMAGE] * 2), np.stack([LABELS] * 2)
    labels[1, :, ::2] = 0
    session = opened(image, labels)
    classes = Classes(session)
    classes.propose()
    assert sorted(classes.proposals) == sorted(TRUTH)


def test_frames_along_other_axes_are_refused(opened):
    session = opened(*stack())
    session.viewer.dims.order = (1, 0, 2)
    with pytest.raises(ViewError, match="last two axes"):
        Classes(session).propose()


def test_an_unknown_place_is_refused(opened):
    with pytest.raises(ValueError, match="nowhere"):
        Classes(opened()).propose("nowhere")


def test_labels_larger_than_the_image_are_read_where_they_lie(opened):
    wide = np.pad(LABELS, ((4, 4), (7, 7)))
    session = opened(labels=LABELS)
    layer = session.viewer.add_labels(wide, translate=(-4, -7))
    session.labels = layer
    for kind, numbers in NAMED.items():
        session.set_class(numbers, kind)
    classes = Classes(session)
    classes.propose()
    found = {number: one.name for number, one in classes.proposals.items()}
    assert sum(found[number] == TRUTH[number] for number in TRUTH) >= 0.85 * len(TRUTH)


def test_other_labels_have_no_proposals(opened):
    session = opened()
    classes = Classes(session)
    classes.propose()
    session.labels = session.viewer.add_labels(LABELS.copy())
    assert classes.proposals == {}


def test_cancelling_proposes_nothing(opened):
    session, later = opened(), Later()
    classes = Classes(session, later)
    classes.propose()
    assert classes.is_running
    classes.cancel()
    later.run()
    assert not classes.is_running
    assert classes.proposals == {}
    assert classes.status == "Cancelled; nothing is proposed."


def test_asking_again_forgets_what_was_asked_before(opened):
    session, later = opened(), Later()
    classes = Classes(session, later)
    classes.propose()
    first = later.jobs.pop()
    classes.propose()
    assert list(first.steps()) == []
    later.run()
    assert len(classes.proposals) == len(TRUTH)
    assert classes.progress == (len(KINDS), len(KINDS))


def test_what_is_closed_says_so_and_leaves_no_trace(opened):
    session = opened()
    classes = Classes(session)
    classes.propose()
    classes.close()
    assert not any(feature(session, NAME).values())
    with pytest.raises(SessionError, match="closed"):
        classes.propose()


def test_it_closes_with_its_session(opened):
    session = opened()
    classes = Classes(session)
    session.close()
    assert classes.is_closed
