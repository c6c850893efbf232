"""How a model sees an object that a person has given, and what that says of its later masks."""

from __future__ import annotations

from dataclasses import dataclass, replace

FADING = 0.5
"""What of a bias is left from one frame to the next: it is learned of one shape."""

_LEAST = 1e-6


@dataclass(frozen=True)
class Habit:
    """What a model makes of one object, where that is known.

    Parameters
    ----------
    bias
        By how much its logits are too high.
    error
        1 minus the IoU of its mask, without the bias, with the given one.
    """

    bias: float = 0.0
    error: float = 0.0

    def faded(self) -> Habit:
        """The same, a frame further on."""
        return replace(self, bias=self.bias * FADING)

    def kept_share(self, agreement: float, least: float) -> float:
        """The share that an expected mask has in the answer.

        The model differs from the person even where nothing changes. Of its difference from what
        was expected, that much says nothing of the object; only the rest is news.

        Parameters
        ----------
        agreement
            The IoU of the model's mask with the expected one.
        least
            The share that it has at least.

        Returns
        -------
        float
            From ``least`` to 1; 1 where the model differs no more than it does anyway.
        """
        return max(least, min(1.0, self.error / max(1 - agreement, _LEAST)))
