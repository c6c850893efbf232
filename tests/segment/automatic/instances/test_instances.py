"""Objects out of dense maps."""

import dataclasses

import numpy as np
import pytest
from scipy import ndimage

from flat_family import flat_segmenter, masks_of, painted
from napari_cutout.segment import LazyFrame
from napari_cutout.segment.automatic.everything import find_everything
from napari_cutout.segment.automatic.instances.find import instances
from napari_cutout.segment.automatic.instances.options import InstanceOptions
from napari_cutout.segment.automatic.results import label_image
from napari_cutout.segment.automatic.windowed.tiles import Tiles
from napari_cutout.segment.dense import FrameMaps
from napari_cutout.segment.errors import OptionError
from napari_cutout.segment.windows import Window

PLAIN = InstanceOptions(smoothing=0.0, zoom=1.0)
WINDOWED = dataclasses.replace(PLAIN, tiles=Tiles(64, 16))


def _maps(foreground, distance=None, window=None):
    foreground = np.asarray(foreground, np.float32)
    distance = foreground if distance is None else np.asarray(distance, np.float32)
    window = window or Window(0, 0, *foreground.shape)
    return FrameMaps(foreground, distance, window)


def _planted():
    """Objects over all seams of windows of 64, one larger than a window."""
    frame = np.zeros((200, 230), bool)
    for row in range(3, 190, 13):
        for col in range(4, 120, 12):
            frame[row : row + 8, col : col + 7] = True
    rows, cols = np.indices(frame.shape)
    frame |= (rows - 100) ** 2 + (cols - 180) ** 2 < 45**2
    return frame


def _disk(radius, size=40):
    rows, cols = np.indices((size, size)) - size // 2
    return np.hypot(rows, cols), np.hypot(rows, cols) < radius


def test_touching_objects_come_apart_where_the_distance_falls():
    distance = np.zeros((20, 40))
    for middle in (10, 26):
        rows, cols = np.indices(distance.shape)
        distance = np.maximum(distance, 1 - np.hypot(rows - 10, cols - middle) / 10)
    found = instances(_maps(np.where(distance > 0, 0.95, 0), distance), PLAIN)
    assert [one.point for one in found] == [(10.0, 10.0), (10.0, 26.0)]
    assert abs(found[0].area - found[1].area) <= 20


def test_objects_lie_where_the_window_does():
    mask = np.zeros((20, 30))
    mask[4:9, 6:12] = 0.9
    (found,) = instances(_maps(mask, window=Window(100, 200, 20, 30)), PLAIN)
    assert found.box == (104, 206, 108, 211)
    assert found.decode().all()
    assert found.score == pytest.approx(0.9)


def test_a_hole_is_filled_but_not_what_another_object_holds():
    ring = np.zeros((30, 30))
    ring[2:28, 2:28] = 0.9
    ring[6:24, 6:24] = 0
    ring[10:20, 10:20] = 0.9
    found = instances(_maps(ring), PLAIN)
    areas = sorted(one.area for one in found)
    assert areas == [100, 26 * 26 - 100]
    open_ones = instances(_maps(ring), dataclasses.replace(PLAIN, fill_holes=False))
    assert sorted(one.area for one in open_ones) == [100, 26 * 26 - 18 * 18]


def test_doubtful_small_and_shallow_objects_are_dropped():
    foreground = np.zeros((20, 60))
    foreground[2:8, 2:8], foreground[2:8, 12:18], foreground[2:4, 22:24] = 0.9, 0.7, 0.9
    foreground[2:8, 32:38] = 0.9
    distance = foreground.copy()
    distance[:, 30:] = 0.2
    found = instances(_maps(foreground, distance), PLAIN)
    assert [one.box for one in found] == [(2, 2, 7, 7)]


def test_the_stability_is_the_share_that_stays_with_a_higher_threshold():
    away, _ = _disk(0)
    logits = 10.3 - away
    foreground = 1 / (1 + np.exp(-logits))
    (found,) = instances(_maps(foreground), dataclasses.replace(PLAIN, min_score=0))
    inner, outer = np.count_nonzero(away < 9.3), np.count_nonzero(away < 11.3)
    assert found.stability == pytest.approx(inner / outer)


