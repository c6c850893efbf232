"""Embeddings of frames ahead of time: with the embedded model, and with one that counts."""

import pickle
import warnings
from threading import Event

import numpy as np
import pytest
from PIL import Image

from exact_family import ExactFamily
from full_disk import full_disk
from napari_cutout.sample_data import fluorescence, phase_contrast
from napari_cutout.segment import EmbeddingStore, LazyFrame, Prompts, Segmenter, StoreWarning
from napari_cutout.segment.windows import Window, around, sides, whole
from napari_cutout.stacks.embedding import embed_frames, estimate_embedding
from napari_cutout.stacks.errors import OutputError, StackError
from napari_cutout.stacks.frame_embedder import click_windows, session_windows
from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.frames.opening import open_stack
from short_family import ShortFamily

FRAMES = np.random.default_rng(0).integers(0, 255, (6, 40, 50), dtype=np.uint8)


@pytest.fixture
def store(tmp_path):
    return EmbeddingStore(tmp_path / "store")


@pytest.fixture
def family():
    return ExactFamily(input_size=64)


@pytest.fixture
def segmenter(family):
    return Segmenter.from_family(family, "exact")


@pytest.fixture
def stack():
    return ArrayStack(FRAMES, "tyx")


@pytest.fixture(scope="module")
def compact():
    return Segmenter("compact", device="cpu")


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """Four small real frames in files, the third of them damaged."""
    folder = tmp_path_factory.mktemp("real")
    crops = (fluorescence()[:200, :240], fluorescence()[200:400, 100:340])
    for number, crop in enumerate((*crops, *crops)):
        Image.fromarray(np.roll(crop, number, axis=0)).save(folder / f"{number}.png")
    (folder / "2.png").write_bytes(b"damaged")
    return open_stack(folder, axes="tyx")


def test_real_frames_are_embedded_and_a_damaged_one_is_said(compact, real, store):
    steps = list(embed_frames(compact, real, store))

    assert [step.index for step in steps] == [(0,), (1,), (2,), (3,)]
    assert [(step.done, step.total) for step in steps] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert [bool(step.error) for step in steps] == [False, False, True, False]
    assert "2.png" in steps[2].error
    assert len(store) == 3


def test_visiting_an_embedded_frame_encodes_nothing(compact, real, store, monkeypatch):
    list(embed_frames(compact, real, store, "t=0:2"))
    other = Segmenter("compact", device="cpu", store=store)
    monkeypatch.setattr(other.model, "encode", None)

    embedding = other.encode(real.read((1,)))
    answer = other.predict(embedding, Prompts(points=[[100, 100]]))

    expected = compact.predict(compact.encode(real.read((1,))), Prompts(points=[[100, 100]]))
    assert np.array_equal(answer.masks, expected.masks)


def test_what_is_estimated_is_what_it_takes(compact, real, store):
    before = estimate_embedding(compact, real, "t=:2", store=store)
    list(embed_frames(compact, real, store, "t=:2"))
    after = estimate_embedding(compact, real, "t=:2", store=store)

    assert (before.frames, before.done) == (2, 0)
    assert before.bytes == pytest.approx(store.size, rel=0.1)
    assert before.room is not None
    assert (after.done, after.seconds, after.bytes) == (2, 0, 0)


def test_a_second_run_leaves_what_is_there(segmenter, family, stack, store):
    list(embed_frames(segmenter, stack, store, "t=:4"))
    fresh = Segmenter.from_family(family, "exact")

    steps = list(embed_frames(fresh, stack, store))

    assert [step.was_there for step in steps] == [True] * 4 + [False] * 2
    assert family.calls["encode"] == 6


def test_what_memory_has_is_stored_too(segmenter, family, stack, store):
    for frame in FRAMES:
        segmenter.encode(frame)

    list(embed_frames(segmenter, stack, store))

    assert len(store) == 6
    assert family.calls["encode"] == 6


def test_closing_ends_it_and_the_next_run_goes_on(segmenter, family, stack, store):
    steps = embed_frames(segmenter, stack, store)
    next(steps)
    steps.close()
    kept = len(store)

    list(embed_frames(Segmenter.from_family(family, "exact"), stack, store))

    assert 1 <= kept < 6
    assert len(store) == 6


def test_while_it_is_paused_nothing_is_begun(segmenter, stack, store):
    pause = Event()
    steps = embed_frames(segmenter, stack, store, pause=pause)
    next(steps)
    pause.set()
    paused = [next(steps), next(steps)]
    pause.clear()
    rest = list(steps)

    assert [(step.index, step.done, step.is_paused) for step in paused] == [((1,), 1, True)] * 2
    assert [step.index for step in rest] == [(number,) for number in range(1, 6)]


def test_a_pause_from_the_start_can_be_cancelled(segmenter, family, stack, store):
    pause = Event()
    pause.set()
    steps = embed_frames(segmenter, stack, store, pause=pause)

    assert next(steps).is_paused
    steps.close()

    assert family.calls["encode"] == 0


def test_frames_with_nan_are_embedded(segmenter, store):
    frames = np.array(FRAMES[:3], float)
    frames[1] = np.nan
    frames[2, :5] = np.nan

    steps = list(embed_frames(segmenter, ArrayStack(frames, "tyx"), store))

    assert [step.error for step in steps] == ["", "", ""]
    assert len(store) == 3


def test_a_mapping_that_does_not_fit_is_said_of_each_frame(segmenter, stack, store):
    steps = list(
        embed_frames(segmenter, ArrayStack(FRAMES.astype(float), "tyx"), store, intensity="none")
    )

    assert all("'none' takes uint8" in step.error for step in steps)


