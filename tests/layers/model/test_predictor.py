"""What a predictor encodes, keeps and prefetches; how it answers is tested with sessions."""

import dask.array as da
import numpy as np
import pytest
import zarr
from napari.layers import Image

from computed import pyramid
from exact_family import exact_segmenter
from napari_cutout.annotate import PromptState
from napari_cutout.layers.answers import Answers
from napari_cutout.layers.image.channels import Channels
from napari_cutout.layers.image.frames import frame_source, neighbours
from napari_cutout.layers.model import embeddings
from napari_cutout.layers.model.predictor import Predictor, Question
from napari_cutout.segment import EmbeddingStore, MaskOptions, Window


class Runner:
    """Jobs that wait until they are told to run, as the widget's threads do."""

    def __init__(self):
        self.jobs = []

    def __call__(self, job):
        self.jobs.append(job)

    def step(self):
        job = self.jobs.pop(0)
        job.deliver(job.compute())
        return job.kind


class Asked:
    """A predictor of an image, and what it said."""

    def __init__(self, data, run=None, **settings):
        self.image = Image(data, **settings)
        self.run = run or Runner()
        self.segmenter = exact_segmenter()
        self.answers, self.changes, self.said = [], [], []
        self.predictor = Predictor(
            self.image,
            self.segmenter,
            "dtype",
            self.run,
            lambda answers, known: self.answers.append(answers),
            self.changes.append,
            self.said.append,
        )

    def source(self, index, *arguments):
        return frame_source(self.image, index, *arguments)

    def ask(self, index, point, window=None):
        source = self.source(index, None, window)
        prompts = PromptState.empty(self.image.ndim).with_point(np.array(point, float), True)
        self.predictor.ask(Question((prompts,), source, Answers(), MaskOptions()))
        return source

    def run_all(self):
        return [self.run.step() for _ in range(100) if self.run.jobs]

    @property
    def encoded(self):
        return self.segmenter.family.calls["encode"]


def stack(planes=5):
    data = np.zeros((planes, 40, 60), np.uint8)
    data[:, 10:20, 10:30] = 250
    return data


def test_neighbours_are_ready_before_they_are_asked_about():
    asked = Asked(stack())
    asked.ask((2, None, None), (2, 15, 15))
    assert asked.run_all() == ["encode", "predict"]
    shown = (2, None, None)
    sources = [asked.source(index) for index in neighbours(shown, asked.image.data.shape)]
    asked.predictor.prefetch(sources)
    assert asked.run_all() == ["prefetch", "prefetch"]
    asked.ask((3, None, None), (3, 15, 15))
    assert asked.run_all() == ["predict"]


def test_one_frame_is_one_job_and_the_next_waits_for_it():
    asked = Asked(stack())
    asked.predictor.prefetch([asked.source((at, None, None)) for at in range(3)])
    assert [job.kind for job in asked.run.jobs] == ["prefetch"]
    asked.run.step()
    assert [job.kind for job in asked.run.jobs] == ["prefetch"]


def test_frames_that_are_ready_are_left_out():
    asked = Asked(stack())
    asked.predictor.encode(asked.source((1, None, None)))
    asked.run_all()
    asked.predictor.prefetch([asked.source((at, None, None)) for at in range(3)])
    assert asked.run_all() == ["prefetch"] * 2


@pytest.mark.parametrize("stop", ["withdraw", "cancel", "forget", "ask", "encode"])
def test_nothing_is_prefetched_once_something_else_is_wanted(stop):
    asked = Asked(stack())
    asked.predictor.prefetch([asked.source((at, None, None)) for at in range(3)])
    if stop == "ask":
        asked.ask((4, None, None), (4, 15, 15))
    elif stop == "encode":
        asked.predictor.encode(asked.source((4, None, None)))
    else:
        getattr(asked.predictor, stop)()
    asked.run_all()
    prefetched = [asked.predictor.is_encoded(asked.source((at, None, None))) for at in range(3)]
    # The one under way may end; after cancel and forget its result isn't used.
    assert prefetched == [stop not in ("cancel", "forget"), False, False]


