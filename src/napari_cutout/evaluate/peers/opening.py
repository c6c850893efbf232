"""A peer by its name: which there are, and what to do where one isn't installed.

How each is called lies in a file of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_cutout.evaluate.models import Annotatable, Finder


class PeerError(ValueError):
    """A peer that isn't known, isn't installed, or can't do what it is asked for."""


@dataclass(frozen=True)
class Peer:
    """A model of another package, ready to be judged.

    Parameters
    ----------
    annotatable
        What answers its prompts; None where it takes none.
    finder
        What finds objects with it; None where it can't.
    """

    annotatable: Annotatable | None
    finder: Finder | None


@dataclass(frozen=True)
class Package:
    """Where a peer comes from.

    Parameters
    ----------
    module
        What is imported.
    install
        How it is got.
    default
        The model that is meant where none is named.
    """

    module: str
    install: str
    default: str


PEERS = {
    "micro-sam": Package("micro_sam", "conda install -c conda-forge micro_sam", "vit_b_lm"),
    "cellpose": Package("cellpose", "pip install cellpose", "cpsam"),
    "stardist": Package("stardist", "pip install stardist tensorflow", "2D_versatile_fluo"),
}
"""By the names that they are asked for with."""


def open_peer(text: str, device: str = "auto") -> Peer:
    """Load a peer.

    Parameters
    ----------
    text
        ``NAME`` or ``NAME:MODEL``, such as ``micro-sam:vit_b_em_organelles``.
    device
        As for our own models; ``"auto"`` leaves it to the peer.

    Raises
    ------
    PeerError
        If there is no such peer, or it isn't installed.
    """
    package, model = check_peer(text)
    opener = import_module(f"{__package__}.{package.module}_peer")
    peer: Peer = opener.open_peer(model, device)
    return peer


def check_peer(text: str) -> tuple[Package, str]:
    """Where a peer comes from and which of its models is meant, without loading anything.

    Raises
    ------
    PeerError
        If there is no such peer, or it isn't installed.
    """
    name, _, model = text.partition(":")
    package = PEERS.get(name)
    if package is None:
        raise PeerError(f"there is no peer {name!r}; there are {', '.join(PEERS)}")
    if find_spec(package.module) is None:
        raise PeerError(f"{name} isn't installed; {package.install}, or leave --peer {text} out")
    return package, model or package.default
