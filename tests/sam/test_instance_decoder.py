"""micro-sam's second decoder: found in a checkpoint or beside it, and computed as it is there."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from napari_cutout.sam.catalogue import catalogue
from napari_cutout.sam.errors import WeightsError
from napari_cutout.sam.export import save_meta
from napari_cutout.sam.family import Distances
from napari_cutout.sam.instance_decoder import InstanceDecoder, build_instance_decoder
from napari_cutout.sam.loading import load_model

WIDTHS = [32, 16, 8, 4]
CHANNELS = 32


@pytest.fixture(params=[False, True], ids=["interpolated", "transposed"])
def decoder(request, randomised):
    return randomised(InstanceDecoder(CHANNELS, WIDTHS, request.param)).eval()


def normalised(x):
    mean = x.mean((2, 3), keepdim=True)
    return (x - mean) / (x.var((2, 3), unbiased=False, keepdim=True) + 1e-5).sqrt()


def written_out(state, image):
    """The decoder step by step from its weights, after the published description."""

    def conv(name, x):
        weight = state[f"{name}.weight"]
        return F.conv2d(x, weight, state[f"{name}.bias"], padding=weight.shape[2] // 2)

    def conv_block(name, x):
        x = conv(f"{name}.block.1", normalised(x)).relu()
        return conv(f"{name}.block.4", normalised(x)).relu()

    def grow(name, x):
        if f"{name}.block.weight" in state:
            weight, bias = state[f"{name}.block.weight"], state[f"{name}.block.bias"]
            return F.conv_transpose2d(x, weight, bias, stride=2)
        return conv(f"{name}.conv", F.interpolate(x, scale_factor=2, mode="bilinear"))

    def up(name, x):
        x = conv(f"{name}.block.1.block", grow(f"{name}.block.0", x))
        norm = {part: state[f"{name}.block.2.{part}"][:, None, None]
                for part in ("weight", "bias", "running_mean", "running_var")}  # fmt: skip
        x = (x - norm["running_mean"]) / (norm["running_var"] + 1e-5).sqrt()
        return (x * norm["weight"] + norm["bias"]).relu()

    maps = [up("deconv1", image)]
    for name in ("deconv2", "deconv3", "deconv4"):
        maps.append(up(name, maps[-1]))
    x = conv_block("base", image)
    for level in range(3):
        x = grow(f"decoder.samplers.{level}", x)
        spare = (maps[level].shape[1] - x.shape[1]) // 2
        middle = maps[level][:, spare : spare + x.shape[1]]
        x = conv_block(f"decoder.blocks.{level}", torch.cat([x, middle], 1))
    x = conv_block("decoder_head", torch.cat([grow("deconv_out", x), maps[3]], 1))
    return conv("out_conv", x).sigmoid()


def test_it_computes_what_is_described(decoder):
    image = torch.randn(1, CHANNELS, 8, 8, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        actual = decoder(image)
        expected = written_out(decoder.state_dict(), image)
    assert actual.shape == (1, 3, 128, 128)
    torch.testing.assert_close(actual, expected, atol=2e-5, rtol=1e-4)


def test_it_is_built_from_its_weights_alone(decoder):
    copy = build_instance_decoder({**decoder.state_dict(), "encoder.x": torch.zeros(2)})
    image = torch.randn(1, CHANNELS, 4, 4, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(copy(image), decoder(image))


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda s: s.pop("out_conv.weight"), "no instance decoder"),
        (lambda s: s.pop("deconv3.block.2.running_var"), "incomplete"),
        (lambda s: s.update({"out_conv.weight": s["out_conv.weight"][:2]}), "2 outputs"),
        (lambda s: s.update({"deconv_out.conv.bias": torch.zeros(9)}), "shape"),
        (lambda s: s["out_conv.bias"].fill_(torch.nan), "NaN"),
    ],
)
def test_what_isnt_one_is_refused(randomised, change, match):
    state = randomised(InstanceDecoder(CHANNELS, WIDTHS, False)).state_dict()
    change(state)
    with pytest.raises(WeightsError, match=match):
        build_instance_decoder(state)


@pytest.fixture
def pixels():
    return torch.randint(0, 255, (40, 56, 3), generator=torch.Generator().manual_seed(3)).byte()


def saved(small_sam, decoder, path, beside):
    """The model in a file, with its decoder beside it or in it."""
    if beside:
        save_meta(small_sam, path)
        torch.save(decoder.state_dict(), path.with_name("model_decoder.pt"))
    else:
        content = {"model_state": small_sam.state_dict(), "decoder_state": decoder.state_dict()}
        torch.save(content, path)
    return path


@pytest.mark.parametrize("beside", [False, True])
def test_a_checkpoint_with_it_tells_distances(small_sam, decoder, pixels, tmp_path, beside):
    model = load_model(saved(small_sam, decoder, tmp_path / "model.pt", beside), "cpu", "float32")
    assert isinstance(model, Distances)
    maps = model.distances(model.encode(pixels))
    with torch.no_grad():
        whole = decoder(small_sam.encode(pixels).maps["image"])
    side = small_sam.config.encoder.input_size
    covered = F.interpolate(whole, (side, side), mode="bilinear")[..., : round(40 * side / 56), :]
    expected = F.interpolate(covered, (40, 56), mode="bilinear")[0]
    for actual, values in zip((maps.foreground, maps.centre, maps.boundary), expected, strict=True):
        torch.testing.assert_close(actual, values, atol=1e-5, rtol=1e-4)


def test_prompts_are_answered_as_without_it(small_sam, decoder, pixels, tmp_path):
    model = load_model(saved(small_sam, decoder, tmp_path / "model.pt", True), "cpu", "float32")
    assert torch.equal(model.encode(pixels).maps["image"], small_sam.encode(pixels).maps["image"])
    assert "left out" not in " ".join(model.info.notes)


def test_a_model_without_it_has_no_distances(small_sam, tmp_path):
    save_meta(small_sam, tmp_path / "model.pt")
    assert not isinstance(load_model(tmp_path / "model.pt", "cpu", "float32"), Distances)


def test_it_isnt_written_for_other_programs(small_sam, decoder, tmp_path):
    model = load_model(saved(small_sam, decoder, tmp_path / "model.pt", True), "cpu", "float32")
    save_meta(model, tmp_path / "meta.pth")
    written = torch.load(tmp_path / "meta.pth", weights_only=True)
    assert written.keys() == small_sam.state_dict().keys()


def test_micro_sams_models_name_theirs():
    row = catalogue()["vit_b_lm"].instance_decoder
    assert row.file == "vit_b_lm_decoder.pt"
    assert row.url.endswith("vit_b_decoder.pt")
    assert catalogue()["vit_b"].instance_decoder is None
