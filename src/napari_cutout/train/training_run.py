"""A run of the compact model's training at one step: what a step does, what is saved and restored.

Which steps there are is in loop.py.
"""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from napari_cutout.sam.compact.config import CompactConfig
from napari_cutout.sam.compact.loading import load_network
from napari_cutout.sam.compact.network import CompactNetwork
from napari_cutout.sam.fingerprint import fingerprint
from napari_cutout.sam.weight_files import read_weights
from napari_cutout.train.errors import RecipeError
from napari_cutout.train.losses import dense_loss
from napari_cutout.train.rounds import prompt_loss

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cutout.train.batches import Batch
    from napari_cutout.train.recipe import Recipe

DENSE_WEIGHT = 2.0


class TrainingRun:
    """The network, its average and its optimiser; gone on with where a state was saved.

    Parameters
    ----------
    recipe
        What is done.
    out
        Where the weights will go; the state lies beside them, with the suffix ``.state``.
    device
        ``"cpu"`` or ``"cuda"``.
    start
        Weights to begin with; None: random ones.

    Raises
    ------
    RecipeError
        If the state is that of another run, or none.
    WeightsError
        If ``start`` isn't a compact model.
    """

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


def recipe_config(recipe: Recipe) -> CompactConfig:
    """The sizes of the model that a recipe trains."""
    if recipe.architecture != "compact":
        raise RecipeError(
            f"only 'compact' can be trained from scratch, not {recipe.architecture!r}"
        )
    return CompactConfig()


def _begin(start: Path, config: CompactConfig) -> CompactNetwork:
    """The network with the weights of a file."""
    raw = read_weights(start)
    network = load_network(raw.content, raw.metadata)
    if network.config != config:
        raise RecipeError(f"{start} has other sizes than the recipe's model: {network.config}")
    return network


def _schedule(step: int, recipe: Recipe) -> float:
    """A linear warm-up and a cosine to nearly nothing."""
    warm = min(1.0, (step + 1) / recipe.warmup_steps)
    return warm * max(0.01, 0.5 * (1 + math.cos(math.pi * step / recipe.steps)))


def _groups(network: torch.nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Weight decay for matrices and kernels only."""
    decay = [p for p in network.parameters() if p.ndim > 1]
    rest = [p for p in network.parameters() if p.ndim <= 1]
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]
