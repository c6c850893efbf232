"""Models beside each other, as values, as tables and as a picture."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from napari_cutout.evaluate import Comparison, automatic, evaluate, robustness
from napari_cutout.evaluate.comparison_sheets import notes, sheets
from napari_cutout.evaluate.picture import picture
from napari_cutout.evaluate.picture.page import ANSWER, TRUTH, outlined
from napari_cutout.evaluate.picture.panels import calibration
from napari_cutout.evaluate.sheet import Sheet
from napari_cutout.evaluate.transformations import Untouched
from napari_cutout.formats.labelled import LabelledFrame
from napari_cutout.segment import InstanceOptions

SVG = "{http://www.w3.org/2000/svg}"


def frames(bright=200):
    labels = np.zeros((40, 50), np.uint16)
    labels[4:12, 6:14] = 1
    labels[20:25, 30:42] = 2
    shown = (labels > 0).astype(np.uint8) * np.uint8(bright)
    return [LabelledFrame(f"squares/{name}.png", shown, labels) for name in "ab"]


@pytest.fixture
def found(segmenter):
    """A perfect model beside one that is blind."""
    good = evaluate(segmenter, frames(), worst=2)
    blind = replace(evaluate(segmenter, frames(0), worst=2), model="blind")
    alone = automatic(segmenter, frames(), InstanceOptions(), mode="instances")
    robust = robustness(segmenter, frames(), (Untouched(),))
    return Comparison((good, blind), (alone,), (robust,), {"seed": 0})


def test_json_says_what_it_was_made_with(found):
    value = json.loads(json.dumps(found.to_json()))
    assert [one["model"] for one in value["models"]] == ["exact", "blind"]
    assert value["settings"] == {"seed": 0}
    assert {"python", "torch", "numpy", "napari-cutout"} <= set(value["versions"])
    assert len(value["models"][0]["objects"]) == 4


def test_gains_are_to_the_first_model(found):
    by, ends = found.gains()["blind"]["click_1"]
    assert (by, ends.low, ends.high) == (-1.0, -1.0, -1.0)
    assert found.gains()["blind"]["clicks_needed"][0] == 7


def test_models_of_other_images_are_not_subtracted(found):
    other = replace(found.prompted[1], objects=found.prompted[1].objects[:2])
    assert replace(found, prompted=(found.prompted[0], other)).gains() == {}


def test_tables_hold_all_models_folder_by_folder(found):
    prompted, alone, robust = sheets(found)
    rows = [row for section in prompted.sections for row in section]
    assert [row[:2] for row in rows] == [
        ("squares", "exact"),
        ("squares", "blind"),
        ("all", "exact"),
        ("all", "blind"),
    ]
    assert rows[2][4] == "1.000\n1.00 to 1.00"
    assert alone.sections[-1][0][1] == "exact, instances"
    assert robust.sections[0][0][:3] == ("untouched", "2", "4")


def test_notes_say_what_clicks_and_models_are_worth(found):
    said = notes(found)
    assert said[0] == "exact: The mean IoU doesn't fall from one click to the next."
    assert said[2].startswith("blind beside exact: +7.00 [+7.00, +7.00] clicks")


def test_a_sheet_is_the_same_in_a_terminal_and_in_markdown():
    sheet = Sheet("figures", ("of_a", "b"), ((("x|y", "1\n2"),),))
    console = Console(width=60, file=StringIO())
    console.print(sheet.rich())
    assert "x|y" in console.file.getvalue()
    assert sheet.markdown() == "| of\\_a | b |\n| :--- | ---: |\n| x\\|y | 1<br>2 |"


def test_a_sheet_refuses_rows_of_other_lengths():
    with pytest.raises(ValueError, match="1 cells, expected 2"):
        Sheet("figures", ("a", "b"), ((("x",),),))


def test_the_picture_holds_every_plot_and_the_worst_cases(found):
    root = ET.fromstring(picture(found))
    said = [text.text for text in root.iter(f"{SVG}text")]
    assert {"exact", "blind", "IoU against clicks", "Objects found without prompts"} <= set(said)
    assert len(list(root.iter(f"{SVG}image"))) == 4
    # A band for each model's clicks and for what one finds by itself.
    assert len(list(root.iter(f"{SVG}polygon"))) == 3


def test_names_with_signs_are_shown_as_they_are(found):
    odd = replace(found.prompted[0], model="<a & b>")
    root = ET.fromstring(picture(Comparison((odd,))))
    assert "<a & b>" in [text.text for text in root.iter(f"{SVG}text")]


def test_a_picture_of_nothing_is_a_picture():
    assert ET.fromstring(picture(Comparison())).tag == f"{SVG}svg"


def test_outlines_are_drawn_where_masks_end(found):
    case = found.prompted[1].worst[0]
    drawn = outlined(case)
    assert drawn.shape[0] == drawn.shape[1]
    assert (drawn == TRUTH).all(axis=2).any()
    # The blind model's answer is empty, and has no outline.
    assert not (drawn == ANSWER).all(axis=2).any()


def test_the_label_is_told_from_the_answer_without_colours(found):
    case = found.prompted[1].worst[0]
    same = outlined(replace(case, mask=np.zeros_like(case.truth)))
    solid = outlined(replace(case, mask=case.truth, truth=np.zeros_like(case.truth)))

    dotted = (same == TRUTH).all(axis=2).sum()
    assert 0.3 < dotted / (solid == ANSWER).all(axis=2).sum() < 0.7


def test_calibration_pairs_what_was_said_with_what_is(found):
    ((said, real),) = calibration(found.prompted[0])
    assert (said, real) == (pytest.approx(0.9), 1.0)