def test_another_mapping_is_another_embedding(segmenter, stack, store):
    list(embed_frames(segmenter, stack, store, intensity="none"))

    steps = list(embed_frames(segmenter, stack, store, intensity=(10.0, 90.0)))

    assert not any(step.was_there for step in steps)


def test_a_full_disk_ends_it_and_keeps_what_is_stored(segmenter, family, stack, store):
    list(embed_frames(segmenter, stack, store, "t=:2"))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StoreWarning)
        with full_disk(), pytest.raises(OutputError, match="make room there"):
            list(embed_frames(segmenter, stack, store))

    again = EmbeddingStore(store.path)
    assert len(again) == 2
    steps = list(embed_frames(Segmenter.from_family(family, "exact"), stack, again))
    assert [step.was_there for step in steps] == [True] * 2 + [False] * 4


def test_where_memory_is_short_what_was_stored_is_found_again(compact, store):
    # Of 1,200 columns a model that takes 512 may be given half.
    frame = np.tile(fluorescence(), (2, 2))[:, :1200]
    stack = ArrayStack(frame[None], "tyx")
    said, runs = [], []
    for _ in range(2):
        short = ShortFamily(compact.model, side=700)
        segmenter = Segmenter.from_family(short, "compact", say=said.append)
        runs.extend(embed_frames(segmenter, stack, store, windows=lambda made: [whole(made.shape)]))

    assert said
    assert [step.error for step in runs] == ["", ""]
    assert [step.was_there for step in runs] == [False, True]


def test_a_large_frame_is_embedded_whole_and_in_windows(segmenter, store):
    frame = np.random.default_rng(1).integers(0, 255, (120, 200), dtype=np.uint8)
    stack = ArrayStack(frame[None], "tyx")
    windows = session_windows(segmenter.encode(frame))

    list(embed_frames(segmenter, stack, store))

    covered = np.zeros(frame.shape, bool)
    for window in windows[1:]:
        assert (window.rows, window.cols) == (64, 64)
        covered[window.slices] = True
    assert windows[0] == Window(0, 0, 120, 200)
    assert covered.all()
    assert len(store) == len(windows)


def test_the_window_of_the_last_answer_can_be_asked_for(segmenter, family, store):
    frame = np.random.default_rng(1).integers(0, 255, (120, 200), dtype=np.uint8)
    window = Window(16, 32, 64, 64)
    list(
        embed_frames(
            segmenter, ArrayStack(frame[None], "tyx"), store, windows=lambda made: [window]
        )
    )
    fresh = Segmenter.from_family(family, "exact", store=store)

    fresh.prepare(fresh.encode(frame), window)

    assert (family.calls["encode"], len(store)) == (1, 1)


@pytest.mark.parametrize("shape", [(97, 300), (130, 128), (40, 50)])
def test_no_click_gets_another_window_than_those_of_clicks(segmenter, shape):
    embedding = segmenter.encode(np.zeros(shape, np.uint8))
    windows = set(click_windows(embedding))
    places = np.stack(np.meshgrid(*map(np.arange, shape)), axis=-1).reshape(-1, 2)

    for side in sides(shape, 64):
        assert {around(place, side, shape) for place in places[::7]} <= windows
    assert Window(0, 0, *shape) in windows


def test_a_frame_that_is_read_lazily_is_embedded_as_a_session_does(segmenter, family, store):
    frame = np.random.default_rng(1).integers(0, 255, (120, 200), dtype=np.uint8)
    lazy = LazyFrame([frame], "frame 0")
    stack = ArrayStack(frame[None], "tyx")

    list(embed_frames(segmenter, stack, store, frame_of=lambda index: lazy))
    made = family.calls["encode"]
    fresh = Segmenter.from_family(family, "exact", store=store)
    embedding = fresh.encode(lazy)
    for window in session_windows(embedding):
        fresh.prepare(embedding, window)

    assert family.calls["encode"] == made


def test_of_many_frames_some_are_looked_for(segmenter, store):
    stack = ArrayStack(
        np.random.default_rng(2).integers(0, 255, (64, 40, 50), dtype=np.uint8), "tyx"
    )
    list(embed_frames(segmenter, stack, store, "t=:32"))

    estimate = estimate_embedding(segmenter, stack, store=store)

    assert (estimate.frames, estimate.done) == (64, 32)
    assert estimate.seconds > 0
    assert estimate.bytes == pytest.approx(store.size, rel=0.3)


def test_an_estimate_writes_nothing(segmenter, stack, store):
    estimate_embedding(segmenter, stack, store=store)

    assert not store.path.exists()


def test_the_room_of_a_store_with_a_limit_is_what_is_left(segmenter, stack, tmp_path):
    store = EmbeddingStore(tmp_path / "store", capacity=1_000_000)
    list(embed_frames(segmenter, stack, store, "t=0"))

    assert estimate_embedding(segmenter, stack, store=store).room == 1_000_000 - store.size


def test_frames_none_of_which_can_be_read_have_no_estimate(segmenter, tmp_path):
    for name in "abcdef":
        Image.fromarray(phase_contrast()).save(tmp_path / f"{name}.png")
    stack = pickle.loads(pickle.dumps(open_stack(tmp_path)))
    for path in tmp_path.glob("*.png"):
        path.unlink()

    with pytest.raises(StackError, match="there is no such file"):
        estimate_embedding(segmenter, stack)


def test_frames_that_there_are_not_are_refused_before_anything_is_done(segmenter, stack, store):
    with pytest.raises(StackError, match="no axis 'z'"):
        embed_frames(segmenter, stack, store, "z=3")
