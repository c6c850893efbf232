"""Models written for other programs."""

import pytest
import torch

from napari_cutout.sam.config import DecoderConfig, SamConfig, TinyVitConfig, VitConfig
from napari_cutout.sam.export import save_own
from napari_cutout.sam.loading import load_model
from napari_cutout.sam.sam import Sam

DECODER = DecoderConfig(dim=32, heads=4, cross_dim=16, mlp_dim=48, mask_channels=8, iou_hidden=24)
VIT = VitConfig(48, 2, 4, (1,), head_dim=12, mlp_dim=64, window=3, patch=8, input_size=64,
                out_channels=32)  # fmt: skip
TINY = TinyVitConfig((16, 32, 64, 80), (1, 1, 1, 1), (2, 1, 2, 4), (7, 3, 4, 3), input_size=64,
                     out_channels=32, classes=10)  # fmt: skip


def written(encoder, path):
    sam = Sam(SamConfig("small", encoder, DECODER))
    generator = torch.Generator().manual_seed(0)
    for tensor in sam.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.1)
    save_own(sam, sam.state_dict(), path, {})
    return path


@pytest.fixture
def vit(tmp_path):
    return written(VIT, tmp_path / "vit.safetensors")


def test_a_sam_becomes_metas_file(run, vit, tmp_path):
    out = tmp_path / "meta.pth"
    result = run("models", "export", vit, "--format", "meta", "--out", out)

    assert result.stdout == f"meta: {out}\n"
    state, own = torch.load(out, weights_only=True), load_model(vit, "cpu", "float32").state_dict()
    assert state.keys() == own.keys()
    assert all(torch.equal(state[name], own[name]) for name in own)


def test_a_sam_becomes_a_folder_that_transformers_reads(run, vit, tmp_path):
    out = tmp_path / "folder"
    result = run("models", "export", vit, "--format", "huggingface", "--out", out)

    assert result.exit_code == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "config.json",
        "model.safetensors",
        "preprocessor_config.json",
    ]
    loaded = load_model(out, "cpu", "float32")
    own = load_model(vit, "cpu", "float32")
    # Also the decoder's number of heads, which no weight tells.
    assert loaded.config.decoder == own.config.decoder
    assert all(torch.equal(loaded.state_dict()[n], v) for n, v in own.state_dict().items())


def test_what_no_other_program_reads_is_refused(refused, tmp_path):
    line = refused("models", "export", "compact", "--out", tmp_path / "x.pth")

    assert "compact model, which no other program reads" in line


def test_a_mobilesam_is_not_for_transformers(refused, tmp_path):
    tiny = written(TINY, tmp_path / "tiny.safetensors")
    line = refused("models", "export", tiny, "--format", "huggingface", "--out", tmp_path / "x")

    assert "transformers doesn't have" in line


@pytest.mark.parametrize(
    ("form", "name", "reason"),
    [
        ("meta", "", "is a folder"),
        ("huggingface", "vit.safetensors", "is a file"),
        ("meta", "no/x.pth", "there is no folder"),
    ],
)
def test_a_wrong_place_is_refused(refused, vit, tmp_path, form, name, reason):
    line = refused("models", "export", vit, "--format", form, "--out", tmp_path / name)

    assert reason in line
