"""The target of a session: ids that never meet, whoever wrote them, and layers that change."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pytest
import zarr
from napari.components import ViewerModel

from exact_family import exact_segmenter
from napari_cutout.layers import Session, TargetError

LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:50]
IN_LEFT, IN_RIGHT = (8, 10), (25, 40)
CORNER = np.s_[35:, 50:]


def start(labels=None, run=None):
    pixels = np.zeros((40, 60), np.uint8)
    pixels[LEFT] = pixels[RIGHT] = 255
    viewer = ViewerModel()
    layer = None if labels is None else viewer.add_labels(labels)
    return Session(viewer, viewer.add_image(pixels), exact_segmenter(), layer, run)


def commit(session, at=IN_LEFT):
    session.add_point(at)
    return session.commit()


class Later:
    """A runner that keeps the reading of ids until it is told, and runs all else at once."""

    def __init__(self):
        self.ids = []

    def __call__(self, job):
        if job.kind == "ids":
            self.ids.append(job)
        else:
            job.deliver(job.compute())


def with_two_and_57():
    labels = np.zeros((40, 60), np.int32)
    labels[35:, :5], labels[CORNER] = 2, 57
    return labels


def test_redo_in_an_earlier_target_takes_no_id_of_the_new_one():
    session = start()
    commit(session)
    first = session.labels
    session.undo()
    session.labels = second = session.viewer.add_labels(with_two_and_57())
    session.redo()
    assert list(first.features["index"]) == [1]
    assert "model" not in second.features
    assert commit(session, IN_RIGHT) == 58
    np.testing.assert_array_equal(second.data == 2, with_two_and_57() == 2)


def test_undo_in_an_earlier_target_frees_no_id_of_the_new_one():
    session = start()
    for at in (IN_LEFT, IN_RIGHT):
        commit(session, at)
    first = session.labels
    labels = np.zeros((40, 60), np.int32)
    labels[CORNER] = 2
    session.labels = session.viewer.add_labels(labels)
    session.undo()
    assert list(first.features["index"]) == [1]
    session.clear()
    assert commit(session) == 3


def set_by_others(layer):
    layer.data_setitem(tuple(np.mgrid[35:40, 50:60].reshape(2, -1)), 2)


def paint_several(layer):
    layer.data_setitem((np.array([35, 36]), np.array([50, 50])), [2, 1])


def assign(layer):
    layer.data[CORNER] = 2
    layer.refresh()


@pytest.mark.parametrize("write", [set_by_others, paint_several, assign])
def test_ids_that_others_write_are_not_given_again(write):
    session = start()
    commit(session)
    write(session.labels)
    assert commit(session, IN_RIGHT) == 3


@pytest.mark.parametrize("make", [zarr.array, lambda data: da.from_array(data, chunks=20)])
def test_ids_that_others_write_into_lazy_labels_are_seen_in_the_frame(make):
    session = start(make(np.zeros((40, 60), np.int32)))
    commit(session)
    session.labels.data[CORNER] = 2
    assert commit(session, IN_RIGHT) == 3


def test_existing_ids_are_read_by_the_runner_when_the_target_is_chosen():
    run = Later()
    session = start(with_two_and_57(), run)
    assert [job.kind for job in run.ids] == ["ids"]
    with pytest.raises(TargetError, match="still being read"):
        commit(session)
    job = run.ids.pop()
    job.deliver(job.compute())
    assert session.commit() == 58
    assert not run.ids


def test_ids_whose_reading_was_dropped_are_read_again():
    run = Later()
    session = start(with_two_and_57(), run)
    run.ids.pop().drop()
    with pytest.raises(TargetError, match="still being read"):
        commit(session)
    job = run.ids.pop()
    job.deliver(job.compute())
    assert session.commit() == 58


def test_what_is_painted_while_ids_are_read_counts():
    run = Later()
    session = start(np.zeros((40, 60), np.int32), run)
    job = run.ids.pop()
    read = job.compute()
    session.labels.data_setitem((np.array([35]), np.array([50])), 9)
    job.deliver(read)
    session.labels.data[35, 50] = 0
    assert commit(session) == 10


def test_a_pyramid_is_refused_with_what_to_do():
    levels = [np.zeros((40, 60), int), np.zeros((20, 30), int)]
    session = start()
    session.labels = session.viewer.add_labels(levels, multiscale=True)
    with pytest.raises(TargetError, match="New labels"):
        commit(session)
