"""A session on a viewer without Qt, with a model whose answers are known."""

from __future__ import annotations

from dataclasses import replace

import dask.array as da
import numpy as np
import pytest
import zarr
from napari.components import ViewerModel

from exact_family import exact_segmenter
from later import Later
from napari_cutout.layers import Session, SessionError, TargetError, ViewError
from napari_cutout.segment import PromptError

LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:50]
IN_LEFT, IN_RIGHT = (8, 10), (25, 40)


def frame(*regions):
    pixels = np.zeros((40, 60), np.uint8)
    for region in regions or (LEFT, RIGHT):
        pixels[region] = 255
    return pixels


def mask(*regions):
    return frame(*regions) > 0


def start(data=None, labels=None, run=None, **options):
    viewer = ViewerModel()
    image = viewer.add_image(frame() if data is None else data, **options)
    return Session(viewer, image, exact_segmenter(), labels, run)


def seen(session):
    """What the preview shows, as a mask of the frame."""
    whole = np.zeros((40, 60), bool)
    if session.preview is None or not session.preview.visible:
        return whole
    data = np.squeeze(session.preview.data)
    corner = session.preview.data_to_world(np.zeros(session.image.ndim))
    row, col = np.round(session.image.world_to_data(corner)[-2:]).astype(int)
    whole[row : row + data.shape[0], col : col + data.shape[1]] = data > 0
    return whole


def test_a_click_is_committed_pixel_for_pixel():
    session = start()
    session.add_point(IN_LEFT)
    assert session.commit() == 1
    np.testing.assert_array_equal(session.labels.data, mask(LEFT))


@pytest.mark.parametrize(
    "place",
    [
        {"scale": (2, 3), "rotate": 30, "translate": (5, -9)},
        {"scale": (0.1, 0.1), "units": ("um", "um"), "shear": [0.3]},
    ],
)
def test_the_preview_lies_on_its_object(place):
    session = start(**place)
    session.add_point(IN_RIGHT)
    session.update()
    np.testing.assert_array_equal(seen(session), mask(RIGHT))


def test_points_put_into_the_layer_count():
    """As a mouse puts them there: with the polarity that was set."""
    session = start()
    session.points_layer.add(IN_LEFT)
    session.points_layer.add(IN_RIGHT)
    session.toggle_polarity()
    session.points_layer.add(IN_LEFT)
    session.update()
    np.testing.assert_array_equal(seen(session), mask(RIGHT))


def test_negative_points_are_crosses_and_positive_ones_discs():
    session = start()
    session.add_point(IN_LEFT)
    session.add_point(IN_RIGHT, positive=False)
    assert [str(symbol) for symbol in session.points_layer.symbol] == ["disc", "cross"]


def test_a_box_drawn_over_the_edge_counts():
    session = start()
    session.shapes_layer.add_rectangles([[[-5, -5], [-5, 25], [15, 25], [15, -5]]])
    session.update()
    np.testing.assert_array_equal(seen(session), mask(LEFT))


def test_add_box():
    session = start()
    session.add_box((18, 28, 31, 51))
    session.update()
    np.testing.assert_array_equal(seen(session), mask(RIGHT))


def test_candidates_can_be_chosen():
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    np.testing.assert_allclose(session.candidates.scores, (0.9, 0.6, 0.3))
    session.choose(2)
    session.commit()
    np.testing.assert_array_equal(session.labels.data, mask(LEFT, RIGHT))


def test_the_next_candidate_follows_the_last_one():
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    for expected in (1, 2, 0):
        session.next_candidate()
        assert session.chosen == expected


def test_further_clicks_feed_the_answer_back():
    session = start()
    family = session.model.family
    session.add_point(IN_LEFT)
    session.update()
    session.add_point(IN_RIGHT)
    session.update()
    assert family.fed_back == [False, True]


@pytest.mark.parametrize("action", ["clear", "commit"])
def test_a_new_object_starts_without_the_last_answer(action):
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    getattr(session, action)()
    session.add_point(IN_LEFT)
    session.add_point(IN_RIGHT)
    session.update()
    assert session.model.family.fed_back[-1] is False


