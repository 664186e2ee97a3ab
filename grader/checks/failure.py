"""What a check says when it fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["type", "shape", "dtype", "finite", "value", "claim", "parameters", "raised", "not raised"]


@dataclass(frozen=True)
class Cause:
    """Why a check failed: what came, what was due, and where they first differ. Empty strings are not shown.

    A picture, where there is one, stands in the place of what came and what was due.
    """

    kind: Kind
    got: str = ""
    expected: str = ""
    where: str = ""
    picture: tuple[str, ...] = ()


class CheckFailure(AssertionError):
    """The learner's code is not as the check says it should be."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(f"{cause.kind}: got {cause.got}, expected {cause.expected} {cause.where}".rstrip())
        self.cause = cause
