"""The training of the compact model: seeded, and resumable after being killed at any moment."""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from napari_cutout.formats.labelled import find_files, read
from napari_cutout.sam.compact.config import CompactConfig
from napari_cutout.sam.compact.loading import load_network, save_compact
from napari_cutout.sam.compact.network import CompactNetwork
from napari_cutout.sam.fingerprint import fingerprint
from napari_cutout.sam.weight_files import read_weights
from napari_cutout.train.batches import Batch, batches
from napari_cutout.train.crops import CropSampler, prepare
from napari_cutout.train.errors import RecipeError
from napari_cutout.train.losses import dense_loss
from napari_cutout.train.rounds import prompt_loss

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from napari_cutout.train.recipe import Recipe

DENSE_WEIGHT = 2.0


@dataclass(frozen=True)
class Progress:
    """Where a run is.

    Parameters
    ----------
    step, steps
        Done, and in all.
    loss
        Mean since the last progress.
    first_iou, click_iou, box_iou, corrected_iou
        Mean IoU in training after the first prompt, the same for clicks and for boxes alone, and
        after one correction.
    seconds
        A step took on average since the last progress.
    """

    step: int
    steps: int
    loss: float
    first_iou: float
    click_iou: float
    box_iou: float
    corrected_iou: float
    seconds: float


def train(
    data: Sequence[Path],
    out: Path,
    recipe: Recipe,
    *,
    start: Path | None = None,
    device: str = "cpu",
    report_every: int = 20,
    save_seconds: float = 120.0,
) -> Iterator[Progress]:
    """Train the compact model and write its weights.

    A run that was interrupted goes on from ``out`` + ``.state`` when it is started again with
    the same recipe and data; when the run is done the state is kept beside the weights.

    Parameters
    ----------
    data
        Folders with ``images/`` and ``labels/``, or folders of such folders; only their training
        split is used.
    out
        Where the weights go, a ``.safetensors`` file.
    recipe
        What to do.
    start
        Weights of the compact model to begin with; random ones by default.
    device
        ``"cpu"`` or ``"cuda"``.
    report_every
        Steps between two progress values.
    save_seconds
        Time between two saved states.

    Yields
    ------
    Progress

    Raises
    ------
    RecipeError
        If a saved state belongs to another recipe or start.
    WeightsError
        If ``start`` isn't a compact model of the recipe's sizes.
    FormatError
        If a folder holds no labelled image.
    """
    run = _Run(recipe, out, device, start)
    sampler = CropSampler(_sources(data, recipe), recipe)
    saved = time.monotonic()
    sums: list[list[float]] = []
    started = time.monotonic()
    for step, batch in batches(sampler, recipe, run.step):
        sums.append(run.advance(batch))
        if time.monotonic() - saved > save_seconds:
            run.save()
            saved = time.monotonic()
        if (step + 1) % report_every == 0 or step + 1 == recipe.steps:
            means = torch.tensor(sums).nanmean(dim=0).tolist()
            seconds = (time.monotonic() - started) / len(sums)
            loss, first, click, box, corrected = means
            yield Progress(step + 1, recipe.steps, loss, first, click, box, corrected, seconds)
            sums, started = [], time.monotonic()
    run.save()
    save_compact(run.averaged, recipe_config(recipe), out)


def recipe_config(recipe: Recipe) -> CompactConfig:
    """The sizes of the model that a recipe trains."""
    if recipe.architecture != "compact":
        raise RecipeError(
            f"only 'compact' can be trained from scratch, not {recipe.architecture!r}"
        )
    return CompactConfig()


def export(state: Path, out: Path) -> None:
    """Write the averaged weights of a saved state as they are now."""
    saved = torch.load(state, map_location="cpu", weights_only=True)
    save_compact(saved["averaged"], CompactConfig.from_json(saved["config"]), out)


def _sources(data: Sequence[Path], recipe: Recipe) -> list[Any]:
    frames = (
        frame
        for folder in data
        for file in find_files(folder, "train", recipe.exclude)
        for frame in read(file)
    )
    return [source for frame in frames if (source := prepare(frame)) is not None]


