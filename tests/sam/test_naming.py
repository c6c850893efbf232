"""Meta's names and transformers' names, there and back."""

from __future__ import annotations

import torch

from napari_cutout.sam.config import ARCHITECTURES
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
