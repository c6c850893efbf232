"""SAM's image encoders on one CPU: ours and its peers', in float32 and bfloat16; and compact's.

All have the same seeded random weights and encode the same 1024 x 1024 input. The runs are
interleaved; the table has their medians with the fastest and slowest, the ratio to Meta's (to our
float32 where Meta has none), the relative error of the embedding, and the peak memory of a process
of its own, less what importing takes, on Linux. "of products" is the time of the encoder's matrix
products alone, each as fast as torch or oneDNN multiplies a matrix of that shape in that precision
in the same run, as a part of the encoder's time. The packaged compact model has its own weights and
encodes a sample of its own input size. ::

    pip install transformers segment-anything-py onnxruntime onnx openvino
    python benchmarks/encoder.py --model vit_b --threads 2 --rounds 4

Meta's code is the package ``segment_anything``, here 1.0 as ``segment-anything-py`` on PyPI has
it; ONNX Runtime and OpenVINO run Meta's network. What isn't installed is left out, and said.
MobileSAM's code isn't on PyPI: ``vit_t`` is ours alone, and its convolutions have no limit here.
"""

from __future__ import annotations

import argparse
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

import peers
import runtimes
import torch
from limits import limit
from pages import add_out, report
from peak_memory import high_water, in_own_process
from products import seconds_of_products
from tabulated import Table, table
from torch import Tensor
from turns import in_turns, ratio, spread

from napari_cutout.sam import load_model
from napari_cutout.sam.config import ARCHITECTURES, SamConfig, VitConfig
from napari_cutout.sam.sam import Sam
from napari_cutout.sample_data import fluorescence

if TYPE_CHECKING:
    from collections.abc import Callable

Encode = "Callable[[Tensor], Tensor]"
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
SMALL = SamConfig(
    "small", VitConfig(128, 2, 2, (1,), mlp_dim=256, window=5, input_size=256, out_channels=256)
)
"""Proves in a second that all work and agree."""
CONFIGS = {**ARCHITECTURES, "small": SMALL}


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
    sam.prepare("cpu", DTYPES[precision])
    return lambda image: sam.image_encoder(image.to(DTYPES[precision])).float()


def metas(sam: Sam, precision: str) -> Encode | None:
    """Meta's encoder, or None where it has none such."""
    config = sam.config.encoder
    if not isinstance(config, VitConfig):
        return None
    encoder = peers.metas_encoder(sam, config).to(DTYPES[precision])
    return lambda image: encoder(image.to(DTYPES[precision])).float()


def huggingfaces(sam: Sam, precision: str) -> Encode | None:
    """The encoder of transformers, or None where it has none such."""
    if not isinstance(sam.config.encoder, VitConfig):
        return None
    model = peers.huggingfaces(sam, attn_implementation="sdpa").to(DTYPES[precision])
    return lambda image: model.get_image_embeddings(image.to(DTYPES[precision])).float()


def onnxruntimes(sam: Sam, precision: str) -> Encode | None:
    """Meta's encoder in ONNX Runtime, or None where there is none such."""
    config = sam.config.encoder
    if not isinstance(config, VitConfig) or precision != "float32":
        return None
    inputs = {"image": the_input(config.input_size)}
    return runtimes.onnxruntime(peers.metas_encoder(sam, config), inputs)


def openvinos(sam: Sam, precision: str) -> Encode | None:
    """Meta's encoder in OpenVINO, or None where there is none such."""
    config = sam.config.encoder
    if not isinstance(config, VitConfig):
        return None
    inputs = {"image": the_input(config.input_size)}
    return runtimes.openvino(peers.metas_encoder(sam, config), inputs, precision)


def compacts(_sam: Sam, precision: str) -> Encode | None:
    """The packaged compact model's encoder, on a sample as large as its input."""
    compact = load_model("compact", "cpu", precision)
    side = compact.info.input_size
    grey = torch.from_numpy(fluorescence()[:side, :side])[..., None].expand(-1, -1, 3)
    return lambda _image: compact.encode(grey).maps["image"].float()


