"""Finding everything from seeds."""

import dataclasses

import numpy as np
import pytest
from scipy import ndimage

from exact_family import ExactFamily
from flat_family import flat_segmenter, masks_of, painted
from napari_cutout.segment import Segmenter
from napari_cutout.segment.automatic.everything import find_everything
from napari_cutout.segment.automatic.instances.options import InstanceOptions
from napari_cutout.segment.automatic.objects import FoundObject
from napari_cutout.segment.automatic.seeds.options import SeedOptions
from napari_cutout.segment.automatic.seeds.sharing import shared_out
from napari_cutout.segment.automatic.windowed.tiles import Tiles
from napari_cutout.segment.errors import OptionError
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.windows import Window

FOUND = InstanceOptions(smoothing=0.0, zoom=1.0)
PLAIN = SeedOptions(instances=FOUND)


def _frame():
    frame = np.zeros((60, 80), bool)
    for row in range(3, 50, 12):
        for col in range(4, 70, 13):
            frame[row : row + 8, col : col + 9] = True
    return frame


class _PromptsOnly(ExactFamily):
    """The same without a dense head."""

    dense = None

    def __getattribute__(self, name):
        if name == "dense":
            raise AttributeError(name)
        return super().__getattribute__(name)


def _prompts_only(input_size=64):
    family = _PromptsOnly(input_size)
    segmenter = Segmenter.from_family(family, "prompts only")
    segmenter.family = family
    return segmenter


@pytest.mark.parametrize("prompt", ["point", "box", "point and box"])
def test_every_object_is_cut_out(prompt):
    frame = _frame()
    options = dataclasses.replace(PLAIN, prompt=prompt)
    found = flat_segmenter(128).everything(painted(frame), options)
    assert masks_of(found) == masks_of(flat_segmenter(128).everything(painted(frame), FOUND))


def test_as_many_decodes_as_objects():
    segmenter = flat_segmenter(128)
    found = segmenter.everything(painted(_frame()), PLAIN)
    assert len(segmenter.family.fed_back) == segmenter.family.calls["decode"]
    assert segmenter.family.calls["decode"] == -(-len(found) // segmenter.info.chunk)


def test_a_model_without_a_dense_head_cuts_out_what_another_finds():
    frame = _frame()
    segmenter, finder = _prompts_only(), flat_segmenter(128)
    assert not segmenter.can_dense
    found = segmenter.everything(painted(frame), dataclasses.replace(PLAIN, finder=finder))
    assert len(found) == ndimage.label(frame)[1]
    assert finder.family.calls["decode"] == 0
    assert segmenter.family.calls["decode"] > 0


def test_without_another_finder_compact_finds():
    rows, cols = np.indices((120, 120))
    frame = np.where(np.hypot(rows - 60, cols - 60) < 25, 200, 20).astype(np.uint8)
    (found,) = _prompts_only(128).everything(frame, SeedOptions())
    assert found.decode().sum() == np.count_nonzero(frame == 200)


def test_each_seed_is_asked_in_a_window_that_shows_it():
    frame = np.zeros((150, 150), bool)
    frame[60:90, 60:90] = frame[5:15, 5:15] = frame[130:148, 100:120] = True
    segmenter = flat_segmenter(64)
    found = segmenter.everything(painted(frame), PLAIN)
    assert {one.area for one in found} == {900, 100, 360}
    for one in found:
        assert one.window.holds(np.array(one.box, float))


def test_an_object_larger_than_a_window_is_asked_in_a_larger_one():
    frame = np.zeros((150, 150), bool)
    frame[20:130, 20:130] = True
    (found,) = flat_segmenter(64).everything(painted(frame), PLAIN)
    assert found.area == 110 * 110


def test_windows_of_a_large_frame_give_what_one_gives():
    frame = np.tile(_frame(), (3, 3))
    windowed = SeedOptions(instances=dataclasses.replace(FOUND, tiles=Tiles(96, 24)))
    found = flat_segmenter(64).everything(painted(frame), windowed)
    assert masks_of(found) == masks_of(flat_segmenter(256).everything(painted(frame), PLAIN))


def test_known_objects_are_left_alone():
    frame, known = _frame(), np.zeros(_frame().shape, np.int32)
    known[3:11, 4:13] = 7
    found = flat_segmenter(128).everything(painted(frame), PLAIN, known=known)
    assert len(found) == ndimage.label(frame)[1] - 1
    assert all(one.box != (3, 4, 10, 12) for one in found)


def test_known_objects_are_seeds_where_that_is_asked():
    frame, known = _frame(), np.zeros(_frame().shape, np.int32)
    known[5:9, 6:10] = 7
    again = dataclasses.replace(PLAIN, known_objects="use as seeds")
    found = flat_segmenter(128).everything(painted(frame), again, known=known)
    assert (3, 4, 10, 12) in [one.box for one in found]
    assert len(found) == ndimage.label(frame)[1]


def test_progress_counts_batches():
    frame = painted(_frame())
    options = dataclasses.replace(PLAIN, batch=8)
    steps = list(find_everything(flat_segmenter(128), frame, options))
    assert [(step.done, step.total) for step in steps] == [(n, 4) for n in (1, 2, 3, 4)]
    assert [len(step.tentative) for step in steps] == [8, 16, 24, 0]
    assert len(steps[-1].objects) == 24


def test_answers_below_a_threshold_are_dropped():
    strict = dataclasses.replace(PLAIN, pred_iou_thresh=0.95)
    assert len(flat_segmenter(128).everything(painted(_frame()), strict)) == 0


def _block(row, col, height, width, score):
    mask = Rle.encode(np.ones((height, width), bool))
    return FoundObject(mask, (row, col), score, 1.0, Window(0, 0, 20, 20))


def test_shared_pixels_go_to_the_better_object():
    better, worse = _block(0, 0, 10, 10, 0.9), _block(0, 8, 10, 10, 0.8)
    first, second = shared_out([worse, better], Window(0, 0, 20, 20), most=0.5)
    assert first == better
    assert second.box == (0, 10, 9, 17)


def test_what_better_objects_mostly_cover_is_dropped():
    better, worse = _block(0, 0, 10, 10, 0.9), _block(0, 4, 10, 10, 0.8)
    assert shared_out([worse, better], Window(0, 0, 20, 20), most=0.5) == [better]


def test_objects_are_cut_at_the_window():
    (one,) = shared_out([_block(0, 5, 10, 10, 0.9)], Window(0, 0, 20, 10), most=0.5)
    assert one.box == (0, 5, 9, 9)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pred_iou_thresh", 2),
        ("max_overlap", -1),
        ("batch", 0),
        ("prompt", "lasso"),
        ("known_objects", "eat"),
        ("instances", None),
    ],
)
def test_options_out_of_range_are_refused_by_name(name, value):
    with pytest.raises(OptionError, match=name):
        SeedOptions(**{name: value})


def test_a_finder_without_a_dense_head_is_refused():
    with pytest.raises(OptionError, match="find all objects"):
        SeedOptions(finder=_prompts_only())
