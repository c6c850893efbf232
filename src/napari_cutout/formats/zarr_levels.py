"""Which array of a zarr group is the image: the finest level of an OME-Zarr. Nothing is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cutout.formats.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SINGLE = "bioformats2raw.layout"


def finest_level(group: Any, name: str) -> tuple[Any, Mapping[str, Any]]:
    """The finest level of an OME-Zarr image, and what is said of it.

    Parameters
    ----------
    group
        Of zarr. One that holds a single image, as bioformats2raw writes it, is that image.
    name
        Its path, for messages.

    Returns
    -------
    array, multiscale
        The array, and the entry of ``multiscales`` that it is of.

    Raises
    ------
    FormatError
        If it is no image, or holds several.
    """
    stated = _attributes(group)
    if _SINGLE in stated and "multiscales" not in stated:
        images = sorted(key for key in group.group_keys() if key != "OME")
        if len(images) != 1:
            raise FormatError(f"{name} has several images; give one: {_listed(name, images)}")
        return finest_level(group[images[0]], f"{name}/{images[0]}")
    if "plate" in stated or "well" in stated:
        raise FormatError(
            f"{name} is a plate or a well of one, of many images; give one of them, such as "
            f"{name}/{'A/1/0' if 'plate' in stated else '0'}"
        )
    if "multiscales" not in stated:
        inside = sorted(group.array_keys())
        raise FormatError(
            f"{name} is a zarr group, not an image; give one of its arrays: "
            + (_listed(name, inside) or "it has none")
        )
    try:
        multiscale = stated["multiscales"][0]
        level = group[multiscale["datasets"][0]["path"]]
    except (KeyError, IndexError, TypeError) as error:
        raise not_ome(name, error) from error
    if not hasattr(level, "dtype"):
        raise not_ome(name, TypeError("its first level is a group"))
    return level, multiscale


def not_ome(name: str, error: Exception) -> FormatError:
    """What a group says of itself can't be understood."""
    return FormatError(f"{name}: what it says of itself isn't OME-Zarr's ({error!r})")


def _attributes(node: Any) -> dict[str, Any]:
    stated = dict(node.attrs)
    inner = stated.get("ome", stated)
    return dict(inner) if isinstance(inner, dict) else stated


def _listed(name: str, keys: Sequence[str]) -> str:
    return ", ".join(f"{name}/{key}" for key in keys)
