"""Where memory doesn't suffice: less at a time, then the CPU; the answers stay what they are."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from napari_cutout.sam.loading import load_model
from napari_cutout.sample_data import fluorescence
from napari_cutout.segment import Prompts, Segmenter, Window
from napari_cutout.segment.automatic.grid.options import GridOptions
from napari_cutout.segment.automatic.progress import gather
from napari_cutout.segment.errors import MemoryWarning, OutOfMemoryError
from napari_cutout.segment.similar.find import find_similar
from napari_cutout.segment.similar.kind import learn_kind
from napari_cutout.segment.similar.options import SimilarOptions
from napari_cutout.segment.windows import whole
from short_family import ALL, NO_OPERATION, ShortFamily

HERE = Path(__file__).parent
POINTS = [(60.0 + 12 * k, 200.0 + 9 * k) for k in range(21)]


@pytest.fixture(scope="module")
def compact():
    return load_model("compact", "cpu", "float32")


@pytest.fixture(scope="module")
def large():
    """A frame twice as long as what the model looks at, and more."""
    return np.repeat(np.repeat(fluorescence(), 2, axis=0), 2, axis=1)


def segmenters(family, **options):
    """One with all memory, one with what the options leave; and what the second one says."""
    said = []
    plenty = Segmenter.from_family(family, "compact")
    short = Segmenter.from_family(ShortFamily(family, **options), "compact", say=said.append)
    return plenty, short, said


def asked():
    return [Prompts(points=[point]) for point in POINTS]


def iou(one, other):
    return (one & other).sum() / (one | other).sum()


def same(ours, theirs):
    """Equal up to how a batch's size changes the rounding of sums."""
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one.logits, other.logits, atol=1e-3)
        np.testing.assert_allclose(one.scores, other.scores, atol=1e-4)


@pytest.mark.parametrize("error", ALL.values(), ids=ALL)
def test_prompts_are_asked_fewer_at_a_time_and_answered_the_same(compact, error):
    plenty, short, said = segmenters(compact, prompts=3, error=error)
    expected = plenty.predict(plenty.encode(fluorescence()), asked())

    same(short.predict(short.encode(fluorescence()), asked()), expected)

    assert said == ["memory doesn't suffice: from now on 2 prompts are asked at once, not 4"]


def test_what_did_not_fit_is_not_tried_again(compact):
    _, short, said = segmenters(compact, prompts=3)
    embedding = short.encode(fluorescence())
    short.predict(embedding, asked())

    short.predict(embedding, asked())

    assert short.model.failed == 1  # 4
    assert len(said) == 1


def test_what_is_done_otherwise_stands_in_the_notes(compact):
    _, short, _ = segmenters(compact, prompts=3)
    short.predict(short.encode(fluorescence()), asked())

    assert short.info.notes == (
        "Memory doesn't suffice: from now on 2 prompts are asked at once, not 4.",
    )


def test_it_is_a_warning_unless_somebody_listens(compact):
    short = Segmenter.from_family(ShortFamily(compact, prompts=3), "compact")
    embedding = short.encode(fluorescence())

    with pytest.warns(MemoryWarning, match="2 prompts are asked at once, not 4"):
        short.predict(embedding, asked())


@pytest.mark.parametrize("error", [RuntimeError("mat1 and mat2 differ"), NO_OPERATION])
def test_other_errors_are_not_taken_for_it(compact, error):
    _, short, said = segmenters(compact, prompts=3, error=error)
    embedding = short.encode(fluorescence())

    with pytest.raises(type(error), match=str(error)[:20]):
        short.predict(embedding, asked())

    assert said == []


def test_a_large_window_is_read_with_fewer_pixels(compact, large):
    plenty, short, said = segmenters(compact, side=1000)
    prompts = Prompts(points=[(384, 438)])
    expected = plenty.predict(plenty.encode(large, window="whole"), prompts)

    found = short.predict(short.encode(large, window="whole"), prompts)

    assert found.masks.shape == (3, *large.shape)
    assert iou(found.masks[0], expected.masks[0]) > 0.97
    assert said == [
        "memory doesn't suffice: from now on a window of 1392 pixels along a side is read with 696"
    ]


def test_fewer_pixels_are_not_stored_as_if_they_were_all(compact, large, tmp_path):
    plenty, short, _ = segmenters(compact, side=1000)
    short.store = plenty.store = tmp_path / "store"
    embedding = short.encode(large, window="whole")
    window = whole(large.shape)

    known = short.features(embedding, window)
    fresh = plenty.features(plenty.encode(large, window="whole"), window)

    assert short.features(embedding, window) is known
    assert not np.array_equal(known.maps["image"].numpy(), fresh.maps["image"].numpy())


def test_maps_are_made_with_fewer_pixels(compact, large):
    plenty, short, said = segmenters(compact, maps=1000)
    expected = plenty.dense(plenty.encode(large, window="whole"))

    found = short.dense(short.encode(large, window="whole"))

    assert found.foreground.shape == large.shape
    assert iou(found.foreground > 0.5, expected.foreground > 0.5) > 0.97
    inside = expected.foreground > 0.9
    assert np.abs(found.distance - expected.distance)[inside].mean() < 0.05
    assert said == [
        "memory doesn't suffice: from now on maps of a window of 1392 pixels along a side are "
        "made with 696"
    ]


