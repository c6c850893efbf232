"""The columns that labels have of their objects, beside those of the person."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from napari.layers import Labels

from napari_cutout.annotate.objects import ObjectRow
from napari_cutout.layers.target.features import Features

OURS = ["index", "class", "area", "score", "model", "prompts"]


def layer(**features):
    return Labels(np.zeros((4, 4), int), features=features or None)


def row(number, **values):
    return replace(ObjectRow(number, "cell", 10 * number, 0.5, (), 2, "compact"), **values)


def found(number, **values):
    """An object that was in the labels already."""
    return ObjectRow(number, values.get("class_name", ""), 10 * number, None, (), 0)


def values(labels, name):
    return labels.features[name].tolist()


def test_a_row_for_every_object():
    labels = layer()
    Features(labels).write([row(3), row(7, score=0.12345)])
    assert list(labels.features) == OURS
    assert labels.features.to_dict("records")[1] == {
        "index": 7, "class": "cell", "area": 70, "score": 0.123, "model": "compact", "prompts": 2,
    }  # fmt: skip


def test_naparis_tooltip_tells_of_objects():
    labels = Labels(np.full((4, 4), 7))
    Features(labels).write([row(7)])
    assert "class: cell" in labels._get_tooltip_text((1, 1))


def test_an_edit_is_one_writing():
    labels, told = layer(), []
    features = Features(labels)
    labels.events.features.connect(lambda: told.append(features.is_writing))
    features.write([row(3), row(7)])
    features.write([row(3), row(7)])
    assert told == [True, True]
    same = [row(3), row(9)]
    features.write(same)
    features.write(same)
    assert len(told) == 3


def test_rows_follow_objects():
    labels = layer()
    features = Features(labels)
    features.write([row(3), row(7)])
    features.write([row(7, area=1), row(9)])
    assert (values(labels, "index"), values(labels, "area")) == ([7, 9], [1, 90])


def test_the_persons_columns_and_rows_are_kept():
    labels = layer(index=[7, 2], size=[1.5, 2.5], note=["a", "b"])
    features = Features(labels)
    features.write([row(3), row(7)])
    assert values(labels, "index") == [7, 2, 3]
    assert values(labels, "note")[:2] == ["a", "b"]
    assert values(labels, "size")[:2] == [1.5, 2.5]
    assert values(labels, "area") == [70, 0, 30]
    features.write([])
    assert values(labels, "index") == [7, 2]
    assert values(labels, "area") == [0, 0]
    assert values(labels, "size") == [1.5, 2.5]


def test_features_without_ids_count_rows_as_napari_does():
    labels = layer(size=[0.0, 1.5, 2.5])
    Features(labels).write([row(2)])
    assert values(labels, "index") == [0, 1, 2]
    assert values(labels, "size") == [0, 1.5, 2.5]
    assert values(labels, "area") == [0, 0, 20]


def test_a_column_of_the_persons_that_has_our_name_is_left_alone():
    labels = layer(index=[7], area=[0.25])
    features = Features(labels)
    features.write([row(7)])
    features.write([row(7, area=5)])
    assert values(labels, "area") == [0.25]
    assert values(labels, "area (objects)") == [5]


def test_the_persons_classes_are_ours():
    labels = layer(**{"index": [7, 9], "class": ["cell", None]})
    features = Features(labels)
    assert features.classes() == {7: "cell"}
    features.write([row(7, class_name="other")])
    assert values(labels, "class") == ["other", ""]


def test_what_an_earlier_session_wrote_stays_with_objects_that_were_there():
    labels = layer()
    Features(labels).write([row(3), row(7)])
    again = Features(labels)
    assert again.classes() == {3: "cell", 7: "cell"}
    again.write([found(3, class_name="cell"), row(8)])
    assert values(labels, "score") == [0.5, 0.5, 0.5]
    assert values(labels, "model")[0] == "compact"
    again.write([row(3, score=0.9), row(8)])
    again.write([found(3), row(8)])
    assert values(labels, "prompts")[0] == 0
    assert np.isnan(values(labels, "score")[0])


def test_measurements_are_added_and_emptied_when_the_object_changes():
    labels, third, seventh = layer(), row(3), row(7)
    features = Features(labels)
    features.write([third, seventh])
    features.add(
        {"id": np.array([7, 3]), "class": np.array(["", ""]), "diameter": np.array([1, 2])}
    )
    features.add({"id": np.array([3]), "review": np.array(["accepted"])}, until_changed=False)
    assert values(labels, "diameter") == [2, 1]
    features.write([row(3, area=5), seventh])
    assert [str(value) for value in values(labels, "diameter")] == ["nan", "1.0"]
    assert values(labels, "review")[0] == "accepted"
    features.write([seventh])
    assert (values(labels, "index"), values(labels, "diameter")) == ([7], [1])


def test_columns_of_the_same_name_are_replaced():
    labels = layer(index=[7], diameter=[9.0])
    features = Features(labels)
    features.add({"id": np.array([7, 8]), "diameter": np.array([1.0, 2.0])})
    assert values(labels, "diameter") == [1, 2]
    assert values(labels, "index") == [7, 8]


def test_columns_that_the_person_adds_later_are_kept():
    labels = layer()
    features = Features(labels)
    features.write([row(3)])
    labels.features = labels.features.assign(note=pd.Categorical(["a"]))
    features.write([row(3, area=1), row(4)])
    assert labels.features["note"].dtype == "category"
    assert values(labels, "note")[0] == "a"


@pytest.mark.parametrize("number", [-3, 2**40])
def test_any_ids(number):
    labels = layer()
    Features(labels).write([row(number)])
    assert values(labels, "index") == [number]


@pytest.mark.parametrize("index", [["a", "b"], [1.5, 2], [np.nan, 2], [None, 2]])
def test_features_of_something_else_are_left_alone(index):
    labels = layer(index=index, note=["x", "y"])
    before = labels.features
    features = Features(labels)
    features.write([row(2)])
    features.add({"id": np.array([2]), "diameter": np.array([1.0])})
    assert labels.features is before
    assert features.classes() == {}


def test_ids_beyond_what_features_hold_are_left_out():
    labels = layer()
    Features(labels).write([row(2), row(2**63 + 5)])
    assert values(labels, "index") == [2]