MAKERS = {
    "Meta": metas,
    "transformers": huggingfaces,
    "onnxruntime": onnxruntimes,
    "OpenVINO": openvinos,
    "ours": ours,
    "compact": compacts,
}
NAMES = [f"{maker}, {precision}" for maker in MAKERS for precision in DTYPES]


def contender(name: str, config: SamConfig) -> Encode | None:
    """What a row of the table computes, of a model that is its own; None where there is none."""
    maker, precision = name.split(", ")
    return None if peers.missing(maker) else MAKERS[maker](randomised(config), precision)


def the_input(side: int = 1024) -> Tensor:
    """A normalised image, ``(1, 3, side, side)``."""
    return torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(1))


def peak(given: argparse.Namespace, name: str) -> str:
    """Gigabytes that a contender takes at most, in a process of its own."""
    if given.no_memory:
        return ""
    return f"{in_own_process(__file__, '--model', given.model, '--peak', name):.2f}"


def own_peak(given: argparse.Namespace) -> float:
    """Gigabytes of this process, from now on to an embedding."""
    before, config = high_water(), CONFIGS[given.model]
    encode = contender(given.peak, config)
    assert encode is not None
    encode(the_input(config.encoder.input_size))
    return (high_water() - before) / 2**30


def measure(given: argparse.Namespace) -> Table:
    """All contenders, in turns."""
    config = CONFIGS[given.model]
    image = the_input(config.encoder.input_size)
    made = {name: contender(name, config) for name in NAMES}
    there = {name: encode for name, encode in made.items() if encode is not None}
    # Before the long part, so that one that fails is known at once.
    peaks = {name: peak(given, name) for name in there}
    # The first run of each packs and warms up, and is what the errors are of.
    embeddings = {name: encode(image) for name, encode in there.items()}
    works: dict[str, Callable[[], object]] = {
        name: partial(encode, image) for name, encode in there.items()
    }
    limits: dict[str, list[float]] = {precision: [] for precision in DTYPES}
    if isinstance(config.encoder, VitConfig):
        # They take turns, too, so that they are of the same minutes.
        for precision, found in limits.items():
            works[precision] = partial(note, found, config.encoder, DTYPES[precision])
    spent = in_turns(works, given.rounds)
    reference = "Meta, float32" if "Meta, float32" in there else "ours, float32"
    rows = []
    for name in there:
        found = limits[name.split(", ")[1]]
        is_compact = name.startswith("compact")
        share = f"{median(found) / median(spent[name]):.0%}" if found and not is_compact else ""
        error = "" if is_compact else f"{difference(embeddings[name], embeddings[reference]):.1e}"
        pace = ratio(spent[reference], spent[name])
        rows.append((name, spread(spent[name], 3), pace, share, error, peaks[name]))
    heads = ("encoder", "seconds", f"times {reference}", "of products", "error", "peak, GB")
    title = f"{given.model}, {given.threads} threads, {given.rounds} rounds"
    notes = [*peers.left_out(name for name in made if name not in there), limit()]
    return table(title, heads, rows, notes)


def note(found: list[float], config: VitConfig, dtype: torch.dtype) -> None:
    """Add the seconds of an encoder's products to what was found."""
    found.append(seconds_of_products(config, dtype))


def difference(one: Tensor, other: Tensor) -> float:
    """The relative error of an embedding."""
    return float((one - other).norm() / other.norm())


@torch.no_grad()
def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=CONFIGS, default="vit_b")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--no-memory", action="store_true", help="leave the peak of memory out")
    parser.add_argument("--peak", help=argparse.SUPPRESS)
    add_out(parser)
    given = parser.parse_args()
    if given.peak:
        print(own_peak(given))
        return
    torch.set_num_threads(given.threads)
    report(__file__, __doc__, [measure(given)], given.out)


if __name__ == "__main__":
    main()