@pytest.mark.parametrize("options", [{"side": 100}, {"prompts": 0}, {"maps": 100}])
def test_at_last_the_cpu_goes_on(compact, options):
    said = []
    short = ShortFamily(compact, **options)
    segmenter = Segmenter.from_family(short, "c", on_cpu=lambda: compact, say=said.append)
    plenty = Segmenter.from_family(compact, "c")

    embedding = segmenter.encode(fluorescence())
    found, dense = segmenter.predict(embedding, asked()), segmenter.dense(embedding)

    expected = plenty.encode(fluorescence())
    same(found, plenty.predict(expected, asked()))
    np.testing.assert_array_equal(dense.foreground, plenty.dense(expected).foreground)
    assert (segmenter.device, segmenter.model) == ("cpu", compact)
    assert said == ["the device has too little memory; the CPU is used from now on, slower"]


def test_what_the_device_lacks_is_computed_on_the_cpu(compact):
    said = []
    short = ShortFamily(compact, side=100, error=NO_OPERATION)
    segmenter = Segmenter.from_family(short, "c", on_cpu=lambda: compact, say=said.append)

    segmenter.encode(fluorescence())

    assert segmenter.device == "cpu"
    assert said == [
        f"the device lacks what the model computes ({NO_OPERATION}); the CPU is used from now on, "
        "slower"
    ]


@pytest.mark.parametrize("error", [OSError("the drive is gone"), MemoryError("no room")])
def test_a_cpu_that_cannot_go_on_is_not_said_to_be_used(compact, error):
    def fail():
        raise error

    said, short = [], ShortFamily(compact, side=100)
    segmenter = Segmenter.from_family(short, "c", on_cpu=fail, say=said.append)

    with pytest.raises(OutOfMemoryError, match=f"too little memory, .* CPU instead: {error}"):
        segmenter.encode(fluorescence())

    assert (said, segmenter.info.notes, segmenter.model) == ([], (), short)


def test_what_failed_to_go_on_may_be_tried_again(compact):
    ways = [lambda: compact, lambda: (_ for _ in ()).throw(OSError("the drive is gone"))]
    short = ShortFamily(compact, side=100)
    segmenter = Segmenter.from_family(short, "c", on_cpu=lambda: ways.pop()(), say=print)
    with pytest.raises(OutOfMemoryError):
        segmenter.encode(fluorescence())

    segmenter.encode(fluorescence())

    assert segmenter.device == "cpu"


def test_who_is_told_may_ask_and_nobody_waits_for_him(compact):
    """Of another thread, too, that was short of memory meanwhile."""
    segmenters = []

    def say(note):
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(lambda: segmenters[0].predict(embedding, asked_for))
            told.append((note, asked.result(timeout=60)))

    told, asked_for = [], Prompts(points=[(200, 200)])
    short = ShortFamily(compact, prompts=0)
    segmenters.append(Segmenter.from_family(short, "c", on_cpu=lambda: compact, say=say))
    embedding = segmenters[0].encode(fluorescence())

    found = segmenters[0].predict(embedding, asked_for)

    assert [note for note, _ in told] == [
        "the device has too little memory; the CPU is used from now on, slower"
    ]
    same([told[0][1]], [found])


@pytest.mark.parametrize("options", [{"side": 100}, {"prompts": 0}])
def test_an_error_says_that_nothing_helped(compact, options):
    _, short, _ = segmenters(compact, **options)

    with pytest.raises(OutOfMemoryError, match=r"least that can be asked .* smaller piece"):
        short.predict(short.encode(fluorescence()), asked())


def test_a_grid_goes_on_where_memory_ended(compact):
    """What was answered before is kept: only what failed is asked again."""

    class Ending(ShortFamily):
        def draft(self, features, prompts, multimask):
            if self.prompts:
                self.prompts -= len(prompts.points)
                return self.family.draft(features, prompts, multimask)
            return super().draft(features, prompts, multimask)

    options = GridOptions(points_per_side=6, pred_iou_thresh=0.5)
    short, said = Ending(compact, prompts=16), []
    segmenter = Segmenter.from_family(short, "c", on_cpu=lambda: compact, say=said.append)

    found = segmenter.everything(fluorescence(), options)

    expected = Segmenter.from_family(compact, "c").everything(fluorescence(), options)
    assert [one.box for one in found] == [one.box for one in expected]
    assert said == ["the device has too little memory; the CPU is used from now on, slower"]


def test_a_search_for_alike_objects_goes_on_with_fewer_prompts(compact):
    plenty, short, said = segmenters(compact, prompts=3)
    mask = plenty.predict(plenty.encode(fluorescence()), Prompts(points=[(200, 200)])).crop(0)

    kind = learn_kind(plenty, plenty.encode(fluorescence()), [mask])

    def boxes(segmenter):
        embedding = segmenter.encode(fluorescence())
        steps = find_similar(segmenter, embedding, kind, SimilarOptions(rounds=1))
        return sorted(one.box for one in gather(steps, embedding.shape))

    assert boxes(short) == boxes(plenty)
    assert said == ["memory doesn't suffice: from now on 2 prompts are asked at once, not 4"]


def test_a_piece_that_fits_is_read_as_it_is(compact, large):
    plenty, short, said = segmenters(compact, side=1000)
    window = Window(100, 100, 700, 700)
    prompts = Prompts(points=[(384, 438)])

    found = short.predict(short.encode(large, window=window), prompts)

    same([found], [plenty.predict(plenty.encode(large, window=window), prompts)])
    assert said == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit of a process's memory")
def test_with_as_little_memory_as_a_process_may_have():
    """No error that is made up: the allocator's own."""
    program = HERE.parent / "little_memory.py"
    # One time in fifty oneDNN can't make even its smallest kernel in so little; and says so.
    for _ in range(3):
        done = subprocess.run([sys.executable, program], capture_output=True, text=True)
        if "could not create a primitive" not in done.stderr:
            break

    assert done.returncode == 0, done.stderr
    assert "prompts are asked at once, not 48" in done.stdout
    assert "the same" in done.stdout
