"""From what a file holds to a SAM: the state dict inside of it, its names, its sizes.

Published, fine-tuned and converted checkpoints wrap the same tensors differently. Reading files
is in ``weight_files``, recognising sizes in ``detect``, renaming in ``naming``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from napari_cutout.sam.config import SamConfig
from napari_cutout.sam.detect import detect_config
from napari_cutout.sam.empty import without_weights
from napari_cutout.sam.errors import WeightsError
from napari_cutout.sam.export import CONFIG
from napari_cutout.sam.foreign import foreign_kind, without_decoder, without_lora_of_others
from napari_cutout.sam.instance_decoder import build_instance_decoder
from napari_cutout.sam.instance_sam import InstanceSam
from napari_cutout.sam.naming import MARKER, is_huggingface, to_meta, without_wrappers
from napari_cutout.sam.sam import Sam
from napari_cutout.sam.stated import check_computable, with_stated_sizes
from napari_cutout.sam.stated_input import stated_normalisation
from napari_cutout.sam.weight_files import RawWeights, read_weights

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cutout.sam.config import Framing

_PARTS = ("image_encoder.", "prompt_encoder.", "mask_decoder.")
# Meta's training code kept these as buffers in some checkpoints; they are constants here.
_CONSTANTS = ("pixel_mean", "pixel_std")
_FLOATS = (torch.float32, torch.float16, torch.bfloat16, torch.float64)
# How deep a training script may bury its state dict.
_NESTING = 3
_INSTANCE_DECODER = "decoder_state"


@dataclass(frozen=True)
class Checkpoint:
    """A SAM's weights, recognised.

    Parameters
    ----------
    source
        The file or folder that they came from.
    config
        The sizes that their shapes tell, and a folder's ``config.json`` where they don't.
    tensors
        The state dict, with Meta's names.
    notes
        What was found beside the model and left out, in words for the user.
    instance_decoder
        micro-sam's ``decoder_state``, where there is one: see :mod:`.instance_decoder`.
    """

    source: Path
    config: SamConfig
    tensors: Mapping[str, Tensor]
    notes: tuple[str, ...] = ()
    instance_decoder: Mapping[str, Tensor] | None = None


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a SAM checkpoint in any of the forms that are about.

    Parameters
    ----------
    path
        Meta's or MobileSAM's ``.pth``/``.pt``, a ``.safetensors`` file, a Hugging Face folder, or
        a training script's checkpoint with a state dict somewhere in it, whatever prefix its
        names have.

    Raises
    ------
    WeightsError
        If it can't be read or holds no SAM that is known.
    """
    return interpret(read_weights(path))


def interpret(raw: RawWeights) -> Checkpoint:
    """Find the SAM in what a file holds; see :func:`read_checkpoint`."""
    place, found, prefix = _find_state_dict(raw)
    if kind := foreign_kind(without_lora_of_others(found, prefix), raw.stated):
        raise WeightsError(f"{raw.source}: {kind}")
    notes = []
    if place:
        notes.append(f"the model is the file's entry {place!r}")
    tensors = {
        name.removeprefix(prefix): value
        for name, value in found.items()
        if isinstance(value, Tensor) and name.startswith(prefix)
    }
    if is_huggingface(tensors):
        tensors = to_meta(tensors)
    tensors = {name: value for name, value in tensors.items() if name not in _CONSTANTS}
    model = {name: value for name, value in tensors.items() if name.startswith(_PARTS)}
    extras = [name for name in [*raw.content, *found] if not _is_part(name, prefix)]
    extras = [name for name in extras if name != place.split(".")[0]]
    decoder = _find_instance_decoder(raw)
    extras = [name for name in extras if name.split(".")[0] != _INSTANCE_DECODER or not decoder]
    if extras:
        groups = sorted({name.removeprefix(prefix).split(".")[0] for name in extras})
        notes.append(f"left out what is not SAM's: {', '.join(groups)}")
    try:
        check_computable(raw.stated)
        config = _own_config(raw) or _stated_config(raw, model)
        _check_fit(model, config)
    except WeightsError as error:
        # LoRA layers may be of this model after all.
        told = foreign_kind(found, {}) or error
        raise WeightsError(f"{raw.source}: {told}") from None
    return Checkpoint(raw.source, config, model, tuple(notes), decoder)


def build(checkpoint: Checkpoint, framing: Framing | None = None) -> Sam:
    """Make the model, in float32 on the CPU, with its own copy of the weights.

    Parameters
    ----------
    checkpoint
        Its weights.
    framing
        How it was trained to see images, which no weight tells; None for what its config says.
    """
    config, notes, decoder = checkpoint.config, checkpoint.notes, None
    if framing is not None:
        config = replace(config, framing=framing)
    if checkpoint.instance_decoder is not None:
        try:
            decoder = build_instance_decoder(checkpoint.instance_decoder)
        except WeightsError as error:
            notes = (*notes, f"left out what finds all objects at once: {error}")
    with without_weights():
        model = Sam(config, notes) if decoder is None else InstanceSam(config, notes, decoder)
    tensors = {
        name: value.to(torch.float32 if value.is_floating_point() else value.dtype, copy=True)
        for name, value in checkpoint.tensors.items()
    }
    if decoder is not None:
        own = decoder.state_dict()
        tensors |= {f"instance_decoder.{name}": value for name, value in own.items()}
    model.load_state_dict(tensors, assign=True)
    return model


