"""Going through a folder of SA-1B or COCO in a viewer without Qt: what is shown, kept and said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from napari.components import ViewerModel
from skimage.io import imsave

from annotated_images import SHAPE, annotated, full, two_rectangles
from exact_family import exact_segmenter
from napari_cutout.formats.objects.annotated import AnnotatedImage, AnnotatedObject
from napari_cutout.formats.objects.annotated_folder import open_annotated_folder
from napari_cutout.formats.objects.coco_writing import write_coco
from napari_cutout.formats.objects.sa1b import write_sa1b
from napari_cutout.layers import Session, SessionError
from napari_cutout.layers.files.browsing import Browser
from napari_cutout.segment.rle import Rle

PIXELS = np.random.default_rng(0).integers(0, 255, SHAPE).astype(np.uint8)


class Later:
    """A runner that computes nothing until it is told to."""

    def __init__(self):
        self.tasks = []

    def __call__(self, compute, deliver, fail):
        self.tasks.append((compute, deliver, fail))

    def finish(self):
        while self.tasks:
            compute, deliver, _ = self.tasks.pop(0)
            deliver(compute())


@pytest.fixture
def folder(tmp_path):
    """Three files of SA-1B, beside their images."""
    for number in (1, 2, 10):
        image = replace(two_rectangles(score=0.5), file_name=f"{number}.png", id=number)
        write_sa1b(tmp_path / f"{number}.json", image)
        imsave(tmp_path / f"{number}.png", np.roll(PIXELS, number), check_contrast=False)
    return tmp_path


@pytest.fixture
def browse():
    """Begin to browse; what was begun is closed in the end."""
    begun = []

    def begin(path, run=None, *, viewer=None, **options):
        browser = Browser(viewer or ViewerModel(), open_annotated_folder(path), run, **options)
        browser.resume()
        begun.append(browser)
        return browser

    yield begin
    for browser in begun:
        browser.close()


def names(browser):
    return [layer.name for layer in browser.viewer.layers]


def drawn(image):
    labels = np.zeros(SHAPE, int)
    for one in sorted(image.objects, key=lambda one: -one.area):
        labels[full(one)] = one.id
    return labels


def test_the_first_image_is_shown_with_its_objects_and_their_features(folder, browse):
    browser = browse(folder)

    assert names(browser) == ["1", "1 objects"]
    image, labels = browser.layers
    np.testing.assert_array_equal(image.data, np.roll(PIXELS, 1))
    np.testing.assert_array_equal(labels.data, drawn(two_rectangles()))
    assert labels.features["score"].tolist() == [0.5, 0.5]
    assert browser.text == "1 of 3, 2 objects"
    assert browser.status == "This is 1.json."
    assert [one.area for one in browser.opened.annotated.objects] == [12, 20]


def test_next_and_previous_replace_the_layers_in_natural_order(folder, browse):
    browser = browse(folder)
    mine = browser.viewer.add_points([[1, 2]], name="mine")
    shown = []
    for way in (browser.next, browser.next, browser.previous):
        assert way()
        shown.append(names(browser))

    assert shown == [["mine", f"{k}", f"{k} objects"] for k in (2, 10, 2)]
    assert mine in browser.viewer.layers


def test_at_the_end_it_stays_and_says_so(folder, browse):
    browser = browse(folder)

    assert not browser.previous()
    assert browser.status == "There is no further image this way."
    assert browser.go_to(2)
    assert not browser.next()
    assert names(browser) == ["10", "10 objects"]


def test_a_place_that_is_not_there_is_refused(folder, browse):
    browser = browse(folder)

    with pytest.raises(SessionError, match="no image at place 3; give 0 to 2"):
        browser.go_to(3)
    browser.close()
    with pytest.raises(SessionError, match="is closed"):
        browser.next()


def test_coco_is_gone_through_image_by_image_with_classes(tmp_path, browse):
    images = [replace(two_rectangles(class_name="cell"), file_name=f"{k}.png") for k in "ab"]
    write_coco(tmp_path / "instances.json", images)
    imsave(tmp_path / "b.png", PIXELS, check_contrast=False)
    browser = browse(tmp_path / "instances.json")

    assert names(browser) == ["a objects"]
    browser.next()
    assert names(browser) == ["b", "b objects"]
    assert browser.labels.features["class"].tolist() == ["cell", "cell"]


def test_frames_of_a_stack_are_shown_one_by_one(tmp_path, browse):
    frames = [replace(two_rectangles(), file_name="a.npy", frame=(t,)) for t in (0, 2)]
    write_coco(tmp_path / "a.json", frames)
    stack = np.stack([PIXELS + t for t in range(4)])
    np.save(tmp_path / "a.npy", stack)
    browser = browse(tmp_path)
    browser.next()

    assert names(browser) == ["a [2]", "a objects [2]"]
    image, labels = browser.layers
    np.testing.assert_array_equal(image.data, stack[2])
    np.testing.assert_array_equal(labels.data, drawn(two_rectangles()))


def test_images_of_one_name_have_it_one_after_the_other(tmp_path, browse):
    for folder in "ab":
        (tmp_path / folder).mkdir()
        imsave(tmp_path / folder / "1.png", PIXELS, check_contrast=False)
    images = [replace(two_rectangles(), file_name=f"{folder}/1.png") for folder in "ab"]
    write_coco(tmp_path / "all.json", images)
    browser = browse(tmp_path)
    browser.next()

    assert browser.layers[0].metadata["path"] == str(tmp_path / "b" / "1.png")
    assert names(browser) == ["1", "1 objects"]


def test_a_frame_that_the_stack_does_not_have_is_said(tmp_path, browse):
    write_coco(tmp_path / "a.json", [replace(two_rectangles(), file_name="a.npy", frame=(4,))])
    np.save(tmp_path / "a.npy", np.zeros((4, *SHAPE), np.uint8))
    browser = browse(tmp_path)

    assert names(browser) == []
    assert "and no frame [4]" in browser.problems[0]


# What can't be read


def test_broken_files_are_passed_over_and_said(folder, browse):
    for name in ("2.json", "10.json"):
        path = folder / name
        path.write_bytes(path.read_bytes()[:-20])
    write_sa1b(folder / "11.json", two_rectangles())
    browser = browse(folder)
    browser.next()

    assert browser.place == 3
    assert browser.status.startswith("2.json can't be read: ")
    assert "not whole JSON" in browser.status
    assert "Nor can 1 image after it." in browser.status
    assert set(browser.problems) == {1, 2}
    browser.previous()
    assert browser.place == 0


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0)])
def test_an_image_without_pixels_is_passed_over_and_said(folder, browse, shape):
    write_sa1b(folder / "2.json", AnnotatedImage("", shape))
    browser = browse(folder)

    assert browser.next()
    assert names(browser) == ["10", "10 objects"]
    assert f"{shape[0]} rows and {shape[1]} columns has no pixel" in browser.problems[1]


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1)])
def test_an_image_of_one_row_or_column_is_shown(tmp_path, browse, shape):
    pixel = AnnotatedObject(1, Rle.encode(np.ones((1, 1), bool)), (0, 0))
    write_sa1b(tmp_path / "a.json", AnnotatedImage("a.png", shape, (pixel,)))
    browser = browse(tmp_path)

    assert browser.labels.data.shape == shape
    assert browser.labels.data.sum() == 1


def test_a_broken_file_of_coco_is_said_before_it_is_its_turn(tmp_path, browse):
    write_coco(tmp_path / "a.json", [two_rectangles()])
    (tmp_path / "b.json").write_bytes((tmp_path / "a.json").read_bytes()[:-30])
    browser = browse(tmp_path)

    assert browser.place == 0
    assert list(browser.problems) == [1]
    assert "b.json is not whole JSON" in browser.problems[1]
    assert not browser.next()
    assert "b.json can't be read: " in browser.status
    assert browser.place == 0


def test_a_broken_file_that_is_chosen_leaves_what_is_shown(folder, browse):
    (folder / "2.json").write_text(
        (folder / "2.json").read_text().replace('"size":[9', '"size":[8')
    )
    browser = browse(folder)

    assert not browser.go_to(1)
    assert names(browser) == ["1", "1 objects"]
    assert "2.json can't be read" in browser.status
    assert browser.status.endswith("This is still 1.json.")


def test_a_file_that_was_mended_is_read_again(folder, browse):
    whole = (folder / "2.json").read_bytes()
    (folder / "2.json").write_bytes(whole[:-20])
    browser = browse(folder)
    browser.go_to(1)
    (folder / "2.json").write_bytes(whole)

    assert browser.go_to(1)
    assert browser.problems == {}


def test_without_its_image_the_objects_are_shown_and_that_is_said(folder, browse):
    (folder / "2.png").unlink()
    browser = browse(folder)
    browser.next()

    assert names(browser) == ["2 objects"]
    assert browser.status == (
        "This is 2.json. Its image, 2.png, isn't there; these are its objects alone."
    )


def test_an_image_that_cannot_be_read_is_said(folder, browse):
    (folder / "1.png").write_bytes(b"no picture")
    np.save(folder / "2.npy", np.array(["a"]))
    imsave(folder / "2.png", PIXELS[:4], check_contrast=False)
    browser = browse(folder)

    assert names(browser) == ["10", "10 objects"]
    assert "1.png: not a readable image" in browser.problems[0]
    assert "2.png has shape (4, 11)" in browser.problems[1]


# What a person changed


def test_edited_labels_stay_and_come_back_with_their_image(folder, browse):
    browser = browse(folder)
    edited = browser.labels
    edited.data_setitem((np.array([0]), np.array([0])), 9)
    browser.next()

    assert names(browser) == ["1 objects", "2", "2 objects"]
    assert not edited.visible
    assert browser.edited == [0]
    assert "'1 objects' was edited: it stays, hidden" in browser.status
    browser.previous()
    assert names(browser) == ["1", "1 objects"]
    assert browser.labels is edited
    assert edited.visible
    assert edited.data[0, 0] == 9
    assert browser.status == "This is 1.json, with the labels as they were edited."
    browser.next()
    assert edited in browser.viewer.layers


def test_edited_labels_that_the_person_removed_are_read_again(folder, browse):
    browser = browse(folder)
    browser.labels.data_setitem((np.array([0]), np.array([0])), 9)
    browser.next()
    browser.viewer.layers.remove("1 objects")
    assert browser.edited == []
    browser.previous()

    np.testing.assert_array_equal(browser.labels.data, drawn(two_rectangles()))


def test_an_edit_that_was_undone_is_none(folder, browse):
    browser = browse(folder)
    browser.labels.data_setitem((np.array([0]), np.array([0])), 9)
    browser.labels.undo()
    browser.next()

    assert names(browser) == ["2", "2 objects"]


def test_pixels_that_a_script_wrote_are_an_edit(folder, browse):
    browser = browse(folder)
    browser.labels.data[0, 0] = 9
    browser.next()

    assert browser.edited == [0]


def test_a_class_that_was_given_is_an_edit(folder, browse):
    browser = browse(folder)
    table = browser.labels.features
    table.loc[0, "class"] = "cell"
    browser.labels.features = table
    browser.next()

    assert browser.edited == [0]


def test_a_layer_that_the_person_named_is_theirs(folder, browse):
    browser = browse(folder)
    for layer in browser.layers:
        layer.name = f"my {layer.name}"
    browser.next()

    assert names(browser) == ["my 1", "my 1 objects", "2", "2 objects"]


def test_how_labels_look_stays(folder, browse):
    browser = browse(folder)
    browser.labels.contour, browser.labels.opacity = 2, 0.3
    browser.layers[0].visible = False
    browser.next()

    assert (browser.labels.contour, browser.labels.opacity) == (2, 0.3)
    assert not browser.layers[0].visible


def test_what_a_session_did_and_undid_is_no_edit(folder, browse):
    """It counts areas again, of which labels show less where objects meet."""
    browser = browse(folder)
    session = Session(
        browser.viewer, browser.layers[0], exact_segmenter(), browser.labels, autosave=False
    )
    assert len(session.objects.rows()) == 2
    session.add_box((0, 8, 2, 10))
    session.commit()
    session.undo()
    assert browser.labels.features["area"].tolist() == [12, 19]
    browser.next()

    assert session.is_closed
    assert names(browser) == ["2", "2 objects"]


def test_what_a_session_committed_stays(folder, browse):
    browser = browse(folder)
    labels = browser.labels
    session = Session(browser.viewer, browser.layers[0], exact_segmenter(), labels, autosave=False)
    before = labels.data.copy()
    session.add_box((0, 8, 2, 10))
    session.commit()
    after = labels.data.copy()
    browser.next()

    assert (after != before).any()
    assert browser.edited == [0]
    np.testing.assert_array_equal(labels.data, after)


def test_nothing_is_replaced_when_that_is_refused(folder, browse):
    answers = [False, True]
    browser = browse(folder, may_leave=lambda: answers.pop(0))

    assert not browser.next()
    assert names(browser) == ["1", "1 objects"]
    assert browser.status == "This is still 1.json."
    assert browser.next()
    assert names(browser) == ["2", "2 objects"]


def test_closing_leaves_the_layers_or_takes_them_but_what_was_edited(folder, browse):
    first, second = browse(folder), browse(folder)
    second.labels.data_setitem((np.array([0]), np.array([0])), 9)
    first.close()
    second.close(keep_layers=False)

    assert names(first) == ["1", "1 objects"]
    assert names(second) == ["1 objects"]


# Which are gone through, and how many objects they have


def test_only_listed_images_are_gone_through(folder, browse):
    browser = browse(folder)
    browser.filter = "1 JSON"
    assert browser.listed == (0, 2)
    assert browser.text == "1 of 3, 2 listed, 2 objects"
    browser.next()
    assert browser.place == 2
    browser.filter = "2"
    assert (browser.place, browser.listed) == (2, (1,))
    assert not browser.next()
    assert browser.previous()
    assert browser.place == 1


def test_objects_are_counted_without_showing_their_image(folder, browse):
    write_sa1b(folder / "11.json", AnnotatedImage("11.png", SHAPE))
    (folder / "12.json").write_bytes((folder / "10.json").read_bytes())
    browser = browse(folder)
    assert browser.counts == {0: 2}
    (folder / "12.json").unlink()
    browser.count([1, 3, 4])

    assert browser.counts == {0: 2, 1: 2, 3: 0, 4: None}


def test_objects_of_coco_are_counted(tmp_path, browse):
    one = annotated(1, np.eye(3))
    images = [
        AnnotatedImage(f"{k}.png", SHAPE, (replace(one, id=k + 1),) * bool(k)) for k in range(3)
    ]
    write_coco(tmp_path / "a.json", images)
    browser = browse(tmp_path)
    browser.count(range(3))

    assert browser.counts == {0: 0, 1: 1, 2: 1}


# While it is read


def test_of_several_that_are_asked_for_the_last_is_shown(folder, browse):
    later = Later()
    browser = browse(folder, later)
    assert (browser.busy, names(browser)) == ("Opening 1.json", [])
    later.finish()
    shown = []
    browser.events.image.connect(lambda: shown.append(browser.place))
    browser.next()
    browser.next()
    assert browser.busy == "Opening 10.json"
    assert len(later.tasks) == 1
    later.finish()

    assert shown == [2]
    assert (browser.busy, names(browser)) == ("", ["10", "10 objects"])


def test_going_back_while_the_next_is_read_stays(folder, browse):
    later = Later()
    browser = browse(folder, later)
    later.finish()
    browser.next()
    browser.previous()
    assert browser.busy == ""
    later.finish()

    assert names(browser) == ["1", "1 objects"]
    assert browser.status == "This is still 1.json."
    browser.next()
    later.finish()
    assert browser.place == 1


def test_what_is_read_after_closing_is_not_shown(folder, browse):
    later = Later()
    browser = browse(folder, later)
    browser.close()
    later.finish()

    assert names(browser) == []


def test_a_bug_while_reading_is_reported_and_it_goes_on(folder, browse):
    later, said = Later(), []
    browser = browse(folder, later, report=said.append)
    _, _, fail = later.tasks.pop()
    fail(AssertionError("a bug"))
    assert [str(error) for error in said] == ["a bug"]
    browser.next()
    later.finish()

    assert browser.place == 0
