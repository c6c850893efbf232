"""The mask decoder for 1, 8 and 64 prompts: ours, its peers' and compact's, on a CPU.

All have the same seeded random weights, of the sizes that every published SAM shares, and answer
the same clicks on the same image embedding with three masks each. Ours goes in chunks of
``ModelInfo.chunk``, as a segmenter does. The runs are interleaved; the table has their medians with
the fastest and slowest, and the ratio to the first peer there is. Beside them stands how far the
masks of 8 prompts agree with that peer's: the largest difference as a part of the logits' range,
and the mean IoU of the masks above the middle of the logits; and the peak memory of a process of
its own that decodes the most prompts, less what importing takes, on Linux. The packaged compact
model has its own weights and answers the same clicks on a sample of its own input size. ::

    pip install transformers segment-anything-py onnxruntime onnx openvino
    OMP_NUM_THREADS=2 python benchmarks/decoder.py --rounds 5

Meta's code is the package ``segment_anything``, here 1.0 as ``segment-anything-py`` on PyPI has
it; ONNX Runtime and OpenVINO run Meta's networks. What isn't installed is left out, and said.
"""

from __future__ import annotations

import argparse
import copy
from functools import partial
from typing import TYPE_CHECKING

import peers
import runtimes
import torch
from limits import limit
from pages import add_out, report
from peak_memory import high_water, in_own_process
from tabulated import Table, table
from torch import Tensor
from turns import in_turns, ratio, spread

from napari_cutout.sam import PromptBatch, load_model
from napari_cutout.sam.config import SamConfig, VitConfig
from napari_cutout.sam.family import Features
from napari_cutout.sam.sam import Sam
from napari_cutout.sample_data import fluorescence

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cutout.sam.family import Family

SIDE, GRID = 1024, 64
# The decoder of every published SAM behind an encoder that is never run.
CONFIG = SamConfig("decoder alone", VitConfig(16, 1, 1, (0,), head_dim=16, mlp_dim=16))
COMPARED = 8
"""Prompts whose masks are compared."""

Decode = "Callable[[Tensor], Tensor]"


def randomised(sam: Sam) -> Sam:
    """Seeded random weights whose masks depend on the prompts, with attention not saturated."""
    generator = torch.Generator().manual_seed(0)
    for name, tensor in sam.state_dict().items():
        noise = torch.randn(tensor.shape, generator=generator)
        if tensor.ndim == 1:
            # A vector named weight is a LayerNorm's.
            tensor.copy_(noise * 0.1 + float(name.endswith("weight")))
        elif "embed" in name or "token" in name.split(".")[1] or "gauss" in name:
            tensor.copy_(noise)
        else:
            small = 0.3 if "q_proj" in name else 1.5
            tensor.copy_(noise * small * tensor[0].numel() ** -0.5)
    return sam


def ours(sam: Family, features: Features, masks: bool) -> Decode:
    """Logits ``(P, 3, 256, 256)`` of clicks ``(P, 2)`` (row, col), or only the scores."""

    def decode(clicks: Tensor) -> Tensor:
        answers = []
        for chunk in clicks.split(sam.info.chunk):
            positive = torch.ones(len(chunk), 1, dtype=torch.bool)
            draft = sam.draft(features, PromptBatch(chunk[:, None], positive), multimask=True)
            answers.append(draft.all_logits() if masks else draft.scores)
        return torch.cat(answers)

    return decode


def ours_in(precision: str, masks: bool, sam: Sam, features: Features) -> Decode:
    """Our decoder in a precision."""
    dtype = {"float32": torch.float32, "bfloat16": torch.bfloat16}[precision]
    return ours(copy.deepcopy(sam).prepare("cpu", dtype), features, masks)


def metas(sam: Sam, features: Features) -> Decode:
    """Meta's decoder."""
    return partial(peers.MetasDecoder(sam, GRID, SIDE), features.maps["image"])


def onnxruntimes(sam: Sam, features: Features) -> Decode:
    """Meta's decoder in ONNX Runtime."""
    return fixed(sam, features, runtimes.onnxruntime)


def openvinos(precision: str, sam: Sam, features: Features) -> Decode:
    """Meta's decoder in OpenVINO."""
    return fixed(sam, features, partial(runtimes.openvino, precision=precision))


def fixed(sam: Sam, features: Features, export: Callable[..., runtimes.Run]) -> Decode:
    """Meta's decoder, exported for each number of clicks, when they are first asked."""
    decoder, runs = peers.MetasDecoderToExport(sam, GRID, SIDE), {}
    image = features.maps["image"]

    def decode(clicks: Tensor) -> Tensor:
        if len(clicks) not in runs:
            runs[len(clicks)] = export(decoder, {"image": image, "clicks": clicks})
        return runs[len(clicks)](image, clicks)

    return decode


def huggingfaces(sam: Sam, features: Features) -> Decode:
    """The decoder of transformers."""
    model = peers.huggingfaces(sam)
    # The same in every call for Meta's and ours.
    positions = model.get_image_wide_positional_embeddings()
    model.get_image_wide_positional_embeddings = lambda: positions

    def decode(clicks: Tensor) -> Tensor:
        answer = model(
            image_embeddings=features.maps["image"],
            input_points=clicks[None, :, None].flip(-1),
            input_labels=torch.ones(1, len(clicks), 1, dtype=torch.long),
        )
        logits: Tensor = answer.pred_masks[0]
        return logits

    return decode


