"""A SAM is found in whatever its file wraps it in, or it is said why not."""

from __future__ import annotations

import json
import re
import warnings

import pytest
import torch
from safetensors.torch import save_file

from napari_cutout.sam.checkpoints import build, interpret, read_checkpoint
from napari_cutout.sam.errors import WeightsError
from napari_cutout.sam.export import save_huggingface, save_meta
from napari_cutout.sam.naming import to_huggingface
from napari_cutout.sam.weight_files import RawWeights


def prefixed(state, prefix):
    return {prefix + name: value for name, value in state.items()}


@pytest.fixture
def state(small_sam):
    return small_sam.state_dict()


def read_back(content, tmp_path):
    path = tmp_path / "weights"
    torch.save(content, path)
    return read_checkpoint(path)


def assert_same(tensors, state):
    assert tensors.keys() == state.keys()
    assert all(torch.equal(tensors[name], value) for name, value in state.items())


@pytest.mark.parametrize("model", ["small_sam", "small_tiny"])
def test_metas_file_round_trips(model, request, tmp_path):
    sam = request.getfixturevalue(model)
    save_meta(sam, tmp_path / "sam.pth")
    copy = build(read_checkpoint(tmp_path / "sam.pth"))
    assert_same(copy.state_dict(), sam.state_dict())


def test_a_huggingface_folder_round_trips(small_sam, state, huggingface_folder):
    copy = build(read_checkpoint(huggingface_folder))
    assert copy.config == small_sam.config
    assert_same(copy.state_dict(), state)


def test_a_sharded_huggingface_folder(huggingface_twin, state, tmp_path):
    huggingface_twin.save_pretrained(tmp_path, max_shard_size="40KB")
    assert (tmp_path / "model.safetensors.index.json").exists()
    assert_same(read_checkpoint(tmp_path).tensors, state)


def test_mobile_sam_has_no_huggingface_form(small_tiny, tmp_path):
    with pytest.raises(ValueError, match="save_meta"):
        save_huggingface(small_tiny, tmp_path)


@pytest.mark.parametrize("prefix", ["", "module.", "sam.", "model.", "module.sam_model."])
@pytest.mark.parametrize("nest", ["", "model_state", "model", "state_dict", "outer.model"])
def test_nested_and_prefixed_checkpoints(state, tmp_path, nest, prefix):
    content = prefixed(state, prefix)
    for key in reversed(nest.split(".") if nest else []):
        content = {key: content, "epoch": 3}
    assert_same(read_back(content, tmp_path).tensors, state)


class Counted(dict):
    """Counts how often its entries were asked for."""

    asked = 0

    def items(self):
        self.asked += 1
        return super().items()


def test_a_dictionary_in_itself_is_walked_once(state, tmp_path):
    content = Counted()
    content.update({f"again{number}": content for number in range(9)})
    content["deep"] = {"deeper": {"model": state}}
    checkpoint = interpret(RawWeights(tmp_path, content))
    assert_same(checkpoint.tensors, state)
    assert content.asked < 9


@pytest.mark.parametrize("wrapper", ["_orig_mod.", "module.", "_fsdp_wrapped_module."])
def test_wrappers_around_parts_are_taken_off(state, tmp_path, wrapper):
    wrapped = {
        part + wrapper + name.removeprefix(part): value
        for name, value in state.items()
        for part in [name.partition(".")[0] + "."]
    }
    checkpoint = read_back(prefixed(wrapped, wrapper), tmp_path)
    assert_same(checkpoint.tensors, state)
    assert checkpoint.notes == ()


def test_a_huggingface_folder_of_several_bin_files(state, tmp_path):
    theirs, index = to_huggingface(state), {}
    for number in (1, 2):
        name = f"pytorch_model-{number:05}-of-00002.bin"
        part = dict(list(theirs.items())[number - 1 :: 2])
        torch.save(part, tmp_path / name)
        index |= dict.fromkeys(part, name)
    path = tmp_path / "pytorch_model.bin.index.json"
    path.write_text(json.dumps({"weight_map": index}))
    assert_same(read_checkpoint(tmp_path).tensors, state)
    assert_same(read_checkpoint(path).tensors, state)


def test_transformers_names_in_a_single_file(state, tmp_path):
    save_file(to_huggingface(state), tmp_path / "sam.safetensors")
    assert_same(read_checkpoint(tmp_path / "sam.safetensors").tensors, state)


