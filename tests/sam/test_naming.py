"""Meta's names and transformers' names, there and back."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from napari_cutout.sam.config import ARCHITECTURES
from napari_cutout.sam.export import save_huggingface
from napari_cutout.sam.family import PromptBatch
from napari_cutout.sam.loading import load_model
from napari_cutout.sam.naming import huggingface_name, meta_name, to_huggingface, to_meta
from napari_cutout.sam.sam import Sam


def test_every_name_of_a_published_model_comes_back():
    with torch.device("meta"):
        names = list(Sam(ARCHITECTURES["vit_h"]).state_dict())
    renamed = [huggingface_name(name) for name in names]
    assert len(set(renamed)) == len(names)
    assert [meta_name(name) for name in renamed] == names


def test_the_frequencies_are_written_twice_and_read_from_either(small_sam):
    state = small_sam.state_dict()
    theirs = to_huggingface(state)
    copies = [name for name in theirs if "positional_embedding" in name]
    assert len(copies) == 2
    for left_out in copies:
        one = {name: value for name, value in theirs.items() if name != left_out}
        assert to_meta(one).keys() == state.keys()


def test_transformers_finds_every_parameter(huggingface_folder, huggingface_twin):
    _, info = type(huggingface_twin).from_pretrained(huggingface_folder, output_loading_info=True)
    assert not any(info.values())


@pytest.mark.parametrize("depth", [2, 4, 5])
def test_heads_of_other_depths_agree_with_transformers(
    small_sam, randomised, pixels, depth, tmp_path
):
    transformers = pytest.importorskip("transformers")
    config = replace(small_sam.config, decoder=replace(small_sam.config.decoder, iou_depth=depth))
    sam = randomised(Sam(config)).prepare("cpu", torch.float32)
    save_huggingface(sam, tmp_path)
    twin, loading = transformers.SamModel.from_pretrained(tmp_path, output_loading_info=True)
    assert not any(loading.values())
    loaded = load_model(tmp_path, "cpu", "float32")
    assert loaded.config == config
    features, point = loaded.encode(pixels), torch.tensor([[[10.0, 20.0]]])
    prompts = PromptBatch(point, torch.ones(1, 1, dtype=torch.bool))
    scale = torch.tensor(features.input_size) / torch.tensor(features.pixel_size)
    with torch.no_grad():
        expected = twin.eval()(
            image_embeddings=features.maps["image"],
            input_points=(point * scale).flip(-1)[None],
            input_labels=torch.ones(1, 1, 1, dtype=torch.long),
        ).iou_scores[0]
    scores = loaded.decode(features, prompts, True)[1]
    torch.testing.assert_close(scores, expected, rtol=1e-3, atol=1e-3)
