"""A person's effort played through, by hand."""

import numpy as np
import pytest

from flat_family import flat_segmenter, painted
from napari_cutout.evaluate.corrections import CorrectableFrame, correctable
from napari_cutout.evaluate.effort import (
    every_object,
    frames_curve,
    least_sure_first,
    least_sure_frames_first,
    review_curve,
)
from napari_cutout.formats.labelled import LabelledFrame
from napari_cutout.segment.automatic.instances.options import InstanceOptions

PERFECT = np.eye(3)


def frame(name="a", doubts=(0.1, 0.8, 0.9)):
    """Three labelled: one found, one found badly, one missed; and one that is nothing."""
    ious = np.array([[1.0, 0.0, 0.0], [0.0, 0.6, 0.0], [0.0, 0.0, 0.05]])
    return CorrectableFrame(
        name, ious, PERFECT, np.array([1, 3, 2]), np.array(doubts), np.array([0.9, 0.5, 0.4])
    )


def mean_ap(hits, found, labelled):
    """Of so many exact hits among as many found and labelled."""
    return hits / (found + labelled - hits)


def test_each_decision_costs_a_key_and_cutting_out_its_clicks():
    curve = review_curve([frame()], [(0, 0), (0, 1), (0, 2)])
    assert curve.clicks.tolist() == [0, 1, 1 + 1 + 3, 1 + 1 + 3 + 1]


def test_precision_follows_what_was_put_right():
    curve = review_curve([frame()], [(0, 1), (0, 2), (0, 0)])
    assert curve.precision[1:].tolist() == [
        pytest.approx(mean_ap(2, 3, 3)),
        pytest.approx(mean_ap(2, 2, 3)),
        pytest.approx(mean_ap(2, 2, 3)),
    ]


def test_the_second_of_two_for_one_object_is_thrown_away():
    twice = CorrectableFrame(
        "a",
        np.array([[0.6, 0.5]]),
        np.eye(1),
        np.array([2]),
        np.array([0.5, 0.5]),
        np.array([0.5, 0.5]),
    )
    curve = review_curve([twice], [(0, 0), (0, 1)])
    assert curve.clicks.tolist() == [0, 3, 4]
    assert curve.precision[-1] == 1.0


def test_what_can_only_be_cut_out_badly_is_cut_out_once():
    bad = CorrectableFrame(
        "a", np.array([[0.3]]), np.array([[0.7]]), np.array([8]), np.array([1.0]), np.array([0.2])
    )
    assert frames_curve([bad], [0]).clicks.tolist() == [0, 9]


def test_whole_frames_get_what_was_missed_and_what_is_right_costs_nothing():
    curve = frames_curve([frame()], [0])
    # A key and three clicks for the bad one, a key for the one that is nothing, two for the missed.
    assert curve.clicks.tolist() == [0, 4 + 1 + 2]
    assert curve.precision[-1] == 1.0


def test_orders():
    frames = [frame(), frame("b", (0.95, 0.3, 0.2))]
    assert len(every_object(frames)) == 6
    assert least_sure_first(frames)[:3] == [(1, 0), (0, 2), (0, 1)]
    assert least_sure_frames_first(frames) == [0, 1]


def test_least_sure_first_takes_fewer_clicks_where_doubt_is_right():
    frames = [frame(), frame("b")]
    ranked = review_curve(frames, least_sure_first(frames))
    worst = review_curve(frames, least_sure_first(frames)[::-1])
    half = (ranked.precision[0] + ranked.precision[-1]) / 2
    assert ranked.effort_for(half) < worst.effort_for(half)
    assert ranked.clicks[-1] == worst.clicks[-1]


def test_a_curve_is_read_both_ways():
    curve = review_curve([frame()], [(0, 0), (0, 1), (0, 2)])
    assert curve.at(0) == curve.precision[0]
    assert curve.at(100) == curve.precision[-1]
    assert curve.effort_for(2.0) == float("inf")


def test_frames_without_objects_or_finds_are_played_through():
    empty = CorrectableFrame(
        "a", np.zeros((0, 0)), np.zeros((0, 0)), np.zeros(0, int), np.zeros(0), np.zeros(0)
    )
    assert frames_curve([empty], [0]).precision.tolist() == [1.0, 1.0]


def test_a_model_is_asked_what_each_object_takes():
    labels = np.zeros((40, 60), np.int32)
    labels[5:15, 5:15], labels[20:30, 30:50] = 1, 2
    shown = np.where(labels == 1, labels, 0)
    one = correctable(
        flat_segmenter(),
        LabelledFrame("a", painted(shown), labels),
        InstanceOptions(smoothing=0.0, zoom=1.0),
    )
    assert one.ious.tolist() == [[1.0], [0.0]]
    # The first takes a click; the second can't be seen, and takes all of them in vain.
    assert one.clicks.tolist() == [1, 8]
    assert one.cut_out.diagonal().tolist() == [1.0, 0.0]
    assert len(one.doubts) == len(one.scores) == 1