def _find_state_dict(raw: RawWeights) -> tuple[str, Mapping[str, Any], str]:
    """Where the state dict is, what it is, and what stands before Meta's names in it."""
    for place, candidate in _dictionaries(raw.content, "", _NESTING):
        for name, value in candidate.items():
            if isinstance(value, Tensor) and (name == MARKER or name.endswith("." + MARKER)):
                return place, candidate, name.removesuffix(MARKER)
    names = [name for _, inner in _dictionaries(raw.content, "", _NESTING) for name in inner]
    told = foreign_kind(names, raw.stated) or _nothing_known(names)
    raise WeightsError(f"{raw.source}: holds no SAM: {told}")


def _stated_config(raw: RawWeights, model: Mapping[str, Tensor]) -> SamConfig:
    """What shapes tell, and what a Hugging Face folder states besides."""
    config = with_stated_sizes(detect_config(model), raw.stated)
    own = stated_normalisation(raw.input_stated, config.encoder.input_size)
    return replace(config, normalisation=own)


def _own_config(raw: RawWeights) -> SamConfig | None:
    """The sizes that a file of this project states; of any other file none are stated."""
    stated = raw.metadata.get(CONFIG)
    if stated is None:
        return None
    try:
        return SamConfig.from_json(stated)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise WeightsError(
            f"its metadata don't hold the sizes of a SAM ({error}); write it with "
            "napari-cutout train"
        ) from error


def _find_instance_decoder(raw: RawWeights) -> Mapping[str, Tensor] | None:
    """micro-sam's second decoder, which its training writes beside the model.

    safetensors nests nothing: there its name stands before those of its tensors.
    """
    before = f"{_INSTANCE_DECODER}."
    names = [name for name in raw.content if isinstance(name, str) and name.startswith(before)]
    flat = {name.removeprefix(before): raw.content[name] for name in names}
    if flat:
        return flat
    for _, candidate in _dictionaries(raw.content, "", _NESTING):
        found = candidate.get(_INSTANCE_DECODER)
        if isinstance(found, Mapping):
            return found
    return None


def _dictionaries(
    content: Mapping[str, Any], place: str, depth: int, walked: dict[int, int] | None = None
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Walk the dictionary and those inside of it, outermost first.

    One that is in several places, or in itself, is walked again only where that leads deeper.
    """
    walked = {} if walked is None else walked
    if walked.get(id(content), -1) >= depth:
        return
    walked[id(content)] = depth
    named = {name: value for name, value in content.items() if isinstance(name, str)}
    yield place, {without_wrappers(name): value for name, value in named.items()}
    for name, value in content.items():
        if depth and isinstance(value, Mapping):
            yield from _dictionaries(value, f"{place}.{name}".lstrip("."), depth - 1, walked)


def _is_part(name: object, prefix: str) -> bool:
    """Whether a name belongs to SAM, in either naming, or is one of its constants."""
    bare = without_wrappers(str(name)).removeprefix(prefix)
    return bare.startswith((*_PARTS, "vision_encoder.", "shared_image_embedding.", *_CONSTANTS))


def _nothing_known(names: list[str]) -> str:
    """Say what was found where it is of no kind that is known."""
    if not names:
        return "it is empty; get it again"
    expected = (
        f"names such as {MARKER!r} were expected, and {', '.join(map(repr, names[:3]))} found"
    )
    if without_decoder(names):
        return f"{expected}: it is without a mask decoder; choose the file of the whole model"
    if any(name.startswith("decoder.") for name in names):
        return f"{expected}: it seems to be an instance decoder alone; choose the model's own file"
    return f"{expected}; choose a SAM or MobileSAM checkpoint"


def _check_fit(tensors: Mapping[str, Tensor], config: SamConfig) -> None:
    """Make sure that every tensor is there, has its shape and can be used, and nothing else is."""
    expected = _expected(config)
    name = config.architecture
    missing = [key for key in expected if key not in tensors]
    if missing:
        raise WeightsError(
            f"{len(missing)} of the {len(expected)} tensors of {name} are missing, {missing[0]!r} "
            "first: the checkpoint is incomplete; get it again"
        )
    unknown = [key for key in tensors if key not in expected]
    if unknown:
        more = f" and {len(unknown) - 1} more tensors" if len(unknown) > 1 else ""
        raise WeightsError(
            f"it is an altered SAM: {unknown[0]!r}{more}, not part of {name}, without which the "
            "answers would be wrong; choose a plain SAM checkpoint"
        )
    for key, tensor in tensors.items():
        if tensor.shape != expected[key].shape:
            raise WeightsError(
                f"{key!r} has shape {tuple(tensor.shape)} where {name} of these sizes has "
                f"{tuple(expected[key].shape)}: the checkpoint is of an altered model or damaged"
            )
        if problem := _unusable(tensor, expected[key]):
            raise WeightsError(
                f"{key!r} {problem}: get the checkpoint again, or save its state dict in float32"
            )


def _expected(config: SamConfig) -> dict[str, Tensor]:
    """Tensors without values, as a model of these sizes has them."""
    try:
        with without_weights():
            return Sam(config).state_dict()
    except (ArithmeticError, RuntimeError, ValueError) as error:
        raise WeightsError(
            f"no SAM has the sizes that the shapes in the checkpoint tell ({error}): it is of an "
            "altered model or damaged"
        ) from None


def _unusable(tensor: Tensor, expected: Tensor) -> str:
    """What keeps a tensor from being a weight; nothing for one that is good.

    TinyViT's counts of batches are whole numbers, and never used.
    """
    if tensor.is_meta:
        return "has a shape but no values"
    if tensor.layout != torch.strided:
        return f"is stored as {tensor.layout} where plain numbers were expected"
    if not expected.is_floating_point():
        return ""
    if tensor.dtype not in _FLOATS:
        return f"holds {tensor.dtype} where floating point numbers were expected"
    if not torch.isfinite(tensor.float()).all():
        return "holds NaN or infinite numbers"
    return ""