def test_moving_a_point_drops_the_answer():
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    session.points_layer.data = [IN_RIGHT]
    session.update()
    np.testing.assert_array_equal(seen(session), mask(RIGHT))
    assert session.model.family.fed_back[-1] is False


def test_undo_and_redo_go_through_prompts_and_commits_in_order():
    session = start()
    session.add_point(IN_LEFT)
    session.commit()
    session.add_point(IN_RIGHT)
    session.commit()
    both = np.where(mask(LEFT), 1, 0) + np.where(mask(RIGHT), 2, 0)
    states = []
    for move in ["undo"] * 4 + ["redo"] * 4:
        assert getattr(session, move)()
        states.append((sorted(np.unique(session.labels.data))[1:], len(session.points_layer.data)))
    assert states == [
        ([1], 1), ([1], 0), ([], 1), ([], 0),
        ([], 1), ([1], 0), ([1], 1), ([1, 2], 0),
    ]  # fmt: skip
    np.testing.assert_array_equal(session.labels.data, both)
    assert not session.redo()


def test_undoing_a_commit_shows_its_preview_again():
    """The very same one, with the candidate that was chosen, and without asking again."""
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    session.choose(1)
    before = seen(session)
    session.commit()
    asked = session.model.family.calls["decode"]
    session.undo()
    np.testing.assert_array_equal(seen(session), before)
    assert session.model.family.calls["decode"] == asked


def test_two_clicks_without_an_update_are_two_steps():
    session = start()
    session.points_layer.add(IN_LEFT)
    session.points_layer.add(IN_RIGHT)
    session.undo()
    np.testing.assert_array_equal(session.points_layer.data, [IN_LEFT])


def test_a_brush_stroke_is_a_step_of_its_own():
    session = start()
    session.add_point(IN_LEFT)
    session.commit()
    session.labels.selected_label = 9
    session.labels.paint((35, 5), 9)
    session.undo()
    np.testing.assert_array_equal(session.labels.data, mask(LEFT))
    session.undo()
    assert not session.labels.data.any()
    session.redo()
    session.redo()
    assert session.labels.data[35, 5] == 9


def test_ids_go_on_after_what_is_painted():
    session = start()
    session.add_point(IN_LEFT)
    session.commit()
    session.labels.selected_label = 41
    session.labels.paint((35, 5), 41)
    session.add_point(IN_RIGHT)
    assert session.commit() == 42


def test_an_undo_of_naparis_own_is_followed():
    session = start()
    session.add_point(IN_LEFT)
    session.commit()
    session.labels.undo()
    session.add_point(IN_RIGHT)
    session.commit()
    assert [record.id for record in session.objects] == [1]
    np.testing.assert_array_equal(session.labels.data, mask(RIGHT))


def test_commits_beyond_naparis_history_are_undone():
    session = start()
    session.add_point(IN_LEFT)
    session.commit()
    for _ in range(101):
        session.labels.data_setitem((np.array([35]), np.array([5])), 7)
        session.labels.data_setitem((np.array([35]), np.array([5])), 0)
    while session.labels.data[IN_LEFT]:
        assert session.undo()
    assert not session.labels.data.any()


def test_the_labels_tell_of_their_objects():
    session = start()
    session.add_point(IN_LEFT)
    session.commit()
    row = session.labels.features.iloc[0]
    assert (row["index"], row["model"], row["prompts"]) == (1, "exact", 1)
    session.undo()
    assert len(session.labels.features) == 0


def test_a_stack_is_cut_frame_by_frame():
    session = start(np.stack([frame(LEFT), frame(RIGHT)]), scale=(4, 1, 1))
    session.viewer.dims.set_point(0, 4)
    session.add_point(IN_RIGHT)
    session.commit()
    np.testing.assert_array_equal(session.labels.data, [np.zeros((40, 60)), mask(RIGHT)])