def test_what_is_beside_the_model_is_noted(state, tmp_path):
    content = {
        "model_state": state | {"pixel_mean": torch.zeros(3, 1, 1), "decoder.a": torch.zeros(1)},
        "decoder_state": {"out.weight": torch.zeros(1)},
    }
    checkpoint = read_back(content, tmp_path)
    assert_same(checkpoint.tensors, state)
    assert "'model_state'" in checkpoint.notes[0]
    assert checkpoint.notes[1] == "left out what is not SAM's: decoder"
    assert "no instance decoder" in build(checkpoint).info.notes[2]


def test_half_precision_files_become_float32(state, tmp_path):
    checkpoint = read_back({name: value.half() for name, value in state.items()}, tmp_path)
    assert {tensor.dtype for tensor in build(checkpoint).state_dict().values()} == {torch.float32}


def test_a_built_model_owns_its_weights(state, tmp_path):
    checkpoint = read_back(state, tmp_path)
    sam = build(checkpoint)
    with torch.no_grad():
        sam.mask_decoder.iou_token.weight.zero_()
    assert checkpoint.tensors["mask_decoder.iou_token.weight"].any()


def test_a_missing_tensor_is_named(state, tmp_path):
    incomplete = {n: v for n, v in state.items() if n != "image_encoder.blocks.1.norm2.bias"}
    with pytest.raises(WeightsError, match=r"1 of the .* missing, 'image_encoder\.blocks\.1\.norm"):
        read_back(incomplete, tmp_path)


def test_a_wrong_shape_is_named(state, tmp_path):
    wrong = state | {"image_encoder.blocks.1.norm2.bias": torch.zeros(7)}
    with pytest.raises(WeightsError, match=r"norm2\.bias' has shape \(7,\) where"):
        read_back(wrong, tmp_path)


def as_sparse(tensor):
    return tensor.to_sparse()


def as_quantized(tensor):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch gives these tensors up
        return torch.quantize_per_tensor(tensor, 0.1, 0, torch.qint8)


@pytest.mark.filterwarnings("ignore:TypedStorage is deprecated")  # reading quantized tensors
@pytest.mark.parametrize(
    ("spoiled", "reason"),
    [
        (torch.Tensor.long, "torch.int64"),
        (torch.Tensor.bool, "torch.bool"),
        (lambda tensor: tensor + 1j, "torch.complex64"),
        (as_quantized, "torch.qint8"),
        (as_sparse, "sparse"),
        (lambda tensor: tensor.to("meta"), "no values"),
        (lambda tensor: tensor * torch.nan, "NaN"),
        (lambda tensor: tensor.double() + 1e300, "infinite"),
    ],
)
def test_tensors_that_are_no_weights_are_named(state, tmp_path, spoiled, reason):
    name = "image_encoder.blocks.1.mlp.lin1.weight"
    with pytest.raises(WeightsError, match=rf"{re.escape(name)}' .*{re.escape(reason)}"):
        read_back(state | {name: spoiled(state[name])}, tmp_path)


def test_counts_of_batches_may_be_whole_numbers(small_tiny, tmp_path):
    kinds = {tensor.dtype for tensor in small_tiny.state_dict().values()}
    assert kinds == {torch.float32, torch.int64}
    assert_same(read_back(small_tiny.state_dict(), tmp_path).tensors, small_tiny.state_dict())


def test_sizes_that_no_model_has(state, tmp_path):
    wrong = {"image_encoder.patch_embed.proj.weight": torch.zeros(48, 3, 0, 0)}
    with pytest.raises(WeightsError, match="no SAM has the sizes"):
        read_back(state | wrong, tmp_path)


def test_a_name_with_a_huge_number_makes_no_huge_model(state, tmp_path):
    huge = {"mask_decoder.transformer.layers.999999999.norm1.bias": torch.zeros(1)}
    with pytest.raises(WeightsError, match=r"no 'mask_decoder\.transformer\.layers\.2'"):
        read_back(state | huge, tmp_path)


def test_an_altered_model_is_refused(state, tmp_path):
    with pytest.raises(WeightsError, match="SAM-HQ"):
        read_back(state | {"mask_decoder.hf_token.weight": torch.zeros(1, 32)}, tmp_path)
    adapter = {"image_encoder.blocks.0.adapter.weight": torch.zeros(1)}
    with pytest.raises(WeightsError, match="altered SAM"):
        read_back(state | adapter, tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"layer1.conv.weight": torch.zeros(1)}, "mask_decoder.iou_token.weight"),
        ({"model": {"sam_mask_decoder.iou_token.weight": torch.zeros(1)}}, "SAM 2"),
        ({"decoder.conv.weight": torch.zeros(1)}, "instance decoder alone"),
        ({}, "empty"),
    ],
)
def test_foreign_checkpoints(content, reason, tmp_path):
    with pytest.raises(WeightsError, match=reason):
        read_back(content, tmp_path)