def test_nothing_is_prefetched_while_an_answer_is_waited_for():
    asked = Asked(stack())
    asked.ask((2, None, None), (2, 15, 15))
    asked.predictor.prefetch([asked.source((3, None, None))])
    assert [job.kind for job in asked.run.jobs] == ["encode"]


def test_a_prefetch_that_fails_says_nothing_and_the_rest_is_left():
    asked = Asked(stack())
    asked.predictor.prefetch([asked.source((at, None, None)) for at in range(3)])
    before = list(asked.said)
    asked.run.jobs.pop().fail(OSError("gone"))
    assert asked.run.jobs == []
    assert asked.said == before
    asked.predictor.prefetch([asked.source((0, None, None))])
    assert asked.run_all() == ["prefetch"]


def test_in_a_large_frame_the_place_of_the_last_answer_is_prefetched():
    levels = [np.zeros((3, 4096 >> k, 4096 >> k), np.uint8) for k in range(2)]
    for k, level in enumerate(levels):
        level[:, 600 >> k : 640 >> k, 600 >> k : 640 >> k] = np.array([250, 240, 230])[
            :, None, None
        ]
    asked = Asked(levels, multiscale=True)
    asked.ask((0, None, None), (0, 620, 620))
    asked.run_all()
    assert asked.encoded == 1
    asked.predictor.prefetch([asked.source((at, None, None)) for at in (0, 1)])
    assert asked.run_all() == ["prefetch"] * 2
    # Of the shown frame a larger window, of its neighbour the same one.
    assert asked.encoded == 3
    asked.ask((1, None, None), (1, 620, 620))
    assert asked.run_all() == ["predict"]
    assert asked.encoded == 3


def test_frames_are_kept_within_bounds(monkeypatch):
    monkeypatch.setattr(embeddings, "KEPT_BYTES", 3 * 40 * 60 * 3)
    asked = Asked(stack(6))
    for at in range(6):
        asked.predictor.encode(asked.source((at, None, None)))
        asked.run_all()
    kept = [asked.predictor.is_encoded(asked.source((at, None, None))) for at in range(6)]
    assert kept == [False] * 3 + [True] * 3


def test_frames_that_were_used_lately_are_kept(monkeypatch):
    monkeypatch.setattr(embeddings, "KEPT_FRAMES", 2)
    asked = Asked(stack(6))
    for at in (0, 1):
        asked.predictor.encode(asked.source((at, None, None)))
        asked.run_all()
    asked.ask((0, None, None), (0, 15, 15))
    asked.run_all()
    asked.predictor.encode(asked.source((2, None, None)))
    asked.run_all()
    kept = [asked.predictor.is_encoded(asked.source((at, None, None))) for at in range(3)]
    assert kept == [True, False, True]


def test_a_huge_frame_holds_no_pixels():
    asked = Asked(pyramid(100_000, [(70_000, 30_000, 100)]), multiscale=True)
    asked.ask((None, None), (70_000, 30_000))
    asked.run_all()
    (answer,) = asked.answers[0]
    assert answer.prediction.crop()[0].shape == (201, 201)
    assert asked.predictor._embeddings.size == 0


@pytest.mark.parametrize("side", [60, 3000])
def test_pixels_in_memory_that_changed_are_noticed(side):
    data = np.zeros((side, side), np.uint8)
    data[10:20, 10:30] = 250
    asked = Asked(data)
    asked.ask((None, None), (15, 15))
    asked.run_all()
    data[12, 12] = 0
    asked.ask((None, None), (15, 16))
    asked.run_all()
    assert len(asked.answers) == 1
    assert asked.changes == [False]