def test_another_frame_shows_no_stale_preview_and_gets_no_prompts():
    session = start(np.stack([frame(), frame()]))
    session.viewer.dims.set_point(0, 0)
    session.add_point(IN_LEFT)
    session.update()
    session.viewer.dims.set_point(0, 1)
    assert not seen(session).any()
    assert not session.has_prompts
    with pytest.raises(SessionError, match="nothing to commit"):
        session.commit()
    session.viewer.dims.set_point(0, 0)
    session.commit()
    np.testing.assert_array_equal(session.labels.data[0], mask(LEFT))


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0), (0, 2, 1)])
def test_frames_along_any_axis(order):
    """The object lies in the plane that is shown, whichever it is."""
    volume = np.zeros((20, 24, 28), np.uint8)
    volume[4:15, 6:17, 8:19] = 255
    session = start(volume, scale=(3, 2, 1))
    session.viewer.dims.order = order
    sliced = order[0]
    at = 10
    session.viewer.dims.set_point(sliced, at * session.image.scale[sliced])
    session.add_point((9, 12))
    session.commit()
    expected = np.zeros_like(volume)
    plane = [slice(None)] * 3
    plane[sliced] = at
    expected[tuple(plane)] = volume[tuple(plane)] > 0
    np.testing.assert_array_equal(session.labels.data, expected)


@pytest.mark.parametrize("wrap", [da.from_array, zarr.array])
def test_lazy_images(wrap):
    session = start(wrap(np.stack([frame(LEFT), frame(RIGHT)])))
    session.viewer.dims.set_point(0, 1)
    session.add_point(IN_RIGHT)
    session.commit()
    np.testing.assert_array_equal(session.labels.data[1], mask(RIGHT))


def test_rgb():
    session = start(np.repeat(frame()[..., None], 3, axis=2), rgb=True)
    session.add_point(IN_LEFT)
    session.commit()
    np.testing.assert_array_equal(session.labels.data, mask(LEFT))


def test_pyramids_are_cut_at_full_resolution():
    levels = [frame(), frame()[::2, ::2], frame()[::4, ::4]]
    session = start(levels, multiscale=True)
    session.add_point(IN_RIGHT)
    session.commit()
    np.testing.assert_array_equal(session.labels.data, mask(RIGHT))


def test_a_commit_into_dask_labels_is_undone_by_the_session():
    session = start()
    data = da.zeros((40, 60), dtype=np.int32, chunks=20)
    session.labels = session.viewer.add_labels(data)
    session.add_point(IN_LEFT)
    session.commit()
    np.testing.assert_array_equal(np.asarray(session.labels.data), mask(LEFT))
    session.undo()
    assert not np.asarray(session.labels.data).any()


def test_ids_exhausted_are_explained():
    session = start()
    session.labels = session.viewer.add_labels(np.full((40, 60), 255, np.uint8))
    session.add_point(IN_LEFT)
    with pytest.raises(ValueError, match="uint16"):
        session.commit()


def test_a_failed_commit_keeps_preview_and_prompts():
    session = start()
    session.labels = session.viewer.add_labels(np.zeros((40, 60), int), scale=(2, 2))
    session.add_point(IN_LEFT)
    with pytest.raises(TargetError):
        session.commit()
    np.testing.assert_array_equal(seen(session), mask(LEFT))
    assert session.has_prompts


def test_bad_prompts_are_refused_and_leave_nothing():
    session = start()
    with pytest.raises(PromptError, match="outside the frame"):
        session.add_point((100, 3))
    assert not session.has_prompts


def test_a_stray_click_hides_the_preview_and_says_how_to_go_on():
    """It comes from the mouse; a second commit says it too."""
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    session.points_layer.add((100, 3))
    for action in (session.update, session.commit):
        with pytest.raises((PromptError, SessionError), match=r"outside the frame.*Ctrl\+Z"):
            action()
        assert not seen(session).any()
    session.undo()
    np.testing.assert_array_equal(seen(session), mask(LEFT))
    session.commit()


def test_undo_works_while_another_prompt_is_refused():
    session = start()
    session.points_layer.add((100, 3))
    with pytest.raises(PromptError):
        session.update()
    session.points_layer.add(IN_LEFT)
    assert session.undo()
    assert "Ctrl+Z" in session.status


