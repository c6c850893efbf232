"""Answers and what is kept don't depend on what the program around has set in torch."""

from __future__ import annotations

import copy
from contextlib import contextmanager

import numpy as np
import pytest
import torch

from napari_cutout.sam.export import save_meta
from napari_cutout.sam.undisturbed import undisturbed
from napari_cutout.segment import Prompts, Segmenter
from napari_cutout.segment.automatic.grid.options import GridOptions
from napari_cutout.segment.classes.looks import looks_of
from napari_cutout.segment.similar.kind import learn_kind
from napari_cutout.segment.similar.maps import WindowMaps, likeness

OPTIONS = GridOptions(points_per_side=2, pred_iou_thresh=-9, stability_score_thresh=0.1)


@contextmanager
def default_dtype(dtype):
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


HOSTS = {
    "inference mode": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu", torch.bfloat16),
    "float64": lambda: default_dtype(torch.float64),
    "bfloat16": lambda: default_dtype(torch.bfloat16),
    # As a host has CUDA for its default, whatever the model is on.
    "device": lambda: torch.device("meta"),
}


@pytest.fixture(params=["small_sam", "small_tiny", "compact"])
def model(request, tmp_path):
    if request.param == "compact":
        return request.param
    save_meta(request.getfixturevalue(request.param), tmp_path / "sam.pth")
    return tmp_path / "sam.pth"


def ask(model, pixels):
    """All that a model is asked in: points, a box, an answer, a mask, a grid."""
    segmenter = Segmenter(model, device="cpu", precision="float32")
    embedding = segmenter.encode(pixels.numpy(), "none", "whole")
    mask = np.zeros(pixels.shape[:2], bool)
    mask[5:20, 8:30] = True
    first = segmenter.predict(embedding, Prompts(points=[[20, 30]]))
    others = segmenter.predict(
        embedding,
        [Prompts(box=[5, 6, 30, 40]), Prompts(points=[[9, 9]], logits=first.feedback()),
         Prompts(mask=mask)],
    )  # fmt: skip
    found = segmenter.everything(embedding, OPTIONS)
    maps = segmenter.features(embedding, embedding.window).maps
    arrays = [array for one in (first, *others) for array in (one.logits, one.masks, one.scores)]
    return [*arrays, np.array([one.box for one in found])], maps


@pytest.mark.parametrize("host", HOSTS)
def test_answers_are_the_same(model, pixels, host):
    expected, _ = ask(model, pixels)
    with HOSTS[host]():
        actual, maps = ask(model, pixels)
    assert all(np.array_equal(a, b) for a, b in zip(actual, expected, strict=True))
    assert not any(value.is_inference() for value in maps.values())


def compare(pixels):
    """All that feature maps are compared in: objects with each other, and with a frame."""
    segmenter = Segmenter("compact", device="cpu", precision="float32")
    embedding = segmenter.encode(pixels.numpy(), "none", "whole")
    masks = [(np.ones((12, 15), bool), (5, 8)), (np.ones((9, 9), bool), (20, 30))]
    kind = learn_kind(segmenter, embedding, masks)
    similarity = WindowMaps.of(segmenter, embedding, embedding.window).similarity(
        kind.vectors, kind.means
    )
    looks = looks_of(segmenter, embedding, masks)
    return looks.values, similarity, likeness(kind.vectors, kind.vectors), kind.image.numpy()


@pytest.mark.parametrize("host", HOSTS)
def test_comparisons_are_the_same(pixels, host):
    expected = compare(pixels)
    with HOSTS[host]():
        actual = compare(pixels)
    assert all(np.array_equal(a, b) for a, b in zip(actual, expected, strict=True))


def test_a_model_loaded_in_inference_mode_can_be_trained(small_sam, pixels, tmp_path):
    save_meta(small_sam, tmp_path / "sam.pth")
    with torch.inference_mode():
        segmenter = Segmenter(tmp_path / "sam.pth", device="cpu", precision="float32")
    learner = copy.deepcopy(segmenter.model).requires_grad_(True)
    learner.encode(pixels).maps["image"].sum().backward()
    assert learner.image_encoder.pos_embed.grad is not None


def test_the_hosts_modes_are_as_they_were_afterwards():
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        with undisturbed():
            assert not torch.is_inference_mode_enabled()
            assert not torch.is_autocast_enabled("cpu")
            assert not torch.is_grad_enabled()
        assert torch.is_inference_mode_enabled()
        assert torch.is_autocast_enabled("cpu")
    assert torch.is_grad_enabled()
