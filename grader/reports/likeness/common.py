"""The rule for what many students share: it says nothing about any two of them."""

from __future__ import annotations

import math

SHARE, LEAST = 0.1, 5
"""What this share of the class has in common doesn't count, if it's at least this number of students."""


def many(students: int) -> int:
    """Return from how many students on something is common, in a class of this size.

    A tenth, but at least five: in a class of twenty, a tenth would be two, and nothing that two students share could
    ever be listed.
    """
    return max(LEAST, math.ceil(SHARE * students))
