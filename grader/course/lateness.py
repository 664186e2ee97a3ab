"""Lateness: the points deducted for handing in after the due date, as `course.yaml` sets them."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta

import msgspec

DAY = timedelta(days=1)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": DAY}


class LateRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The late penalty. All times count from the due date, or from the extended one.

    Up to `grace` after the due date, nothing is late. After that, each day, even if only begun, costs the fraction
    `per_day` of the assignment's maximum points, but all days together at most the fraction `at_most`. An assignment
    handed in more than `closes_after` late scores nothing.
    """

    grace: str | int = "0m"
    per_day: float = 0.0
    at_most: float = 1.0
    closes_after: str | int | None = None

    def days(self, due: datetime, handed_in: datetime) -> int:
        """Count the days late, with part of a day counted as a whole one; 0 within the grace period."""
        over = handed_in - due
        return math.ceil(over / DAY) if over > duration(self.grace) else 0

    def is_closed(self, due: datetime, handed_in: datetime) -> bool:
        """Say whether it was handed in too late to count."""
        return self.closes_after is not None and handed_in - due > duration(self.closes_after)

    def share(self, due: datetime, handed_in: datetime) -> float:
        """Return the fraction of the assignment's points to deduct."""
        if self.is_closed(due, handed_in):
            return 1.0
        # Rounded so that three tenths are 0.3 in the results.
        return round(min(self.at_most, self.per_day * self.days(due, handed_in)), 9)

    def problem(self) -> tuple[str, str] | None:
        """Return the name of a wrong field and what is wrong; None if the rule is fine."""
        for name, value in (("grace", self.grace), ("closes_after", self.closes_after)):
            try:
                duration(value if value is not None else "0m")
            except ValueError as error:
                return name, str(error)
        for name, share in (("per_day", self.per_day), ("at_most", self.at_most)):
            if not 0 <= share <= 1:
                return name, "a fraction of the points must be between 0 and 1"
        if self.closes_after is not None and duration(self.closes_after) < duration(self.grace):
            return "closes_after", "`closes_after` must not be shorter than `grace`"
        return None


def duration(text: str | int) -> timedelta:
    """Read a duration such as `15m`, `24h` or `3d`.

    Raises:
        ValueError: it isn't one; the message says how to write one.
    """
    match = re.fullmatch(r"(\d{1,6})\s*([mhd])", str(text))
    if match is None:
        raise ValueError(f"`{text}` is not a duration: write a whole number and m, h or d, such as 15m, 24h or 3d")
    return int(match[1]) * _UNITS[match[2]]
