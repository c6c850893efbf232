"""Labels too large to be shown at one resolution: a pyramid, every level in step with the first."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from napari.components import ViewerModel
from napari.layers import Labels

from napari_cutout.annotate import ObjectTable
from napari_cutout.annotate.replay import replay, sections, sparse_labels
from napari_cutout.layers import TargetError, measuring, picking
from napari_cutout.layers.journal.journal import Journal
from napari_cutout.layers.journal.target import KEY
from napari_cutout.layers.target import pyramids, targets, writing
from napari_cutout.layers.target.pyramids import MARK, empty_pyramid, is_foreign, is_ours, pixels_of
from napari_cutout.layers.target.reading import largest_id
from napari_cutout.layers.target.targets import TargetFrame, new_labels

SHAPE = (40, 60)
IN_LEFT, IN_RIGHT = (8, 10), (25, 40)
LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:50]


@pytest.fixture(autouse=True)
def _low_limits(monkeypatch):
    """So that small labels are too large to be shown."""
    monkeypatch.setattr(targets, "LARGEST_SHOWN", 1000)
    monkeypatch.setattr(pyramids, "TOP", 8)


def levels_of(labels):
    return [np.asarray(level[...]) for level in labels.data]


def check_levels(labels, expected):
    """Each level has every second pixel of the one below."""
    for k, level in enumerate(levels_of(labels)):
        step = 1 << k
        np.testing.assert_array_equal(level, expected[..., ::step, ::step])


def plain(*objects):
    whole = np.zeros(SHAPE, np.int32)
    for number, place in objects:
        whole[place] = number
    return whole


def cut(session, *points):
    for point in points:
        session.add_point(point)
        session.commit()


def test_the_two_longest_axes_are_halved_up_to_a_small_level():
    assert [level.shape for level in empty_pyramid((3, 33, 20), "int32")] == [
        (3, 33, 20),
        (3, 17, 10),
        (3, 9, 5),
        (3, 5, 3),
    ]
    assert [level.shape for level in empty_pyramid((16, 2, 16), "uint8")] == [
        (16, 2, 16),
        (8, 2, 8),
    ]


@pytest.mark.parametrize("axes", [(1, 2), (0, 2), (0, 1)])
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_every_level_has_the_pixels_of_the_first(axes, data):
    """Of boxes anywhere, one over the other, along any axes."""
    shape = [21, 34, 26]
    shape[({0, 1, 2} - set(axes)).pop()] = 3
    labels = Labels(empty_pyramid(shape, "int32"), multiscale=True, metadata={MARK: True})
    expected = np.zeros(shape, np.int32)
    for number in range(1, data.draw(st.integers(1, 4)) + 1):
        slices, sides = [], []
        for axis, size in enumerate(shape):
            first = data.draw(st.integers(0, size - 1))
            if axis in axes:
                last = data.draw(st.integers(first + 1, size))
                slices.append(slice(first, last))
                sides.append(last - first)
            else:
                slices.append(first)
        region = number * (np.arange(sides[0] * sides[1]).reshape(sides) % 3 > 0)
        expected[tuple(slices)] = region
        pyramids.write_levels(labels, tuple(slices), region)
    for level in labels.data:
        steps = tuple(
            slice(None, None, 1 if small == size else round(2 ** np.ceil(np.log2(size / small))))
            for small, size in zip(level.shape, shape, strict=True)
        )
        np.testing.assert_array_equal(level[...], expected[steps])


@pytest.mark.parametrize("axes", [(1, 2), (0, 2), (0, 1)])
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_labels_that_are_there_get_levels(axes, data):
    """Whatever they are stored in, and wherever they hold something."""
    shape = [21, 34, 26]
    shape[({0, 1, 2} - set(axes)).pop()] = 3
    chunks = tuple(data.draw(st.integers(1, size)) for size in shape)
    pixels = np.zeros(shape, np.uint16)
    for _ in range(data.draw(st.integers(0, 3))):
        first = [data.draw(st.integers(0, size - 1)) for size in shape]
        box = tuple(slice(at, at + data.draw(st.integers(1, 9))) for at in first)
        pixels[box] = data.draw(st.integers(1, 9))
    kind = data.draw(st.sampled_from(["numpy", "zarr"]))
    full = pixels
    if kind == "zarr":
        full = zarr.create_array(zarr.storage.MemoryStore(), data=pixels, chunks=chunks)
    levels = pyramids.pyramid_over(full)
    assert levels[0] is full
    labels = Labels(levels, multiscale=True, metadata={MARK: True})
    assert is_ours(labels)
    for k, level in enumerate(levels):
        steps = tuple(slice(None, None, 1 << k if axis in axes else 1) for axis in range(3))
        np.testing.assert_array_equal(level[...], pixels[steps])


def test_what_is_not_stored_of_huge_labels_is_not_read():
    full = sparse_labels((100_000, 100_000), "int32")
    full[70_000:70_100, 30_000:30_100] = 7
    tracemalloc.start()
    levels = pyramids.pyramid_over(full)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100 << 20
    assert levels[3][8750:8762, 3750:3762].min() == 7
    assert largest_id(full) == 7


@settings(max_examples=40, deadline=None)
@given(
    boxes=st.lists(
        st.tuples(st.integers(0, 39), st.integers(0, 59), st.integers(1, 30), st.integers(1, 30)),
        min_size=1,
        max_size=4,
    )
)
def test_writing_and_taking_back_keeps_the_levels_in_step(boxes):
    labels = Labels(empty_pyramid(SHAPE, "int32"), multiscale=True, metadata={MARK: True})
    frame, expected, done = TargetFrame((None, None), (0, 0), SHAPE), [plain()], []
    for number, (row, col, rows, cols) in enumerate(boxes, 1):
        mask = np.add.outer(np.arange(rows), np.arange(cols)) % 5 > 0
        mask[0, 0] = True
        done.append(writing.plan(labels, frame, mask, (row, col), number))
        assert not writing.write(labels, done[-1:])
        after = expected[-1].copy()
        box = after[row : row + rows, col : col + cols]
        box[mask[: box.shape[0], : box.shape[1]]] = number
        expected.append(after)
        check_levels(labels, after)
    while done:
        expected.pop()
        writing.revert(labels, [done.pop()])
        check_levels(labels, expected[-1])


def test_a_session_commits_undoes_and_deletes_on_all_levels(start):
    session = start()
    cut(session, IN_LEFT, IN_RIGHT)
    labels = session.labels
    assert is_ours(labels)
    assert labels.visible
    assert "too large for napari's brushes" in session.status
    both = plain((1, LEFT), (2, RIGHT))
    check_levels(labels, both)
    session.undo()
    check_levels(labels, plain((1, LEFT)))
    session.redo()
    check_levels(labels, both)
    assert [(row.id, row.area) for row in session.objects.rows()] == [(1, 98), (2, 200)]
    session.delete(1)
    check_levels(labels, plain((2, RIGHT)))
    session.undo()
    session.merge([1, 2])
    check_levels(labels, plain((1, LEFT), (1, RIGHT)))
    session.undo()
    assert session.split(2, (25, 32), (25, 48)) == 3
    assert set(np.unique(pixels_of(labels)[...])) == {0, 1, 2, 3}
    check_levels(labels, pixels_of(labels)[...])
    session.undo()
    check_levels(labels, both)


def test_what_is_shown_follows(start):
    session = start()
    cut(session, IN_LEFT)
    labels = session.labels
    seen = {}
    for level in range(len(labels.data)):
        labels.locked_data_level = level
        labels.refresh()
        session.undo()
        before = labels.get_value(IN_LEFT)
        session.redo()
        seen[level] = before, labels.get_value(IN_LEFT)
    assert seen == {level: ((level, 0), (level, 1)) for level in range(len(labels.data))}


def test_the_thumbnail_follows(start):
    session = start()
    cut(session, IN_LEFT)
    shown = session.labels.thumbnail.copy()
    session.undo()
    assert shown[..., :3].any()
    assert not session.labels.thumbnail[..., :3].any()


def test_frames_of_a_stack_are_apart(start):
    pixels = np.zeros((3, *SHAPE), np.uint8)
    pixels[1][LEFT] = 255
    session = start(pixels)
    session.viewer.dims.set_point(0, 1)
    cut(session, IN_LEFT)
    expected = np.zeros((3, *SHAPE), np.int32)
    expected[1][LEFT] = 1
    check_levels(session.labels, expected)
    assert session.labels.get_value((1, *IN_LEFT))[1] == 1
    session.viewer.dims.set_point(0, 2)
    assert session.labels.get_value((2, *IN_LEFT))[1] == 0


def test_an_object_is_picked_and_replaced(start):
    session = start()
    cut(session, IN_LEFT)
    assert session.pick(IN_LEFT) == 1
    session.update()
    np.testing.assert_array_equal(session.answers_shown[0].crop(session.mask_options)[1], (5, 6))


@pytest.mark.parametrize("is_target", [True, False])
def test_of_a_large_frame_an_object_is_read_in_its_box(start, monkeypatch, is_target):
    """Where the target's objects aren't known, and of other labels, the frame is read in pieces."""
    monkeypatch.setattr(picking, "AT_ONCE", 100)
    monkeypatch.setattr(picking, "VISITED", 100)
    session = start()
    cut(session, IN_LEFT, IN_RIGHT)
    labels = session.labels
    if not is_target:
        session.labels = None
    session.refine(2, labels)
    mask = session.prompts.masks[0]
    assert mask.origin == (20, 30)
    np.testing.assert_array_equal(mask.mask, np.ones((10, 20), bool))
    with pytest.raises(TargetError, match="has no object 3"):
        session.refine(3, labels)


def test_its_journal_makes_the_same_labels_again(start, tmp_path):
    session = start()
    journal = Journal(session, tmp_path)
    cut(session, IN_LEFT, IN_RIGHT)
    session.delete(1)
    session.undo()
    (section,) = sections(journal.entries)
    np.testing.assert_array_equal(replay(section).labels, plain((1, LEFT), (2, RIGHT)))
    header = section[0].header
    assert (header.shape, header.dtype, header.start.kind) == (SHAPE, "int32", "empty")
    assert session.labels.metadata[KEY]
    assert is_ours(session.labels)
    journal.close()


def test_found_ids_and_objects_of_a_pyramid_that_is_chosen_again(start):
    session = start()
    cut(session, IN_LEFT, IN_RIGHT)
    labels = session.labels
    session.labels = None
    session.viewer.layers.remove(labels)
    session.viewer.add_layer(labels)
    session.labels = labels
    assert [(row.id, row.area) for row in session.objects.rows()] == [(1, 98), (2, 200)]
    session.delete(2)
    cut(session, IN_RIGHT)
    check_levels(labels, plain((1, LEFT), (3, RIGHT)))


def test_it_is_measured_at_full_resolution(start):
    session = start()
    cut(session, IN_LEFT, IN_RIGHT)
    found = measuring.lay_out(
        session.labels, [session.image], session.objects, session.viewer.dims
    ).run()
    one = session.viewer.add_labels(plain((1, LEFT), (2, RIGHT)))
    session.labels = one
    expected = measuring.lay_out(one, [session.image], session.objects, session.viewer.dims).run()
    assert list(found["id"]) == [1, 2]
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values)


def users_pyramid(**options):
    levels = [np.zeros(SHAPE, np.int32), np.zeros((20, 30), np.int32)]
    return ViewerModel().add_labels(levels, multiscale=True, **options)


def test_pyramids_of_others_are_refused():
    labels = users_pyramid()
    assert is_foreign(labels)
    with pytest.raises(TargetError, match=r"is a pyramid.*New labels"):
        targets.check_writable(labels)
    with pytest.raises(TargetError, match="is a pyramid"):
        measuring.lay_out(labels, [], ObjectTable(), ViewerModel().dims)


def test_a_mark_on_other_levels_is_not_believed():
    assert is_ours(users_pyramid(metadata={MARK: True}))
    thirds = [np.zeros(SHAPE, np.int32), np.zeros((14, 20), np.int32)]
    assert is_foreign(Labels(thirds, multiscale=True, metadata={MARK: True}))
    others = [np.zeros(SHAPE, np.int32), np.zeros((20, 30), np.uint8)]
    assert is_foreign(Labels(others, multiscale=True, metadata={MARK: True}))


def test_labels_that_can_be_shown_have_one_resolution():
    image = ViewerModel().add_image(np.zeros((5, 25, 40), np.uint8))
    labels = new_labels(image, ViewerModel().dims)
    assert not labels.multiscale
    assert pixels_of(labels) is labels.data
