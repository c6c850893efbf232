"""How images become the network's input is as preprocessor_config.json says, or refused."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

from napari_cutout.sam import load_model, save_huggingface
from napari_cutout.sam.checkpoints import Checkpoint, build
from napari_cutout.sam.config import Normalisation, SamConfig
from napari_cutout.sam.errors import WeightsError
from napari_cutout.sam.export import save_own
from napari_cutout.sam.family import PromptBatch
from napari_cutout.sam.preprocess import network_input
from napari_cutout.sam.stated_input import stated_normalisation

POINT = (25.0, 20.0)
ONE_POINT = PromptBatch(torch.tensor([[POINT]]), torch.ones(1, 1, dtype=torch.bool))
# Fine-tuned on data of one's own, on grey levels as they are, and on 0 to 1.
WAYS = {
    "own statistics": {"image_mean": [0.7, 0.2, 0.4], "image_std": [0.1, 0.15, 0.3]},
    "one for all": {"image_mean": [0.5] * 3, "image_std": [0.5] * 3},
    "unscaled": {
        "do_rescale": False,
        "image_mean": [100.0, 110.0, 120.0],
        "image_std": [50.0, 60.0, 70.0],
    },
    "other scale": {"rescale_factor": 1 / 127.5, "image_mean": [1.0] * 3, "image_std": [1.0] * 3},
    "0 to 1": {"do_normalize": False},
}


@pytest.fixture
def folder(huggingface_folder, tmp_path):
    return shutil.copytree(huggingface_folder, tmp_path / "copy")


def state(folder, how, file="preprocessor_config.json"):
    """Change what is stated of images."""
    path = folder / file
    stated = json.loads(path.read_text("utf-8"))
    (stated["image_processor"] if file == "processor_config.json" else stated).update(how)
    path.write_text(json.dumps(stated), encoding="utf-8")


@pytest.mark.parametrize("file", ["preprocessor_config.json", "processor_config.json"])
@pytest.mark.parametrize("how", [*WAYS, "SAM's own"])
def test_the_answers_are_those_of_transformers(folder, pixels, how, file):
    transformers = pytest.importorskip("transformers")
    images = transformers.SamImageProcessorPil.from_pretrained(folder)
    if file == "processor_config.json":
        transformers.SamProcessor(images).save_pretrained(folder)
    state(folder, WAYS.get(how, {}), file)
    processor = transformers.SamProcessor.from_pretrained(folder)
    twin = transformers.SamModel.from_pretrained(folder).eval()
    # As large as the input, so that nothing is resized.
    side = twin.config.vision_config.image_size
    image = np.resize(pixels.numpy(), (side - 12, side, 3))
    asked = processor(image, input_points=[[list(POINT[::-1])]], return_tensors="pt")
    with torch.no_grad():
        expected = twin(**asked)

    loaded = load_model(folder, device="cpu", precision="float32")
    features = loaded.encode(torch.from_numpy(image))
    logits, scores = loaded.decode(features, ONE_POINT, True)

    ours = network_input(torch.from_numpy(image), side, "longest_side", loaded.config.normalisation)
    torch.testing.assert_close(ours, asked["pixel_values"].float(), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(logits, expected.pred_masks[0], rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(scores, expected.iou_scores[0], rtol=1e-3, atol=1e-3)


def test_other_levels_give_other_answers(folder, pixels):
    plain = load_model(folder, device="cpu", precision="float32")
    state(folder, WAYS["own statistics"])

    other = load_model(folder, device="cpu", precision="float32")

    maps = [model.encode(pixels).maps["image"] for model in (plain, other)]
    assert not torch.allclose(*maps, rtol=0.1, atol=0.1)
    assert other.fingerprint != plain.fingerprint


@pytest.mark.parametrize(
    "stated",
    [
        {},
        {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]},
        {"image_mean": None, "do_rescale": True, "rescale_factor": 0.00392156862745098},
        {
            "do_rescale": False,
            "image_mean": [123.675, 116.28, 103.53],
            "image_std": [58.395, 57.12, 57.375],
        },
        {
            "do_rescale": 0,
            "do_normalize": 1,
            "image_mean": [123.675, 116.28, 103.53],
            "image_std": [58.395, 57.12, 57.375],
        },
        {"size": {"longest_edge": 1024, "height": None}, "pad_size": 1024, "resample": 2},
        {"something": "else", "do_convert_rgb": True},
    ],
)
def test_what_says_the_same_as_sam_is_sams_own(stated):
    assert stated_normalisation(stated, 1024) is None


def test_sams_own_is_the_same_bit_for_bit(folder, small_sam, pixels):
    loaded = load_model(folder, device="cpu", precision="float32")
    (folder / "preprocessor_config.json").unlink()
    without = load_model(folder, device="cpu", precision="float32")

    for model in (loaded, without):
        assert model.config == small_sam.config
        assert model.config.to_json() == small_sam.config.to_json()
        assert "normalisation" not in model.config.to_json() + repr(model.config)
        assert model.fingerprint == small_sam.fingerprint
        assert torch.equal(
            model.encode(pixels).maps["image"], small_sam.encode(pixels).maps["image"]
        )


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"size": {"longest_edge": 512}}, "size = .*512.*, where .*1024"),
        ({"size": {"height": 1024, "width": 1024}}, "size = "),
        ({"pad_size": {"height": 512, "width": 512}}, "pad_size = "),
        ({"do_resize": False}, "do_resize = False"),
        ({"do_pad": False}, "do_pad = False"),
        ({"resample": 3}, "resample = 3"),
        ({"image_mean": [0.5, 0.5]}, "image_mean = .*3 numbers"),
        ({"image_mean": ["a", "b", "c"]}, "image_mean = .*3 numbers"),
        ({"image_std": "0.5"}, "image_std = .*3 numbers"),
        ({"image_std": [0.2, 0.0, 0.2]}, "image_std = .*above 0"),
        ({"image_std": [0.2, float("nan"), 0.2]}, "image_std = "),
        ({"rescale_factor": 0}, "rescale_factor = 0.*above 0"),
        ({"rescale_factor": [1, 2]}, "rescale_factor = .*1 numbers"),
        ({"do_normalize": "yes"}, "do_normalize = 'yes'"),
    ],
)
def test_what_our_input_is_not_made_like_is_refused(how, told):
    with pytest.raises(WeightsError, match=rf"preprocessor_config\.json, .* states {told}"):
        stated_normalisation(how, 1024)


def test_a_refusal_names_the_folder_and_the_way_out(folder):
    state(folder, {"resample": 3})

    with pytest.raises(
        WeightsError, match=r"copy.*: preprocessor_config\.json, .*take that file away"
    ):
        load_model(folder, device="cpu")


def test_the_newer_file_goes_before_the_older(folder):
    newer = {"image_processor": {"image_mean": [0.5] * 3, "image_std": [0.5] * 3}}
    (folder / "processor_config.json").write_text(json.dumps(newer), encoding="utf-8")

    assert load_model(folder, device="cpu").config.normalisation == Normalisation(
        (127.5,) * 3, (127.5,) * 3
    )


def test_one_that_says_nothing_of_images_does_not(folder):
    (folder / "processor_config.json").write_text('{"processor_class": "SamProcessor"}', "utf-8")
    state(folder, {"image_mean": 0.5, "image_std": 0.5})

    assert load_model(folder, device="cpu").config.normalisation is not None


def test_the_hubs_file_has_its_folder_beside_it(folder):
    state(folder, WAYS["one for all"])

    config = load_model(folder / "model.safetensors", device="cpu").config
    assert config == load_model(folder, device="cpu").config
    assert config.normalisation is not None


@pytest.mark.parametrize("content", ["{", "[]", ""])
def test_a_file_that_is_damaged_is_named(folder, content):
    (folder / "preprocessor_config.json").write_text(content, encoding="utf-8")

    with pytest.raises(WeightsError, match=r"preprocessor_config\.json: "):
        load_model(folder, device="cpu")


@pytest.fixture
def other_levels(small_sam):
    """The small SAM, for images normalised in another way."""
    own = Normalisation((10.0, 20.5, 30.25), (5.0, 60.75, 7.125))
    config = replace(small_sam.config, normalisation=own)
    model = build(Checkpoint(Path("it"), config, small_sam.state_dict()))
    return model.prepare("cpu", torch.float32)


def test_it_is_written_into_a_folder_and_read_again(other_levels, pixels, tmp_path):
    save_huggingface(other_levels, tmp_path)

    again = load_model(tmp_path, device="cpu", precision="float32")

    for part in ("mean", "std"):
        ours, theirs = (getattr(one.config.normalisation, part) for one in (again, other_levels))
        assert ours == pytest.approx(theirs)
    torch.testing.assert_close(
        again.encode(pixels).maps["image"], other_levels.encode(pixels).maps["image"]
    )


def test_it_is_written_into_a_file_of_our_own(other_levels, tmp_path):
    save_own(other_levels, other_levels.state_dict(), tmp_path / "a.safetensors", {})

    with safe_open(tmp_path / "a.safetensors", "pt") as file:
        stated = file.metadata()["napari_cutout_sam"]
    assert SamConfig.from_json(stated) == other_levels.config
    again = load_model(tmp_path / "a.safetensors", device="cpu", precision="float32")
    assert again.config == other_levels.config
    assert again.fingerprint == other_levels.fingerprint
