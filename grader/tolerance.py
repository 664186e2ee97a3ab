"""How far apart two right answers may be: the only module with numbers for that.

Two right programs add the same numbers in different orders. With unit round-off u (1.1e-16 in float64, 6e-8 in
float32), a sum of n terms is off by at most about n·u times the sum of the terms' sizes, in practice by √n·u times. A
softmax over scores of size s multiplies u by s, and the contract keeps s below 30. So a layer with sums over a few
dozen terms, a softmax and a normalization stays within a few hundred u of the exact value, relative to the largest
number in it.

- float32: 512·u ≈ 3e-5, relative to the largest expected number, or to 1 if that number is smaller (a result that
  cancels to something small has gone through numbers of size 1).
- float64: round-off by itself would allow 1e-13. Constants stored in float32, as in the book's own GELU, are right too,
  and cost up to about 1e-7. So the bound is 1e-6, relative to the largest expected number, or to 0.01 if that number is
  smaller.

A mistake worth a name changes results by one percent or more.

The contract also allows whole steps in float32 whose result is cast back: statistics, a softmax, an activation, a loss.
Then round-off is that of float32, but only where the learner's code rounds that way; `grader.checks.roughness` measures
it, and gives no program more than the float32 bound. Everything else is held to the bound of its dtype.

When float32 constants go through sums that may cancel, as in a feed-forward layer after GELU, a check asks for 1e-6
relative to 1 at least (`THROUGH_GELU` in the hidden checks of the block).

`python -m benchmarks.tolerances` tried 50 right answers on a thousand random cases for each check that compares: half a
million comparisons. No right answer was rejected. They used up to 8 % of the bounds in float32 and 8 % in float64
(scores normalized by way of logarithms); with constants in float32, up to 3 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Tolerance:
    """An absolute bound: `relative` times the largest expected size, or times `floor` if that is larger."""

    relative: float
    floor: float

    def bound(self, largest: float) -> float:
        """Return the largest difference allowed if the largest expected number has the size `largest`."""
        return self.relative * max(largest, self.floor)


FLOAT32 = Tolerance(3e-5, 1.0)
"""The bound for float32, and the widest for float64 in which parts were computed in float32."""
_BY_DTYPE = {torch.float64: Tolerance(1e-6, 1e-2), torch.float32: FLOAT32}


def tolerance_for(dtype: torch.dtype) -> Tolerance:
    """Return the tolerance for a dtype; zero for integers, which are equal or not."""
    return _BY_DTYPE.get(dtype, Tolerance(0.0, 0.0))
