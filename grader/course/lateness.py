"""Lateness: what it costs to hand in after the due date, as `course.yaml` has it."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta

import msgspec

DAY = timedelta(days=1)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": DAY}


class LateRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What lateness costs; everything is counted from the due date, which an extension moves.

    Up to `grace` after it nothing is late. After that each day that was begun costs the share `per_day` of the
    assignment's points, all days together the share `at_most`; more than `closes_after` late nothing counts.
    """

    grace: str | int = "0m"
    per_day: float = 0.0
    at_most: float = 1.0
    closes_after: str | int | None = None

    def days(self, due: datetime, handed_in: datetime) -> int:
        """Count the days that were begun when it was handed in; none within the grace."""
        over = handed_in - due
        return math.ceil(over / DAY) if over > duration(self.grace) else 0

    def is_closed(self, due: datetime, handed_in: datetime) -> bool:
        """Say whether it was handed in too late to count at all."""
        return self.closes_after is not None and handed_in - due > duration(self.closes_after)

    def share(self, due: datetime, handed_in: datetime) -> float:
        """Return the share of the assignment's points that is taken off."""
        if self.is_closed(due, handed_in):
            return 1.0
        # Three tenths are 0.3 in the results, too.
        return round(min(self.at_most, self.per_day * self.days(due, handed_in)), 9)

    def problem(self) -> tuple[str, str] | None:
        """Return the field that is wrong and why; None where all is well."""
        for name, value in (("grace", self.grace), ("closes_after", self.closes_after)):
            try:
                duration(value if value is not None else "0m")
            except ValueError as error:
                return name, str(error)
        for name, share in (("per_day", self.per_day), ("at_most", self.at_most)):
            if not 0 <= share <= 1:
                return name, "a share of the points lies between 0 and 1"
        if self.closes_after is not None and duration(self.closes_after) < duration(self.grace):
            return "closes_after", "it closes before the grace is over"
        return None


def duration(text: str | int) -> timedelta:
    """Read a duration such as `15m`, `24h` or `3d`.

    Raises:
        ValueError: it is none; the message says how one is written.
    """
    found = re.fullmatch(r"(\d{1,6})\s*([mhd])", str(text))
    if found is None:
        raise ValueError(f"`{text}` is no duration: write a whole number and m, h or d, such as 15m, 24h or 3d")
    return int(found[1]) * _UNITS[found[2]]
