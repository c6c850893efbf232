"""A whole run on a cluster beside one without."""

from __future__ import annotations

from dataclasses import replace

import watched_frames as watched
from kinds_family import kinds_segmenter
from napari_cutout.segment.automatic import SeedOptions
from napari_cutout.segment.store import EmbeddingStore
from napari_cutout.stacks.cluster.run import run_on_cluster
from napari_cutout.stacks.linking.options import LinkOptions
from napari_cutout.stacks.output.output import StackOutput
from napari_cutout.stacks.running.run import run_stack


def on_cluster(client, runs, stack, output, **options):
    return list(
        run_on_cluster(client, runs.segmenter, runs.model, stack, output, watched.HOW, **options)
    )


def test_linked_labels_are_those_of_a_run_without_a_cluster(client, runs):
    stack, link = runs.stack(12), LinkOptions()
    with runs.begun(stack) as output:
        steps = on_cluster(client, runs, stack, output, link=link)
    with runs.begun(stack, "alone") as alone:
        expected = list(run_stack(runs.segmenter, stack, alone, watched.HOW, link=link))

    assert watched.files(output.path) == watched.files(alone.path)
    assert {known(step) for step in steps} == {known(step) for step in expected}
    assert [step.done for step in steps] == [step.done for step in expected]


def known(step):
    """What is said of a frame. They come back in any order, and are counted as they come."""
    return step.phase, step.index, step.state, step.objects, step.total


def test_only_chosen_frames_are_found(client, runs):
    stack = runs.stack(12)
    with runs.begun(stack) as output:
        steps = on_cluster(client, runs, stack, output, selection="t=2:8:3")

    assert sorted(step.index for step in steps) == [(2,), (5,)]
    assert {step.total for step in steps} == {2}


def test_embeddings_are_kept_where_they_should_be(client, runs, tmp_path):
    stack = runs.stack(4)
    with runs.begun(stack) as output:
        on_cluster(client, runs, stack, output, embeddings=tmp_path / "store")

    assert len(EmbeddingStore(tmp_path / "store")) == 4


def test_a_finder_of_seeds_is_loaded_by_the_workers(client, runs):
    stack, finder = runs.stack(4), kinds_segmenter()
    how = replace(watched.HOW, options=SeedOptions(finder=finder))
    path = runs.folder / "seeds" / "labels.zarr"
    with StackOutput.open(path, stack, how.settings(runs.segmenter)) as output:
        steps = list(
            run_on_cluster(
                client, runs.segmenter, runs.model, stack, output, how, finder=kinds_segmenter
            )
        )

    assert [(step.state, step.objects) for step in steps] == [("found", 2)] * 4
