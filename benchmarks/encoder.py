"""SAM's image encoders on one CPU: ours, Meta's and transformers', in float32 and bfloat16.

All have the same seeded random weights and encode the same 1024 x 1024 input. The runs are
interleaved; the table has their medians with the fastest and slowest, the ratio to Meta's (to our
float32 where Meta has none), the relative error of the embedding, and the peak memory of a process
of its own, less what importing takes, on Linux. "of products" is the time of the encoder's matrix
products alone, each as fast as torch or oneDNN multiplies a matrix of that shape in that precision
in the same run, as a part of the encoder's time. ::

    pip install transformers segment-anything-py
    python benchmarks/encoder.py --model vit_b --threads 2 --rounds 4

Meta's code is the package ``segment_anything``, here 1.0 as ``segment-anything-py`` on PyPI has
it. What isn't installed is left out, and said. MobileSAM's code isn't on PyPI: ``vit_t`` is ours
alone, and its convolutions have no limit here.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import math
import os
import platform
import subprocess
import sys
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from types import ModuleType
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional as F

from napari_cutout.sam import save_huggingface
from napari_cutout.sam.config import ARCHITECTURES, SamConfig, VitConfig
from napari_cutout.sam.onednn import PackedLinear
from napari_cutout.sam.sam import Sam

if TYPE_CHECKING:
    from collections.abc import Callable

Encode = "Callable[[Tensor], Tensor]"
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def randomised(config: SamConfig) -> Sam:
    """A model with seeded random weights that keep the size of what passes through."""
    sam = Sam(config)
    generator = torch.Generator().manual_seed(0)
    for name, tensor in sam.state_dict().items():
        if not tensor.is_floating_point():
            continue
        noise = torch.randn(tensor.shape, generator=generator)
        if name.endswith("running_var"):
            tensor.fill_(1)
        elif tensor.ndim == 1:
            # A vector named weight is a norm's.
            tensor.copy_(noise * 0.1 + float(name.endswith("weight")))
        elif "rel_pos" in name or "pos_embed" in name:
            tensor.copy_(noise * 0.1)
        else:
            tensor.copy_(noise * tensor[0].numel() ** -0.5)
    return sam.prepare("cpu", torch.float32)


def ours(sam: Sam, precision: str) -> Encode | None:
    """Our encoder."""
    sam.prepare("cpu", _DTYPES[precision])
    return lambda image: sam.image_encoder(image.to(_DTYPES[precision])).float()


def metas(sam: Sam, precision: str) -> Encode | None:
    """Meta's encoder, or None where its package isn't installed or has none such."""
    config = sam.config.encoder
    if importlib.util.find_spec("segment_anything") is None or not isinstance(config, VitConfig):
        return None
    encoder = _modeling().ImageEncoderViT(
        depth=config.depth,
        embed_dim=config.embed_dim,
        num_heads=config.heads,
        mlp_ratio=config.mlp_dim / config.embed_dim,
        norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
        use_rel_pos=True,
        global_attn_indexes=config.global_blocks,
        window_size=config.window,
        out_chans=config.out_channels,
    )
    encoder.load_state_dict(sam.image_encoder.state_dict())
    encoder.eval().to(_DTYPES[precision])
    return lambda image: encoder(image.to(_DTYPES[precision])).float()


def _modeling() -> ModuleType:
    """``segment_anything.modeling``, without the package's own imports, which want torchvision."""
    spec = importlib.util.find_spec("segment_anything")
    assert spec is not None
    package = ModuleType("segment_anything")
    package.__path__ = list(spec.submodule_search_locations or ())
    package.__spec__ = spec
    sys.modules["segment_anything"] = package
    return importlib.import_module("segment_anything.modeling")


def huggingfaces(sam: Sam, precision: str) -> Encode | None:
    """The encoder of transformers, or None where it isn't installed or has none such."""
    if importlib.util.find_spec("transformers") is None:
        return None
    if not isinstance(sam.config.encoder, VitConfig):
        return None
    from transformers import SamModel

    with TemporaryDirectory() as folder:
        save_huggingface(sam, folder)
        model = SamModel.from_pretrained(folder, attn_implementation="sdpa").eval()
    model.to(_DTYPES[precision])
    return lambda image: model.get_image_embeddings(image.to(_DTYPES[precision])).float()


MAKERS = {"Meta": metas, "transformers": huggingfaces, "ours": ours}