def test_windows_give_exactly_what_one_gives():
    frame = painted(_planted())
    segmenter = flat_segmenter(512)
    whole = segmenter.everything(frame, PLAIN)
    assert len(whole) == ndimage.label(_planted())[1]
    assert masks_of(segmenter.everything(frame, WINDOWED)) == masks_of(whole)


def test_a_lazy_frame_is_read_a_window_at_a_time():
    frame = painted(_planted())
    segmenter = flat_segmenter()
    lazy = segmenter.encode(LazyFrame([frame]), intensity="none")
    found = segmenter.everything(lazy, WINDOWED)
    assert masks_of(found) == masks_of(flat_segmenter(512).everything(frame, PLAIN))
    assert max(max(size) for size in segmenter.family.encoded) <= 64


def test_objects_come_while_windows_are_still_to_be_looked_at():
    frame = painted(_planted())
    steps = list(find_everything(flat_segmenter(), frame, WINDOWED))
    settled = [len(step.objects) for step in steps]
    assert settled[0] > 0
    assert steps[-1].done == steps[-1].total
    assert steps[-1].tentative == ()
    assert sum(settled) == ndimage.label(_planted())[1]


def test_stopping_leaves_what_was_found():
    steps = find_everything(flat_segmenter(), painted(_planted()), WINDOWED)
    first = next(steps)
    steps.close()
    assert all(one.decode().any() for one in (*first.objects, *first.tentative))


def test_small_objects_are_looked_at_enlarged():
    frame = np.zeros((128, 128), bool)
    for row in range(4, 120, 10):
        for col in range(4, 120, 10):
            frame[row : row + 5, col : col + 5] = True
    segmenter = flat_segmenter(64)
    chosen = dataclasses.replace(PLAIN, zoom=None)
    found = segmenter.everything(painted(frame), chosen)
    assert len(found) == ndimage.label(frame)[1]
    assert (16, 16) in segmenter.family.dense_sizes
    large = flat_segmenter(64)
    large.everything(painted(_planted()[50:150, 130:230]), chosen)
    assert (16, 16) not in large.family.dense_sizes


def test_known_objects_keep_their_pixels():
    frame = np.zeros((40, 60), bool)
    frame[5:15, 5:25] = frame[20:30, 5:25] = True
    known = np.zeros(frame.shape, np.uint8)
    known[5:15, 5:25], known[20:30, 5:9] = 3, 4
    found = flat_segmenter().everything(painted(frame), PLAIN, known=known)
    assert [one.box for one in found] == [(20, 9, 29, 24)]
    ignored = dataclasses.replace(PLAIN, known_objects="ignore")
    assert len(flat_segmenter().everything(painted(frame), ignored, known=known)) == 2


def test_only_objects_whose_deepest_point_lies_within_are_given():
    frame = np.zeros((40, 60), bool)
    frame[5:15, 5:25] = frame[20:30, 30:50] = True
    within = np.zeros(frame.shape, bool)
    within[18:, 28:] = True
    found = flat_segmenter().everything(painted(frame), PLAIN, within=within)
    assert [one.box for one in found] == [(20, 30, 29, 49)]


def test_windows_beyond_where_objects_are_looked_for_are_not_encoded():
    segmenter = flat_segmenter()
    segmenter.everything(painted(_planted()), WINDOWED, within=Window(0, 0, 40, 40))
    assert segmenter.family.calls["encode"] == 1


def test_the_compact_model_finds_the_nuclei_of_the_sample():
    from napari_cutout import Segmenter
    from napari_cutout.sample_data import fluorescence

    found = Segmenter("compact").everything(fluorescence(), InstanceOptions())
    labels = label_image(found)
    assert 20 < len(found) < 60
    assert set(np.unique(labels)) == set(range(len(found) + 1))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("foreground", 1.0),
        ("foreground", True),
        ("split_depth", -0.1),
        ("smoothing", float("nan")),
        ("min_score", 2),
        ("min_area", 0),
        ("min_area", 3.5),
        ("zoom", 0.0),
        ("known_objects", "eat"),
    ],
)
def test_options_out_of_range_are_refused_by_name(name, value):
    with pytest.raises(OptionError, match=name):
        InstanceOptions(**{name: value})


@pytest.mark.parametrize("sizes", [(15, 2), (64, 32), (64, 0), (64.0, 8)])
def test_windows_that_do_not_go_forward_are_refused(sizes):
    with pytest.raises(OptionError, match=r"side|overlap"):
        Tiles(*sizes)
