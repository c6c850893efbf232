"""TinyViT against a second implementation, written from the paper's facts in another way."""

from __future__ import annotations

import copy

import torch
from torch.nn import functional as F

from napari_cutout.sam.config import ARCHITECTURES
from napari_cutout.sam.sam import Sam


class Reference:
    """The encoder as plain functions on a state dict, in float64, one window at a time."""

    def __init__(self, state, config):
        self.state = {name: value.double() for name, value in state.items()}
        self.config = config

    def _conv_norm(self, x, name, stride=1, groups=1):
        get = {key: self.state[f"{name}.{key}"] for key in ("c.weight", "bn.weight", "bn.bias")}
        mean, var = self.state[f"{name}.bn.running_mean"], self.state[f"{name}.bn.running_var"]
        weight = get["c.weight"]
        x = F.conv2d(x, weight, None, stride, weight.shape[-1] // 2, groups=groups)
        scale = get["bn.weight"] / (var + 1e-5).sqrt()
        return x * scale[:, None, None] + (get["bn.bias"] - mean * scale)[:, None, None]

    def _linear(self, x, name):
        return x @ self.state[f"{name}.weight"].T + self.state[f"{name}.bias"]

    def _norm(self, x, name, eps=1e-5):
        x = (x - x.mean(-1, keepdim=True)) / (x.var(-1, correction=0, keepdim=True) + eps).sqrt()
        return x * self.state[f"{name}.weight"] + self.state[f"{name}.bias"]

    def _bottleneck(self, x, name, stride=1):
        x = F.gelu(self._conv_norm(x, f"{name}.conv1"))
        x = F.gelu(self._conv_norm(x, f"{name}.conv2", stride, x.shape[1]))
        return self._conv_norm(x, f"{name}.conv3")

    def _window(self, tokens, name, side):
        """One window ``(side, side, C)``, a head at a time; padding is normed like the rest."""
        biases = self.state[f"{name}.attention_biases"]
        flat = self._norm(tokens.reshape(side * side, -1), f"{name}.norm")
        per_head = self._linear(flat, f"{name}.qkv").view(side * side, len(biases), 3, -1)
        where = torch.cartesian_prod(torch.arange(side), torch.arange(side))
        apart = (where[:, None] - where[None]).abs()
        heads = []
        for head, bias in enumerate(biases):
            q, k, v = per_head[:, head].unbind(1)
            scores = (
                q @ k.T / q.shape[-1] ** 0.5 + bias.view(side, side)[apart[..., 0], apart[..., 1]]
            )
            heads.append(scores.softmax(-1) @ v)
        return self._linear(torch.cat(heads, -1), f"{name}.proj").view(side, side, -1)

    def _attention_block(self, x, name, side):
        rows, cols = x.shape[2:]
        padded = F.pad(x, (0, -cols % side, 0, -rows % side))[0].permute(1, 2, 0)
        out = torch.zeros_like(padded)
        for r in range(0, padded.shape[0], side):
            for c in range(0, padded.shape[1], side):
                here = slice(r, r + side), slice(c, c + side)
                out[here] = self._window(padded[here], f"{name}.attn", side)
        x = x + out[:rows, :cols].permute(2, 0, 1)[None]
        x = self._conv_norm(x, f"{name}.local_conv", groups=x.shape[1])
        tokens = self._norm(x.permute(0, 2, 3, 1), f"{name}.mlp.norm")
        mlp = self._linear(F.gelu(self._linear(tokens, f"{name}.mlp.fc1")), f"{name}.mlp.fc2")
        return x + mlp.permute(0, 3, 1, 2)

    def _neck(self, x):
        for conv in (0, 2):
            weight = self.state[f"neck.{conv}.weight"]
            x = F.conv2d(x, weight, padding=weight.shape[-1] // 2)
            x = self._norm(x.permute(0, 2, 3, 1), f"neck.{conv + 1}", 1e-6).permute(0, 3, 1, 2)
        return x

    def __call__(self, image):
        """Embed ``(1, 3, S, S)``."""
        x = F.gelu(self._conv_norm(image.double(), "patch_embed.seq.0", 2))
        x = self._conv_norm(x, "patch_embed.seq.2", 2)
        for stage, depth in enumerate(self.config.depths):
            for block in range(depth):
                name = f"layers.{stage}.blocks.{block}"
                if stage:
                    x = self._attention_block(x, name, self.config.windows[stage])
                else:
                    x = F.gelu(x + self._bottleneck(x, name))
            if stage < len(self.config.strides):
                x = self._bottleneck(x, f"layers.{stage}.downsample", self.config.strides[stage])
        return self._neck(x)


def test_the_encoder_is_the_reference(small_tiny):
    encoder = small_tiny.image_encoder
    image = torch.randn(1, 3, 128, 128, generator=torch.Generator().manual_seed(0))
    expected = Reference(encoder.state_dict(), small_tiny.config.encoder)(image)
    assert expected.std() > 0.1
    torch.testing.assert_close(encoder(image).double(), expected, rtol=1e-4, atol=1e-5)


def test_the_published_size_has_mobile_sams_tensors():
    with torch.device("meta"):
        state = Sam(ARCHITECTURES["vit_t"]).state_dict()
    assert len(state) == 439
    assert sum(name.startswith("image_encoder.") for name in state) == 302


def test_biases_loaded_after_eval_are_used(small_tiny, randomised, pixels):
    other = Sam(small_tiny.config).prepare("cpu", torch.float32)
    before = other.encode(pixels).maps["image"]
    other.load_state_dict(small_tiny.state_dict())
    assert torch.equal(other.encode(pixels).maps["image"], small_tiny.encode(pixels).maps["image"])
    assert not torch.equal(other.encode(pixels).maps["image"], before)


def test_running_statistics_are_used_and_not_changed(small_tiny, pixels):
    model = copy.deepcopy(small_tiny)
    statistics = copy.deepcopy(model.state_dict())
    alone = model.image_encoder(torch.zeros(1, 3, 128, 128))
    together = model.image_encoder(
        torch.randn(2, 3, 128, 128).mul_(torch.tensor([0, 1]).view(2, 1, 1, 1))
    )
    torch.testing.assert_close(together[:1], alone)
    for name, value in model.state_dict().items():
        assert torch.equal(value, statistics[name])