def products(config: VitConfig) -> dict[tuple[int, int, int], int]:
    """How often an encoder multiplies ``(rows, in)`` by ``(in, out)``, by shape.

    Without the padding of windows; the neck counts with its 3 x 3 convolution as a product.
    """
    tokens, width, inner = config.grid**2, config.embed_dim, config.heads * config.head_dim
    wide, seen = len(config.global_blocks) * config.heads, config.window**2
    narrow = (config.depth - len(config.global_blocks)) * config.heads * tokens // seen
    c, out = config.head_dim, config.out_channels
    return {
        (tokens, 3 * config.patch**2, width): 1,
        (tokens, width, 3 * inner): config.depth,
        (tokens, inner, width): config.depth,
        (tokens, width, config.mlp_dim): config.depth,
        (tokens, config.mlp_dim, width): config.depth,
        (tokens, c, tokens): wide,
        (tokens, tokens, c): wide,
        (seen, c, seen): narrow,
        (seen, seen, c): narrow,
        (tokens, width, out): 1,
        (tokens, 9 * out, out): 1,
    }


def seconds_of_products(config: VitConfig, precision: str) -> float:
    """Seconds of all products of an encoder, each at the best of torch's speeds."""
    spent = 0.0
    for (rows, width, out), count in products(config).items():
        x = torch.randn(rows, width).to(_DTYPES[precision])
        weight = torch.randn(out, width).to(_DTYPES[precision])
        ways = [partial(F.linear, x, weight), partial(PackedLinear(weight), x)]
        spent += count * min(timed(way) for way in ways for _ in range(3))
    return spent


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    start = perf_counter()
    work()
    return perf_counter() - start


def peak(options: argparse.Namespace, name: str) -> float:
    """Gigabytes that a contender takes at most, in a process of its own."""
    command = [sys.executable, __file__, "--model", options.model, "--peak", name]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def own_peak(options: argparse.Namespace) -> float:
    """Gigabytes of this process, from now on to an embedding."""
    before = high_water()
    encode = contender(options.peak, randomised(ARCHITECTURES[options.model]))
    assert encode is not None
    encode(the_input())
    return high_water() - before


def high_water() -> float:
    """Gigabytes that this process has had at most; not a number where there is no Linux."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    kilobytes = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    return float(kilobytes[0]) / 2**20 if kilobytes else math.nan


def contender(name: str, sam: Sam) -> Encode | None:
    """What a row of the table computes, of a model that is its own."""
    maker, precision = name.split(", ")
    return MAKERS[maker](sam, precision)


def the_input() -> Tensor:
    """A normalised image, ``(1, 3, 1024, 1024)``."""
    return torch.randn(1, 3, 1024, 1024, generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=ARCHITECTURES, default="vit_b")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--peak", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        print(own_peak(options))
        return
    torch.set_num_threads(options.threads)
    config, image = ARCHITECTURES[options.model], the_input()
    names = [f"{maker}, {precision}" for maker in MAKERS for precision in _DTYPES]
    there = {}
    for name in names:
        encode = contender(name, randomised(config))
        if encode is None:
            print(f"left out, as there is none: {name}")
        else:
            there[name] = encode
    # The first run of each packs and warms up, and is what the errors are of.
    embeddings = {name: encode(image) for name, encode in there.items()}
    spent: dict[str, list[float]] = {name: [] for name in there}
    limits: dict[str, list[float]] = {precision: [] for precision in _DTYPES}
    for _ in range(options.rounds):
        for name, encode in there.items():
            spent[name].append(timed(partial(encode, image)))
        if isinstance(config.encoder, VitConfig):
            for precision, found in limits.items():
                found.append(seconds_of_products(config.encoder, precision))

    reference = "Meta, float32" if "Meta, float32" in there else "ours, float32"
    threads = f"{options.threads} of {os.cpu_count()} cores of {platform.machine()}"
    print(f"{options.model}, torch {torch.__version__}, {threads}")
    print(f"{'':24} seconds (from - to)    ratio  of products     error   peak")
    for name in there:
        middle, low, high = median(spent[name]), min(spent[name]), max(spent[name])
        limit = limits[name.split(", ")[1]]
        share = f"{median(limit) / middle:12.0%}" if limit else f"{'':12}"
        error = (embeddings[name] - embeddings[reference]).norm() / embeddings[reference].norm()
        ratio = median(spent[reference]) / middle
        print(
            f"{name:24}{middle:8.2f} ({low:5.2f} -{high:6.2f}) {ratio:6.2f} x{share}"
            f"{float(error):10.1e} {peak(options, name):5.2f} GB",
            flush=True,
        )


if __name__ == "__main__":
    main()
