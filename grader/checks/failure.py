"""What a check says when it fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["type", "shape", "dtype", "finite", "value", "claim", "parameters", "names", "raised", "not raised"]


@dataclass(frozen=True)
class Cause:
    """Why a check failed: the value it got, the expected one, and where they first differ. Empty strings aren't shown.

    If there is a picture, it replaces both values. `nothing` says that a result is missing: None came. `hinted` says
    whether the check's hint may help. If `own`, the expected value is another answer of the learner's code.
    """

    kind: Kind
    got: str = ""
    expected: str = ""
    where: str = ""
    picture: tuple[str, ...] = ()
    nothing: bool = False
    hinted: bool = True
    own: bool = False


class CheckFailure(AssertionError):
    """The learner's code doesn't do what the check claims."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(f"{cause.kind}: got {cause.got}, expected {cause.expected} {cause.where}".rstrip())
        self.cause = cause