def compacts(precision: str, _sam: Sam, _features: Features) -> Decode:
    """The packaged compact model's decoder, on a sample as large as its input."""
    compact = load_model("compact", "cpu", precision)
    side = compact.info.input_size
    grey = torch.from_numpy(fluorescence()[:side, :side])
    decode = ours(compact, compact.encode(grey[..., None].expand(-1, -1, 3)), masks=True)
    return lambda clicks: decode(clicks * (side / SIDE))


MAKERS = {
    "Meta, float32": metas,
    "transformers, float32": huggingfaces,
    "onnxruntime, float32": onnxruntimes,
    "OpenVINO, float32": partial(openvinos, "float32"),
    "OpenVINO, bfloat16": partial(openvinos, "bfloat16"),
    "ours, float32": partial(ours_in, "float32", True),
    "ours, float32, scores only": partial(ours_in, "float32", False),
    "ours, bfloat16": partial(ours_in, "bfloat16", True),
    "ours, bfloat16, scores only": partial(ours_in, "bfloat16", False),
    "compact, float32": partial(compacts, "float32"),
    "compact, as it comes": partial(compacts, "auto"),
}


def made(name: str) -> Decode | None:
    """A row's decoder with the embedding, or None where its package isn't installed."""
    if peers.missing(name.split(", ")[0]):
        return None
    image = torch.randn(1, 256, GRID, GRID, generator=torch.Generator().manual_seed(1))
    features = Features({"image": image}, (SIDE, SIDE), (SIDE, SIDE))
    return MAKERS[name](randomised(Sam(CONFIG)).prepare("cpu", torch.float32), features)


def the_clicks(count: int) -> Tensor:
    """``(count, 2)`` (row, col) in pixels of the input."""
    return torch.rand(count, 2, generator=torch.Generator().manual_seed(2)) * SIDE


def agreement(actual: Tensor, expected: Tensor) -> tuple[str, str]:
    """The largest difference as a part of the range, and the mean IoU of the masks."""
    if actual.shape != expected.shape:
        return "", ""
    error = float((actual - expected).abs().max() / (expected.max() - expected.min()))
    # Random masks have no edge at 0: theirs is where half of the peer's mask lies inside.
    edge = expected.flatten(2).median(-1).values[..., None, None]
    inside, there = actual > edge, expected > edge
    iou = (inside & there).sum((-1, -2)) / (inside | there).sum((-1, -2))
    return f"{error:.1e}", f"{float(iou.mean()):.4f}"


def own_peak(name: str, count: int) -> float:
    """Megabytes of this process, from now on to so many masks."""
    before = high_water()
    decode = made(name)
    assert decode is not None
    decode(the_clicks(count))
    return (high_water() - before) / 1e6


def peak(name: str, given: argparse.Namespace) -> str:
    """Megabytes that a row takes at most, in a process of its own."""
    if given.no_memory:
        return ""
    counts = ["--counts", str(max(given.counts))]
    return f"{in_own_process(__file__, *counts, '--peak', name):.0f}"


def measure(given: argparse.Namespace) -> Table:
    """All decoders, in turns."""
    there = {name: decode for name in MAKERS if (decode := made(name)) is not None}
    clicks = the_clicks(max(COMPARED, *given.counts))
    reference = next(iter(there))
    # Before the long part, so that one that fails is known at once.
    peaks = {name: peak(name, given) for name in there}
    answers = {name: decode(clicks[:COMPARED]) for name, decode in there.items()}
    works = {
        (name, count): partial(decode, clicks[:count])
        for count in given.counts
        for name, decode in there.items()
    }
    # The first run of each packs, exports and warms up.
    in_turns(works, 1)
    spent = in_turns(works, given.rounds)
    rows = []
    for name in there:
        cells = [name]
        for count in given.counts:
            cells.append(spread(spent[name, count], 1, 1e3))
            cells.append(ratio(spent[reference, count], spent[name, count]))
        is_compact = name.startswith("compact")
        alike = ("", "") if is_compact else agreement(answers[name], answers[reference])
        rows.append((*cells, *alike, peaks[name]))
    timings = [
        heading
        for count in given.counts
        for heading in (f"{count} prompts, ms", f"{count}: times {reference}")
    ]
    heads = ("decoder", *timings, "difference", "IoU", "peak, MB")
    title = f"{torch.get_num_threads()} threads, {given.rounds} rounds"
    notes = [*peers.left_out(name for name in MAKERS if name not in there), limit()]
    return table(title, heads, rows, notes)


@torch.no_grad()
def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--no-memory", action="store_true", help="leave the peak of memory out")
    parser.add_argument("--peak", choices=MAKERS, help=argparse.SUPPRESS)
    add_out(parser)
    given = parser.parse_args()
    if given.peak:
        print(own_peak(given.peak, max(given.counts)))
        return
    report(__file__, __doc__, [measure(given)], given.out)


if __name__ == "__main__":
    main()