def test_undo_and_redo_in_three_dimensional_display():
    session = start(np.stack([frame(), frame()]))
    session.add_point(IN_LEFT)
    session.commit()
    told = []
    session.events.objects.connect(lambda: told.append(len(session.objects)))
    session.viewer.dims.ndisplay = 3
    assert not session.has_prompts
    assert session.undo()
    assert not session.labels.data.any()
    assert session.redo()
    assert session.labels.data.any()
    assert told == [0, 1]


def test_three_dimensional_display_is_refused():
    session = start(np.stack([frame(), frame()]))
    session.viewer.dims.ndisplay = 3
    with pytest.raises(ViewError):
        session.add_point(IN_LEFT)


def test_a_frame_is_encoded_once():
    session = start(np.stack([frame(), frame(LEFT)]))
    for at in (0, 1, 0):
        session.viewer.dims.set_point(0, at)
        session.add_point(IN_LEFT)
        session.commit()
    assert session.model.family.calls["encode"] == 2


def test_new_pixels_are_encoded_again():
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    session.image.data = frame(RIGHT)
    session.clear()
    session.add_point(IN_RIGHT)
    session.commit()
    np.testing.assert_array_equal(session.labels.data, mask(RIGHT))


def test_what_a_user_has_to_know_of_the_weights_is_said():
    session = start()
    family = session.model.family
    family.info = replace(family.info, notes=("The decoder was fine-tuned.",))
    session.encode()
    assert session.status.startswith("The decoder was fine-tuned. Ready.")


def test_pixels_changed_in_place_are_encoded_again():
    """As by a script that writes into layer.data and calls layer.refresh()."""
    session = start()
    session.add_point(IN_LEFT)
    session.commit()
    session.image.data[LEFT], session.image.data[3:14, 4:22] = 0, 255
    session.image.refresh()
    session.add_point(IN_LEFT)
    session.add_point(IN_RIGHT)
    session.commit()
    np.testing.assert_array_equal(session.labels.data == 2, session.image.data > 0)


def test_an_answer_of_pixels_changed_in_place_is_not_fed_back():
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    session.image.data[LEFT] = 0
    session.add_point(IN_RIGHT)
    session.update()
    np.testing.assert_array_equal(seen(session), mask(RIGHT))
    assert session.model.family.fed_back[-1] is False


def changed_beneath(session):
    """As by another program that writes into the file of a lazy image; a click comes after it."""
    session.add_point(IN_LEFT)
    session.update()
    session.image.data[3:14, 4:22] = 255


def test_lazy_pixels_changed_in_place_are_encoded_again():
    session = start(zarr.array(frame()))
    changed_beneath(session)
    session.add_point(IN_RIGHT)
    session.update()
    np.testing.assert_array_equal(seen(session), session.image.data[:] > 0)
    assert session.model.family.calls["encode"] == 2


def test_lazy_pixels_that_go_on_changing_are_encoded_once_a_question():
    session = start(zarr.array(frame()))
    seen_by_the_model = session.model.family.encode

    def encode(pixels):
        session.image.data[0, 0] = int(session.image.data[0, 0]) + 1
        return seen_by_the_model(pixels)

    session.model.family.encode = encode
    changed_beneath(session)
    session.add_point(IN_RIGHT)
    session.update()
    assert session.model.family.calls["encode"] == 2


def replace_model(session):
    session.model = exact_segmenter()


def replace_pixels(session):
    session.image.data = frame(np.s_[3:14, 4:22])


@pytest.mark.parametrize("renew", [replace_model, replace_pixels])
def test_undo_shows_no_answer_of_an_earlier_model_or_image(renew):
    session = start()
    session.add_point(IN_LEFT)
    session.commit()
    renew(session)
    session.undo()
    assert seen(session)[IN_LEFT]
    assert session.candidates.masks[0].sum() == (session.image.data[:14, :22] > 0).sum()
    assert session.model.family.calls["encode"] == (2 if renew is replace_pixels else 1)


