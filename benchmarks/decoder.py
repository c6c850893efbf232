"""The mask decoder for 1, 8 and 64 prompts: ours, Meta's, transformers' and compact's, on a CPU.

All have the same seeded random weights, of the sizes that every published SAM shares, and answer
the same clicks on the same image embedding with three masks each. Ours goes in chunks of
``ModelInfo.chunk``, as a segmenter does. The runs are interleaved; the table has their medians and
the ratio to the first peer there is. Beside them stands how far the masks of 8 prompts agree with
that peer's: the largest difference as a part of the logits' range, and the mean IoU of the masks
above the middle of the logits. The packaged compact model has its own weights and answers the
same clicks on a sample of its own input size. ::

    pip install transformers segment-anything-py
    OMP_NUM_THREADS=2 python benchmarks/decoder.py --rounds 5

Meta's code is the package ``segment_anything``, here 1.0 as ``segment-anything-py`` on PyPI has
it. What isn't installed is left out, and said.
"""

from __future__ import annotations

import argparse
import copy
import importlib
import importlib.util
import os
import sys
from functools import cache
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from types import ModuleType
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from napari_cutout.sam import PromptBatch, load_model, save_huggingface
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


def metas(sam: Sam, features: Features) -> Decode | None:
    """Meta's decoder, or None where its package isn't installed."""
    if importlib.util.find_spec("segment_anything") is None:
        return None
    modeling = _modeling()
    encoder = modeling.PromptEncoder(256, (GRID, GRID), (SIDE, SIDE), mask_in_chans=16)
    transformer = modeling.TwoWayTransformer(2, 256, 8, 2048)
    decoder = modeling.MaskDecoder(transformer_dim=256, transformer=transformer)
    encoder.load_state_dict(sam.prompt_encoder.state_dict())
    decoder.load_state_dict(sam.mask_decoder.state_dict())

    def decode(clicks: Tensor) -> Tensor:
        points = clicks[:, None].flip(-1), torch.ones(len(clicks), 1)
        sparse, dense = encoder(points, None, None)
        image, positions = features.maps["image"], encoder.get_dense_pe()
        logits: Tensor = decoder(image, positions, sparse, dense, multimask_output=True)[0]
        return logits

    return decode


def compacts(precision: str) -> Decode:
    """The packaged compact model's decoder, on a sample as large as its input."""
    compact = load_model("compact", "cpu", precision)
    side = compact.info.input_size
    grey = torch.from_numpy(fluorescence()[:side, :side])
    decode = ours(compact, compact.encode(grey[..., None].expand(-1, -1, 3)), masks=True)
    return lambda clicks: decode(clicks * (side / SIDE))


@cache
def _modeling() -> ModuleType:
    """``segment_anything.modeling``, without the package's own imports, which want torchvision."""
    spec = importlib.util.find_spec("segment_anything")
    assert spec is not None
    package = ModuleType("segment_anything")
    package.__path__ = list(spec.submodule_search_locations or ())
    sys.modules["segment_anything"] = package
    return importlib.import_module("segment_anything.modeling")


def huggingfaces(sam: Sam, features: Features) -> Decode | None:
    """The decoder of transformers, or None where it isn't installed."""
    if importlib.util.find_spec("transformers") is None:
        return None
    from transformers import SamModel

    with TemporaryDirectory() as folder:
        save_huggingface(sam, folder)
        model = SamModel.from_pretrained(folder).eval()
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


def agreement(actual: Tensor, expected: Tensor) -> str:
    """The largest difference as a part of the range, and the mean IoU of the masks."""
    if actual.shape != expected.shape:
        return ""
    error = float((actual - expected).abs().max() / (expected.max() - expected.min()))
    # Random masks have no edge at 0: theirs is where half of the peer's mask lies inside.
    edge = expected.flatten(2).median(-1).values[..., None, None]
    inside, there = actual > edge, expected > edge
    iou = (inside & there).sum((-1, -2)) / (inside | there).sum((-1, -2))
    return f"{error:9.1e}  {float(iou.mean()):.4f}"


def timed(decode: Callable[[Tensor], Tensor], clicks: Tensor) -> float:
    """Seconds."""
    start = perf_counter()
    decode(clicks)
    return perf_counter() - start


@torch.no_grad()
def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 8, 64])
    options = parser.parse_args()
    rounds, counts = options.rounds, options.counts

    generator = torch.Generator().manual_seed(1)
    image = torch.randn(1, 256, GRID, GRID, generator=generator)
    features = Features({"image": image}, (SIDE, SIDE), (SIDE, SIDE))
    clicks = torch.rand(max(8, *counts), 2, generator=generator) * SIDE
    exact = randomised(Sam(CONFIG)).prepare("cpu", torch.float32)
    rounded = copy.deepcopy(exact).prepare("cpu", torch.bfloat16)
    contenders = {
        "Meta, float32": metas(exact, features),
        "transformers, float32": huggingfaces(exact, features),
        "ours, float32": ours(exact, features, masks=True),
        "ours, float32, scores only": ours(exact, features, masks=False),
        "ours, bfloat16": ours(rounded, features, masks=True),
        "ours, bfloat16, scores only": ours(rounded, features, masks=False),
        "compact, float32": compacts("float32"),
        "compact, as it comes": compacts("auto"),
    }
    there = {name: decode for name, decode in contenders.items() if decode is not None}
    for name in contenders.keys() - there.keys():
        print(f"left out, as it isn't installed: {name}")
    reference = next(iter(there))
    expected = there[reference](clicks[:8])
    spent = {(name, count): [] for name in there for count in counts}
    for _ in range(rounds):
        for count in counts:
            for name, decode in there.items():
                spent[name, count].append(timed(decode, clicks[:count]))

    print(f"torch {torch.__version__}, {torch.get_num_threads()} of {os.cpu_count()} cores; ms")
    heads = "".join(f"{f'{count} prompts':>18}" for count in counts)
    print(f"{'':28}{heads}   difference  IoU")
    for name, decode in there.items():
        cells = ""
        for count in counts:
            middle = median(spent[name, count])
            ratio = median(spent[reference, count]) / middle
            cells += f"{middle * 1e3:10.1f} {ratio:5.2f} x"
        alike = "" if name.startswith("compact") else agreement(decode(clicks[:8]), expected)
        print(f"{name:28}{cells}   {alike}")


if __name__ == "__main__":
    main()
