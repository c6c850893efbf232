"""The sizes of a compact model, as data. They travel with its weights."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class CompactConfig:
    """Sizes of the compact model.

    Parameters
    ----------
    input_size
        Long side of the network's input in pixels.
    largest_zoom
        How much a small image may be enlarged to reach ``input_size``.
    stride2, stride4, stride8, stride16, stride32
        Channels of the encoder's stages.
    blocks4, blocks8, blocks16, blocks32
        Residual blocks (attention blocks at stride 32) of the encoder's stages.
    heads
        Attention heads of the encoder.
    skip2, skip4, skip8
        Channels of the skip features that the decoder reads.
    dense
        Channels of the dense head.
    embedding
        Channels of the embedding at stride 16, and of the decoder's tokens.
    decoder_layers, decoder_heads
        Two-way layers of the decoder and their heads.
    """

    input_size: int = 512
    largest_zoom: float = 4.0
    stride2: int = 16
    stride4: int = 48
    stride8: int = 96
    stride16: int = 160
    stride32: int = 256
    blocks4: int = 2
    blocks8: int = 3
    blocks16: int = 3
    blocks32: int = 3
    heads: int = 8
    skip2: int = 16
    skip4: int = 32
    skip8: int = 64
    dense: int = 24
    embedding: int = 128
    decoder_layers: int = 2
    decoder_heads: int = 4

    def to_json(self) -> str:
        """The config as one line of JSON."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> CompactConfig:
        """Read what :meth:`to_json` wrote; unknown names are an error."""
        values: dict[str, Any] = json.loads(text)
        unknown = set(values) - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"unknown sizes of a compact model: {', '.join(sorted(unknown))}")
        return cls(**values)
