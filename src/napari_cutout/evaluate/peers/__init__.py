"""Models of other packages, judged as our own: each imported only when it is asked for by name."""

from __future__ import annotations

from napari_cutout.evaluate.peers.opening import PEERS, PeerError, check_peer, open_peer

__all__ = ["PEERS", "PeerError", "check_peer", "open_peer"]
