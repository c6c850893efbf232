"""A worker that comes late with a frame that somebody else has done."""

from __future__ import annotations

import watched_frames as watched
from napari_cutout.stacks.cluster.shared import SharedPlace
from napari_cutout.stacks.linking.options import LinkOptions
from napari_cutout.stacks.running.results import FrameResult
from napari_cutout.stacks.running.run import run_stack


def linked(runs, stack, output):
    for _ in run_stack(runs.segmenter, stack, output, watched.HOW, link=LinkOptions()):
        pass


def test_who_comes_late_changes_nothing(runs):
    stack = runs.stack(3)
    with runs.begun(stack) as output:
        linked(runs, stack, output)
        results = [output.read((number,)) for number in range(3)]
        before = watched.files(output.path)
        late = SharedPlace.of(output.place, output.path)

        for result in results:
            late.write(FrameResult(result.index, result.objects[:1]))

        assert watched.files(output.path) == before


def test_who_comes_first_writes_as_anybody_would(runs):
    stack = runs.stack(3)
    expected = runs.alone(stack)
    with runs.begun(stack) as output:
        first = SharedPlace.of(output.place, output.path)
        with runs.begun(stack, "alone") as alone:
            for number in range(3):
                first.write(alone.read((number,)))

    assert watched.files(output.path) == expected