def _begin(start: Path, config: CompactConfig) -> CompactNetwork:
    """The network with the weights of a file."""
    raw = read_weights(start)
    network = load_network(raw.content, raw.metadata)
    if network.config != config:
        raise RecipeError(f"{start} has other sizes than the recipe's model: {network.config}")
    return network


class _Run:
    """The network, its average and its optimiser; what is saved and restored."""

    def __init__(self, recipe: Recipe, out: Path, device: str, start: Path | None) -> None:
        self.recipe = recipe
        self.path = out.with_suffix(".state")
        self.device = torch.device(device)
        torch.manual_seed(recipe.seed)
        self.config = recipe_config(recipe)
        network = CompactNetwork(self.config) if start is None else _begin(start, self.config)
        self.start = None if start is None else fingerprint(network.state_dict(), self.config)
        self.network = network.placed(self.device)
        self.optimiser = torch.optim.AdamW(
            _groups(self.network, recipe.weight_decay), lr=recipe.learning_rate, betas=(0.9, 0.98)
        )
        self.averaged = {k: v.detach().clone() for k, v in self.network.state_dict().items()}
        self.step = 0
        if self.path.exists():
            self._restore()

    def advance(self, batch: Batch) -> list[float]:
        """One optimiser step; the loss and the rounds' IoUs."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.learning_rate * _schedule(self.step, self.recipe)
        self.optimiser.zero_grad(set_to_none=True)
        with torch.autocast(self.device.type, torch.bfloat16):
            pixels = batch.pixels.to(self.device, memory_format=torch.channels_last)
            maps = self.network.encode(pixels)
            loss, figures = prompt_loss(self.network, maps, batch, self.recipe)
        dense = dense_loss(
            maps["dense"],
            *(batch.stack(name).to(self.device) for name in ("foreground", "distance", "offsets")),
        )
        (loss + DENSE_WEIGHT * dense).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.gradient_clip)
        self.optimiser.step()
        self._average()
        self.step += 1
        return [float(loss.detach() + dense.detach()), *figures[:3], figures[3]]

    def save(self) -> None:
        """Write the state beside its place and move it there, so that it is always whole."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".state.part")
        torch.save(
            {
                "step": self.step,
                "recipe": repr(self.recipe),
                "start": self.start,
                "config": self.config.to_json(),
                "network": self.network.state_dict(),
                "averaged": self.averaged,
                "optimiser": self.optimiser.state_dict(),
            },
            partial,
        )
        os.replace(partial, self.path)

    def _restore(self) -> None:
        way_out = "give another --out, or move it away"
        try:
            saved = torch.load(self.path, map_location=self.device, weights_only=True)
            recipe, start = saved["recipe"], saved.get("start")
        except Exception as error:  # torch raises whatever the bytes lead it to
            raise RecipeError(f"{self.path} is not the state of a run, {way_out}") from error
        if recipe != repr(self.recipe):
            raise RecipeError(f"{self.path} is the state of a run with another recipe; {way_out}")
        if start != self.start:
            raise RecipeError(f"{self.path} began with other weights; {way_out}")
        self.network.load_state_dict(saved["network"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.averaged = saved["averaged"]
        self.step = saved["step"]

    @torch.no_grad()
    def _average(self) -> None:
        decay = min(self.recipe.average_decay, (1 + self.step) / (10 + self.step))
        now: dict[str, Tensor] = self.network.state_dict()
        for name, mean in self.averaged.items():
            mean.lerp_(now[name], 1 - decay)


def _schedule(step: int, recipe: Recipe) -> float:
    """A linear warm-up and a cosine to nearly nothing."""
    warm = min(1.0, (step + 1) / recipe.warmup_steps)
    return warm * max(0.01, 0.5 * (1 + math.cos(math.pi * step / recipe.steps)))


def _groups(network: torch.nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Weight decay for matrices and kernels only."""
    decay = [p for p in network.parameters() if p.ndim > 1]
    rest = [p for p in network.parameters() if p.ndim <= 1]
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]
