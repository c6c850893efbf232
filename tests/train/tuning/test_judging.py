"""Judging asks for the same objects each time, as a segmenter would answer."""

import pytest

from napari_cutout.sam.loading import load_model
from napari_cutout.train.tuning.judging import Judge


@pytest.mark.parametrize("keeps", [True, False])
def test_the_same_weights_are_judged_the_same(models, data, keeps):
    model = load_model(models["compact"], "cpu", "float32")
    judge = Judge(data, 4, model, 0, keeps_embeddings=keeps)
    first, second = ([found.ious for found in judge.judge()] for _ in range(2))

    assert len(judge) == 4
    assert first == second
    assert all(0 <= value <= 1 for found in first for value in found)


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("family", ["compact", "vit"])
def test_weights_that_changed_are_judged_anew(models, data, family, keeps):
    import torch

    model = load_model(models[family], "cpu", "float32")
    judge = Judge(data, 4, model, 0, keeps_embeddings=keeps)
    before = [found.ious for found in judge.judge()]
    generator = torch.Generator().manual_seed(1)
    decoder = model.network.decoder if family == "compact" else model.mask_decoder
    with torch.no_grad():
        for parameter in decoder.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    after = [found.ious for found in judge.judge()]

    assert before != after


def test_the_first_few_frames_are_shown(models, data):
    model = load_model(models["compact"], "cpu", "float32")
    found = list(Judge(data, 4, model, 0, keeps_embeddings=True).judge())

    for judged in found:
        assert judged.sample.truth[judged.sample.click]
        assert judged.sample.iou == judged.ious[0]
