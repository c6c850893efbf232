"""What a training run is, as data: a small readable file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cutout.train.errors import RecipeError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Stage:
    """A part of a run with one crop size.

    Parameters
    ----------
    steps
        Optimiser steps.
    crop
        Side of the square crops in input pixels, a multiple of 32.
    crops_per_step, prompts_per_crop
        What one step sees.
    """

    steps: int
    crop: int
    crops_per_step: int
    prompts_per_crop: int

    def __post_init__(self) -> None:
        if self.crop % 32 or min(self.steps, self.crops_per_step, self.prompts_per_crop) < 1:
            raise RecipeError(f"a stage needs a crop that is a multiple of 32, and counts: {self}")


@dataclass(frozen=True)
class Recipe:
    """A training run; the fields are explained in the files of ``recipes/``."""

    seed: int
    architecture: str
    learning_rate: float
    warmup_steps: int
    weight_decay: float
    gradient_clip: float
    average_decay: float
    smallest_object: float
    largest_object: float
    stages: tuple[Stage, ...]
    exclude: tuple[str, ...] = ()
    painted: float = 0.0
    elongated: float = 0.0
    score_weight: float = 0.5
    box_share: float = 0.45
    skipped: float = 0.0
    weights: Mapping[str, float] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        """Steps of the whole run."""
        return sum(stage.steps for stage in self.stages)

    def stage(self, step: int) -> Stage:
        """The stage that a step belongs to."""
        for stage in self.stages:
            if step < stage.steps:
                return stage
            step -= stage.steps
        raise IndexError(f"the recipe has {self.steps} steps")


def load_recipe(name: str | Path) -> Recipe:
    """A recipe by name (``"compact"``) or from a TOML file.

    Raises
    ------
    RecipeError
        If there is no such recipe, or it has unknown or missing fields.
    """
    packaged = resources.files(__package__) / "recipes" / f"{name}.toml"
    source = packaged if packaged.is_file() else Path(name)
    if not source.is_file():
        raise RecipeError(f"no recipe {str(name)!r}: give 'compact' or a TOML file like it")
    try:
        values: dict[str, Any] = tomllib.loads(source.read_text(encoding="utf-8"))
        stages = tuple(Stage(**stage) for stage in values.pop("stages"))
        exclude = tuple(values.pop("exclude", ()))
        return Recipe(stages=stages, exclude=exclude, **values)
    except (tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise RecipeError(f"recipe {name}: {error}") from error
