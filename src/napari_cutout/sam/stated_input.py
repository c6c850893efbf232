"""What a Hugging Face folder states of how images become the network's input.

It stands in ``preprocessor_config.json``, or in ``processor_config.json`` as ``image_processor``.
What isn't stated is SAM's own; what our networks' input can't be made like is refused. Nothing here
reads a file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from napari_cutout.sam.config import Normalisation
from napari_cutout.sam.errors import WeightsError

if TYPE_CHECKING:
    from napari_cutout.sam.config import SamConfig

_FILE = "preprocessor_config.json, or processor_config.json,"
_SCALE = 1 / 255
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_BILINEAR = 2
_WAY_OUT = "choose a plain SAM, or take that file away to go on with SAM's own input"


def stated_normalisation(stated: Mapping[str, Any], side: int) -> Normalisation | None:
    """How grey levels are normalised, where that isn't SAM's way.

    Parameters
    ----------
    stated
        What is stated of images; may be empty, and any of it may be left out.
    side
        Of the network's square input, in pixels.

    Returns
    -------
    Normalisation or None
        None for SAM's own.

    Raises
    ------
    WeightsError
        If images are brought to the input in another way: the answers would be wrong.
    """
    _check_framing(stated, side)
    factor = 1.0
    if _is_on(stated, "do_rescale"):
        factor = _numbers(stated, "rescale_factor", (_SCALE,))[0]
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)
    if _is_on(stated, "do_normalize"):
        mean, std = _numbers(stated, "image_mean", _MEAN), _numbers(stated, "image_std", _STD)
    for name, values in (("rescale_factor", (factor,)), ("image_std", std)):
        if min(values) <= 0:
            raise WeightsError(
                f"{_FILE} states {name} = {stated[name]!r}, where numbers above 0 are expected; "
                "get it again"
            )
    found = Normalisation(_divided(mean, factor), _divided(std, factor))
    own = Normalisation(_divided(_MEAN, _SCALE), _divided(_STD, _SCALE))
    return None if _is_close(found, own) else found


def input_to_state(config: SamConfig) -> dict[str, Any]:
    """What stands in ``preprocessor_config.json`` for a SAM.

    Parameters
    ----------
    config
        Of the model, whose images are brought to the input by their long side.
    """
    own, side = config.normalisation, config.encoder.input_size
    mean = _MEAN if own is None else _divided(own.mean, 255)
    std = _STD if own is None else _divided(own.std, 255)
    return {
        "image_processor_type": "SamImageProcessor",
        "do_resize": True,
        "size": {"longest_edge": side},
        "resample": _BILINEAR,
        "do_rescale": True,
        "rescale_factor": _SCALE,
        "do_normalize": True,
        "image_mean": list(mean),
        "image_std": list(std),
        "do_pad": True,
        "pad_size": {"height": side, "width": side},
        "mask_size": {"longest_edge": side // 4},
        "mask_pad_size": {"height": side // 4, "width": side // 4},
    }


def _check_framing(stated: Mapping[str, Any], side: int) -> None:
    """SAM's: the long side is resized to the input, bilinear, and the rest is padded."""
    wanted = {
        "do_resize": (True,),
        "do_pad": (True,),
        "resample": (_BILINEAR,),
        "size": ({"longest_edge": side}, side),
        "pad_size": ({"height": side, "width": side}, side),
    }
    for name, fitting in wanted.items():
        said = stated.get(name)
        if isinstance(said, Mapping):
            said = {key: value for key, value in said.items() if value is not None}
        if said is not None and said not in fitting:
            raise WeightsError(
                f"{_FILE} states {name} = {said!r}, where {fitting[0]!r} is "
                f"expected with an input of {side} pixels: images made so aren't read; {_WAY_OUT}"
            )


def _is_on(stated: Mapping[str, Any], name: str) -> bool:
    said = stated.get(name)
    if said not in (None, True, False):
        raise WeightsError(
            f"{_FILE} states {name} = {said!r}, where true or false is expected; get it again"
        )
    return said is None or bool(said)


def _numbers(stated: Mapping[str, Any], name: str, default: tuple[float, ...]) -> tuple[float, ...]:
    """One number for each channel; a single one is that of all."""
    said = stated.get(name)
    if said is None:
        return default
    several = said if isinstance(said, Sequence) and not isinstance(said, str) else [said]
    if len(several) == 1:
        several = list(several) * len(default)
    if len(several) != len(default) or not all(_is_number(one) for one in several):
        raise WeightsError(
            f"{_FILE} states {name} = {said!r}, where {len(default)} numbers are "
            f"expected, such as {list(default)}; get it again"
        )
    return tuple(float(one) for one in several)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and type(value) is not bool and math.isfinite(value)


def _divided(values: tuple[float, ...], factor: float) -> tuple[float, float, float]:
    """From the scaled levels to grey levels."""
    red, green, blue = (value / factor for value in values)
    return red, green, blue


def _is_close(one: Normalisation, other: Normalisation) -> bool:
    """Whether they are the same but for rounding, of which 1/255 has some."""
    pairs = zip(one.mean + one.std, other.mean + other.std, strict=True)
    return all(math.isclose(a, b, rel_tol=1e-6) for a, b in pairs)
