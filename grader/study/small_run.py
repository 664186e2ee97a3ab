"""What a short training run of the capstone gives: the losses, the curve as text, and a sample."""

from __future__ import annotations

import math

import msgspec

WORSE, LEARNED = 0.25, 0.1
"""A run is clearly worse if it ends this much higher, in nats per token, than the right one; it trains if it ends this
much below where the right one starts."""
AS_GOOD = 0.1
"""A run is as good as another one if it ends at most this much higher."""


class SmallRun(msgspec.Struct, frozen=True):
    """A short training run.

    Attributes:
        losses: the cross-entropy on held-out text, in nats per token, from the first step to the last.
        curve: the losses, drawn with characters.
        sample: what the model writes in the end.
    """

    losses: tuple[float, ...]
    curve: str
    sample: str

    @property
    def end(self) -> float:
        """The loss in the end."""
        return self.losses[-1]

    def trains_badly(self, right: SmallRun) -> bool:
        """Say whether this run learns something, and still ends clearly worse than another one."""
        finite = all(map(math.isfinite, self.losses))
        return finite and right.end + WORSE < self.end < right.losses[0] - LEARNED

    def is_as_good_as(self, other: SmallRun) -> bool:
        """Say whether this run ends about as well as another one."""
        return math.isfinite(self.end) and self.end <= other.end + AS_GOOD