def test_the_thumbnail_of_the_preview_is_empty_after_a_commit():
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    assert session.preview.thumbnail[..., :3].any()
    session.commit()
    assert not session.preview.thumbnail[..., :3].any()


def test_an_answer_that_comes_late_is_dropped():
    later = Later()
    session = start(run=later)
    session.encode()
    later.run()
    session.add_point(IN_LEFT)
    session.update()
    session.clear()
    session.add_point(IN_RIGHT)
    session.update()
    later.run(1)
    later.run(0)
    np.testing.assert_array_equal(seen(session), mask(RIGHT))


def test_a_click_while_encoding_is_answered_afterwards():
    later = Later()
    session = start(run=later)
    session.encode()
    session.add_point(IN_LEFT)
    session.update()
    assert [job.kind for job in later.jobs] == ["encode"]
    later.run()
    later.run()
    np.testing.assert_array_equal(seen(session), mask(LEFT))


def test_nothing_is_committed_before_it_shows():
    session = start(run=Later())
    session.add_point(IN_LEFT)
    with pytest.raises(SessionError, match="when it shows"):
        session.commit()


def test_closing_leaves_the_persons_layers_only():
    session = start()
    session.add_point(IN_LEFT)
    session.commit()
    session.close()
    assert list(session.viewer.layers) == [session.image, session.viewer.layers[-1]]
    assert session.viewer.layers[-1].name == "objects of Image"
    assert not session.viewer.keymap


def test_deleted_prompt_layers_are_made_again_only_when_asked():
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    session.viewer.layers.remove(session.points_layer)
    assert not seen(session).any()
    with pytest.raises(SessionError, match="deleted"):
        session.add_point(IN_LEFT)
    session.use_points()
    session.add_point(IN_LEFT)
    session.commit()


def test_what_was_done_to_a_prompt_layer_last_is_undone_after_it_was_deleted():
    session = start()
    session.add_point(IN_LEFT)
    first = session.commit()
    session.points_layer.add([12, 40])
    session.viewer.layers.remove(session.points_layer)
    session.undo()
    assert first in session.objects.ids
    session.undo()
    assert first not in session.objects.ids


def test_a_deleted_target_is_not_made_again():
    session = start()
    session.add_point(IN_LEFT)
    session.commit()
    session.viewer.layers.remove(session.labels)
    assert session.labels is None
    assert not list(session.objects)


def test_deleting_the_image_closes_the_session():
    session = start()
    session.viewer.layers.remove(session.image)
    assert session.is_closed
    assert len(session.viewer.layers) == 0


def test_prompts_follow_an_image_that_is_moved():
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    session.image.scale = (5, 5)
    session.image.translate = (7, 7)
    np.testing.assert_array_equal(session.points_layer.scale, (5, 5))
    np.testing.assert_array_equal(seen(session), mask(LEFT))


def test_two_sessions_share_nothing():
    first, second = start(), start()
    first.add_point(IN_LEFT)
    first.commit()
    assert second.labels is None
    assert not second.has_prompts


@pytest.mark.parametrize("intensity", ["stack", "contrast_limits", "dtype"])
def test_intensity_mappings(intensity):
    session = start(np.stack([frame(), frame()]))
    session.intensity = intensity
    session.add_point(IN_LEFT)
    session.commit()
    assert np.count_nonzero(session.labels.data) == mask(LEFT).sum()


def remove_together(viewer, layers):
    """As napari removes what is selected: in an order of a set's, and each must be there."""
    viewer.layers.selection = set(layers)
    with viewer.layers.batched_update():
        for layer in layers:
            viewer.layers.index(layer)
            viewer.layers.remove(layer)


def test_the_image_may_be_deleted_together_with_our_layers():
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    remove_together(session.viewer, [session.image, session.preview, session.points_layer])
    assert session.is_closed
    assert len(session.viewer.layers) == 0


def test_layers_that_go_together_need_not_be_the_image():
    session = start()
    other = session.viewer.add_image(np.zeros((3, 3)))
    remove_together(session.viewer, [other, session.preview])
    assert not session.is_closed
    session.viewer.layers.remove(session.image)
    assert session.is_closed