@pytest.mark.parametrize("around", [0, 1500])
def test_lazy_pixels_are_read_again_when_there_is_an_answer(around):
    asked = Asked(da.from_array(np.pad(stack(1)[0], around), chunks=500))
    asked.ask((None, None), (around + 15, around + 15))
    assert asked.run_all() == ["encode", "predict"]
    asked.ask((None, None), (around + 16, around + 16))
    asked.run.step()
    assert (len(asked.answers), asked.encoded) == (2, 1)
    assert asked.run_all() == ["look"]
    assert asked.changes == []


@pytest.mark.parametrize("is_dask", [False, True])
@pytest.mark.parametrize("around", [0, 1500])
def test_lazy_pixels_that_changed_are_noticed(is_dask, around):
    data = zarr.array(np.pad(stack(1)[0], around))
    asked = Asked(da.from_array(data) if is_dask else data)
    asked.ask((None, None), (around + 15, around + 15))
    asked.run_all()
    data[around + 12, around + 12] = 0
    asked.ask((None, None), (around + 15, around + 16))
    asked.run_all()
    assert len(asked.answers) == 2
    assert asked.changes == [True]


def test_what_changed_far_away_is_left_to_who_asks_there():
    data = zarr.array(np.pad(stack(1)[0], 3000))
    asked = Asked(data)
    asked.ask((None, None), (3015, 3015))
    asked.run_all()
    data[10, 10] = 250
    asked.ask((None, None), (3015, 3016))
    asked.run_all()
    assert asked.changes == []


def test_a_frame_that_was_encoded_anew_meanwhile_is_not_said_to_have_changed():
    data = zarr.array(stack(1)[0])
    asked = Asked(data)
    asked.ask((None, None), (15, 15))
    asked.run_all()
    data[12, 12] = 0
    asked.ask((None, None), (15, 16))
    asked.run.step()
    asked.predictor.forget()
    assert asked.run_all() == ["look"]
    assert asked.changes == []


def test_pixels_that_cannot_be_read_again_are_not_said_to_have_changed():
    asked = Asked(zarr.array(stack(1)[0]))
    asked.ask((None, None), (15, 15))
    asked.run_all()
    asked.ask((None, None), (15, 16))
    asked.run.step()
    (job,) = asked.run.jobs
    job.fail(OSError("the drive is gone"))
    assert asked.changes == []


def test_a_window_that_is_asked_for_is_the_one_that_is_looked_at():
    asked = Asked(np.zeros((3000, 3000), np.uint8))
    for window, expected in (
        ("whole", Window(0, 0, 3000, 3000)),
        (Window(100, 200, 300, 400), Window(100, 200, 300, 400)),
    ):
        asked.ask((None, None), (150, 250), window)
        asked.run_all()
        assert asked.answers[-1][0].prediction.window == expected


def test_every_choice_of_channels_has_its_own_limits():
    data = np.stack([stack(2) * scale for scale in (1, 10, 100, 3)], axis=1).astype(np.uint16)
    asked = Asked(data)
    asked.predictor.intensity = "stack"
    for positions in ((0, 1, 2), (3,)):
        asked.predictor.encode(asked.source((0, 0, None, None), Channels(1, positions)))
        asked.run_all()
    pixels = [
        asked.predictor._embeddings.get(
            asked.source((0, 0, None, None), Channels(1, positions)).key
        ).embedding.pixels
        for positions in ((0, 1, 2), (3,))
    ]
    assert pixels[0].max(axis=(0, 1)).tolist() == [255, 255, 255]
    assert np.array_equal(pixels[0], pixels[1])


def test_frames_are_stored_where_they_are_said_to_be(tmp_path):
    for expected in (1, 0):
        asked = Asked(stack(1))
        asked.predictor.store = EmbeddingStore(tmp_path / "store")
        asked.predictor.encode(asked.source((0, None, None)))
        asked.run_all()
        assert asked.encoded == expected
