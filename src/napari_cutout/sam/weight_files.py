"""Reading what is in a weights file or folder, without trusting it and without interpreting it.

safetensors, or torch files with ``weights_only=True``: no code of a file ever runs. Which model
it is, and whether it is one, is the business of ``checkpoints``.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from napari_cutout.sam.errors import WeightsError
from napari_cutout.sam.plain_data import PLAIN_DATA
from napari_cutout.sam.strange_files import not_weights

_INDEX = ".index.json"
_FOLDER_FILES = (
    "model.safetensors",
    f"model.safetensors{_INDEX}",
    "pytorch_model.bin",
    f"pytorch_model.bin{_INDEX}",
)
_SUFFIXES = (".pth", ".pt", ".ckpt", ".bin", ".safetensors")
_SHARD = re.compile(r"-\d{5}-of-(\d{5})\.(safetensors|bin)$")
_CONFIG = "config.json"
_PREPROCESSOR = "preprocessor_config.json"
_PROCESSOR = "processor_config.json"
"""Of newer versions of transformers; what is said of images stands inside, and counts first."""
_OF_IMAGES = "image_processor"
_ADAPTER = "adapter_config.json"


@dataclass(frozen=True)
class RawWeights:
    """What a weights file holds.

    Parameters
    ----------
    source
        The file or folder.
    content
        A state dict, or whatever nest of dictionaries the file has around one.
    metadata
        A safetensors file's own remarks.
    stated
        What ``config.json`` holds, where the weights are those of a Hugging Face folder.
    input_stated
        What such a folder states of how images become the input: ``preprocessor_config.json``.
    """

    source: Path
    content: Mapping[str, Any]
    metadata: Mapping[str, str] = field(default_factory=dict)
    stated: Mapping[str, Any] = field(default_factory=dict)
    input_stated: Mapping[str, Any] = field(default_factory=dict)


def read_weights(path: Path) -> RawWeights:
    """Read a checkpoint onto the CPU.

    Parameters
    ----------
    path
        A ``.safetensors``, ``.pth``, ``.pt`` or ``.bin`` file, known by its content and not by
        its name; or a folder as the Hugging Face hub has them, or the weights in one.

    Raises
    ------
    WeightsError
        If there is nothing, or it can't be read, or only by running code.
    """
    path = Path(path)
    if not path.exists():
        raise WeightsError(f"{path}: there is no such file or folder; check the path")
    try:
        if path.is_dir():
            return _with_stated(_read_folder(path), path)
        shard = _SHARD.search(path.name)
        # The only one is the whole model.
        if shard and int(shard[1]) > 1:
            raise WeightsError(
                f"{path}: one of the {int(shard[1])} files of a model; choose the folder that they "
                "are in"
            )
        raw = _read_file(path)
        # The client of the hub gives the file, and leaves config.json beside it.
        is_hub = path.name in _FOLDER_FILES
        return _with_stated(raw, path.parent) if is_hub else raw
    except OSError as error:
        raise WeightsError(f"{path}: can't be opened ({error.strerror or error})") from error


def _read_file(path: Path) -> RawWeights:
    if path.name.endswith(_INDEX):
        return _read_shards(path)
    if _is_safetensors(path):
        return _read_safetensors(path)
    content = _read_torch(path)
    if not isinstance(content, Mapping):
        raise WeightsError(
            f"{path}: holds a {type(content).__name__} where a state dict was expected; "
            "save model.state_dict() and choose that file"
        )
    return RawWeights(path, content)


def _read_folder(folder: Path) -> RawWeights:
    for name in _FOLDER_FILES:
        path = folder / name
        if path.is_file():
            return _read_file(path)
    if (folder / _ADAPTER).is_file():
        raise WeightsError(
            f"{folder}: the folder of a peft adapter, which holds changes to a model and not the "
            "model; merge it with merge_and_unload() and save_pretrained() the whole"
        )
    there = sorted(path.name for path in folder.iterdir() if path.suffix in _SUFFIXES)
    found = f", but {', '.join(there[:5])}" if there else ""
    raise WeightsError(
        f"{folder}: the folder has none of {', '.join(_FOLDER_FILES)}{found}; "
        "choose the weights file itself, or a folder saved by save_pretrained()"
    )


def _read_shards(index: Path) -> RawWeights:
    """Read a model in several files, listed in an index."""
    try:
        names = set(json.loads(index.read_text("utf-8"))["weight_map"].values())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WeightsError(f"{index}: not an index of weights files ({error})") from error
    content: dict[str, Tensor] = {}
    for name in sorted(names):
        # The index is as little trusted as the rest: only files beside it.
        shard = index.parent / Path(str(name)).name
        if not shard.is_file():
            raise WeightsError(f"{index}: lists {name}, which is not beside it; get it again")
        content.update(_read_file(shard).content)
    return RawWeights(index.parent, content)


def _with_stated(raw: RawWeights, folder: Path) -> RawWeights:
    """With what a Hugging Face folder states beside the weights."""
    of_images = _read_config(folder / _PROCESSOR).get(_OF_IMAGES)
    if not isinstance(of_images, dict):
        of_images = _read_config(folder / _PREPROCESSOR)
    return replace(raw, stated=_read_config(folder / _CONFIG), input_stated=of_images)


def _read_config(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        return {}
    try:
        stated = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"{path}: not readable ({error}); get it again") from error
    if not isinstance(stated, dict):
        raise WeightsError(f"{path}: no JSON object, which a model's sizes are; get it again")
    return stated


def _is_safetensors(path: Path) -> bool:
    """Look for the JSON object that follows its own length at the start of the file."""
    with path.open("rb") as file:
        return file.read(9)[8:] == b"{"


def _read_safetensors(path: Path) -> RawWeights:
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            content = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return RawWeights(path, content, file.metadata() or {})
    except SafetensorError as error:
        raise WeightsError(
            f"{path}: damaged or cut short, not a whole safetensors file ({error}); get it again"
        ) from error


def _read_torch(path: Path) -> object:
    # torch.load takes a path with this suffix for safetensors, and then heeds nothing else.
    mapped = is_zipfile(path) and path.suffix != ".safetensors"
    try:
        with _LOADING, torch.serialization.safe_globals(PLAIN_DATA), path.open("rb") as file:
            source = path if mapped else file
            return torch.load(source, map_location="cpu", weights_only=True, mmap=mapped)
    except MemoryError:
        raise
    except Exception as error:
        # Bytes that are not to be trusted fail in any way they like.
        told = not_weights(path) or _reason(str(error))
        raise WeightsError(f"{path}: {told}") from error


def _reason(error: str) -> str:
    """Say in one line why torch could not, or would not, read a file."""
    if found := re.search(r"GLOBAL (\S+)", error):
        return (
            f"refused, because reading it would run code that it brings along ({found[1]}); "
            "tensors alone were expected: where you trust the file, load it with torch and save "
            "its state dict only"
        )
    # torch's own advice, to read it without protection, is not passed on.
    told = [line for line in error.splitlines() if line and "weights_only" not in line]
    return (
        f"not a whole torch or safetensors file ({' '.join(told)[:200] or 'it is empty'}); it may "
        "be cut short: get it again, or choose another"
    )


# torch keeps what it trusts for the whole process, and leaving the block takes it back for all.
_LOADING = threading.Lock()
