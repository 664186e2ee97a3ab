"""How far apart two right answers may be: the only module with numbers for that.

Two right programs add the same numbers in different orders. With unit round-off u (1.1e-16 in float64, 6e-8 in
float32), a sum of n terms is off by at most about n·u times the sum of the terms' sizes, in practice by √n·u times. A
softmax over scores of size s multiplies u by s, and the contract keeps s below 30. So a layer with sums over a few
dozen terms, a softmax and a normalization stays within a few hundred u of the exact value, relative to the largest
number in it.

The bound is 512·u of float32, about 3e-5, relative to the largest expected number, or to 1 where that is smaller (what
cancels to something small has gone through numbers of size 1).

It is the same for float64. Constants, statistics, a softmax, an activation or a loss that are computed in float32 and
cast back are right, so no check asks a tensor for more than float32 can give. A check that divides by something small
multiplies what rounding leaves: `normalized` says by how much. NumPy's float64 arrays, in which nothing is computed in
float32 unless somebody asks for it, are held to 1e-6, relative to the largest expected number, or to 0.01.

A mistake worth a name changes results by one percent or more. Checks pin down constants where these decide the result:
eps by rows with a variance as small, the two forms of GELU where they differ by 5e-4.

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


ROUND_OFF = 2.0**-24
"""The unit round-off of float32."""
FLOAT32 = Tolerance(512 * ROUND_OFF, 1.0)
ARRAYS = Tolerance(1e-6, 1e-2)
"""For NumPy's float64."""
_BY_DTYPE = {torch.float64: FLOAT32, torch.float32: FLOAT32}


def normalized(ratio: float, slope: float = 1.0) -> Tolerance:
    """Return the tolerance for what comes of subtracting a mean and dividing by the spread.

    Args:
        ratio: how many times larger the numbers are than their spread. Each number, the mean and the difference are off
            by up to u times the numbers' size.
        slope: how large the result gets: about 1, or for gradients 1 divided by the spread.
    """
    return Tolerance(FLOAT32.relative + 16 * ROUND_OFF * ratio, max(1.0, slope))


def tolerance_for(dtype: torch.dtype) -> Tolerance:
    """Return the tolerance for a dtype; zero for integers, which are equal or not."""
    return _BY_DTYPE.get(dtype, Tolerance(0.0, 0.0))
