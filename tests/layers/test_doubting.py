"""A review by doubt: the model is asked again, and what it is least sure of comes first."""

import numpy as np
import pytest

from napari_cutout.layers import TargetError
from napari_cutout.segment.automatic.objects import FoundObject
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.uncertainty import doubts
from napari_cutout.segment.windows import whole

LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:50]


@pytest.fixture
def labels(two_objects):
    """The left object as it is, and of the right one only a third."""
    labels = np.zeros(two_objects.shape, np.int32)
    labels[LEFT] = 1
    labels[20:30, 30:36] = 2
    return labels


@pytest.fixture
def session(start, labels):
    session = start()
    session.labels = session.viewer.add_labels(labels)
    return session


def test_what_the_model_would_cut_out_otherwise_comes_first(session):
    session.review_by("doubt")
    session.review_next()
    assert session.review.current == 2
    assert session.review.ids == (2, 1)


def test_the_values_are_those_of_the_library(session, labels):
    session.review_by("doubt")
    segmenter, shape = session.segmenter, labels.shape
    expected = {}
    for number in (1, 2):
        rows, cols = np.nonzero(labels == number)
        box = labels[rows.min() : rows.max() + 1, cols.min() : cols.max() + 1] == number
        origin = int(rows.min()), int(cols.min())
        one = FoundObject(Rle.encode(box), origin, 1.0, 1.0, whole(shape))
        embedding = segmenter.encode(session.image.data)
        (doubt,) = doubts(segmenter, embedding, [one])
        expected[number] = doubt.value
    assert session.review.doubts == pytest.approx(expected)


def test_scores_of_what_was_committed_count(start):
    session = start()
    session.add_point((25, 40))
    session.commit()
    session.review_by("doubt")
    (score,) = (record.score for record in session.objects)
    certain = 1 - (1 - session.review.doubts[1]) / score
    assert 0 <= certain < session.review.doubts[1]


def test_the_current_object_stays_when_doubts_come(session):
    session.review_next()
    before = session.review.current
    session.review_by("doubt")
    assert session.review.current == before


def test_frames_are_asked_about_when_they_are_shown(start, two_objects, labels):
    frames = np.stack([two_objects, two_objects])
    session = start(frames)
    session.labels = session.viewer.add_labels(np.stack([labels, np.where(labels == 2, 3, 0)]))
    session.viewer.dims.set_current_step(0, 0)
    session.review_by("doubt")
    assert set(session.review.doubts) == {1, 2}
    session.viewer.dims.set_current_step(0, 1)
    session.review_by("doubt")
    assert set(session.review.doubts) == {1, 2, 3}
    assert session.review.doubts[3] == session.review.doubts[2]


def test_without_labels_there_is_nothing_to_review(start):
    with pytest.raises(TargetError, match="no objects to review"):
        start().review_by("doubt")
