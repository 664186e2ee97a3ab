"""Claims: checks that test the same thing share its points, so that a mistake doesn't pay for it twice.

`tests/claims.yaml` lists, for each exercise, checks by the check that they repeat. A check that it doesn't mention is
a claim by itself, so a course doesn't need the file.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from grader.course.yaml_file import YamlFile
from grader.errors import CourseError
from grader.files import reason

CLAIMS_FILE = "tests/claims.yaml"
HUNDREDTHS = 100
"""Points are given in hundredths, so that they add up exactly."""


class Claims:
    """The file `tests/claims.yaml` of a course: for each exercise, the checks that repeat each check.

    Args:
        root: the course's folder; without the file, nothing repeats anything.

    Raises:
        CourseError: the file can't be read, or has another form.
    """

    def __init__(self, root: Path) -> None:
        path = root / CLAIMS_FILE
        self._root = root
        self._file: YamlFile | None = None
        self._listed: dict[str, dict[str, list[str]]] = {}
        if not path.is_file():
            return
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CourseError(f"{path} cannot be read ({reason(error)}). Save it as plain text in UTF-8.") from None
        self._file = YamlFile(path, text, CourseError)
        self._listed = self._file.convert(self._file.data or {}, dict[str, dict[str, list[str]]])

    def check_exercises(self, exercises: Collection[str]) -> None:
        """Refuse claims about exercises that don't exist.

        Raises:
            CourseError: the file names an exercise that is not in `exercises`, and that has no checks, either: another
                course in the same folder may have fewer exercises.
        """
        for exercise in self._listed:
            if exercise not in exercises and not list(self._root.glob(f"tests/*/test_{exercise}.py")):
                raise self._complaint(f"there is no exercise `{exercise}`", [exercise])

    def listed(self, exercise: str) -> Mapping[str, Sequence[str]]:
        """Return what the file says about an exercise: for each check that it lists, the ones that repeat it."""
        return self._listed.get(exercise, {})

    def of(self, exercise: str, checks: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """Divide an exercise's checks into claims, each in the order of the file.

        Args:
            exercise: the exercise's id.
            checks: the ids of its checks.

        Raises:
            CourseError: the file names a check that doesn't exist, or names one twice.
        """
        listed = self.listed(exercise)
        if not (self._root / "tests" / "hidden" / f"test_{exercise}.py").is_file():
            # A student's copy has the file, but not the hidden checks that it names.
            listed = {
                first: [c for c in repeats if c in checks] for first, repeats in listed.items() if first in checks
            }
        claim_of: dict[str, str] = {}
        for first, repeats in listed.items():
            for position, check in enumerate([first, *repeats]):
                keys: list[str | int] = [exercise, first, position - 1] if position else [exercise, first]
                if check not in checks:
                    raise self._complaint(f"there is no check `{check}` in `{exercise}`", keys)
                if check in claim_of:
                    raise self._complaint(f"`{check}` can belong to one claim only", keys)
                claim_of[check] = first
        claims: dict[str, list[str]] = {}
        for check in checks:
            first = claim_of.get(check, check)
            claims.setdefault(first, [first, *listed.get(first, [])])
        return tuple(tuple(claim) for claim in claims.values())

    def _complaint(self, message: str, keys: Sequence[str | int]) -> CourseError:
        assert self._file is not None
        complaint = self._file.complaint(message, keys)
        assert isinstance(complaint, CourseError)
        return complaint


def points_of_checks(
    claims: Sequence[Sequence[str]], weights: Mapping[str, float], worth: float | None
) -> dict[str, float]:
    """Divide the points of an exercise among its claims by weight, and those of each claim evenly among its checks.

    All points are whole hundredths, and add up to `worth` exactly.

    Args:
        claims: the checks of each claim.
        weights: the weights of claims, by their first check; the others weigh 1.
        worth: the points of the exercise; by default, as many as its claims weigh.
    """
    weight_of_claims = [weights.get(claim[0], 1.0) for claim in claims]
    total = round(HUNDREDTHS * (sum(weight_of_claims) if worth is None else worth))
    points: dict[str, float] = {}
    for claim, hundredths in zip(claims, divided(total, weight_of_claims), strict=True):
        shares = divided(hundredths, [1.0] * len(claim))
        points |= {check: share / HUNDREDTHS for check, share in zip(claim, shares, strict=True)}
    return points


def divided(whole: int, weights: Sequence[float]) -> list[int]:
    """Divide a whole number into whole numbers in proportion to weights, as evenly as possible; they add up exactly."""
    exact = [Fraction(weight) for weight in weights]
    total = sum(exact)
    if not total:
        return [0] * len(weights)
    marks = [0, *(math.floor(whole * up_to / total + Fraction(1, 2)) for up_to in itertools.accumulate(exact))]
    return [after - before for before, after in itertools.pairwise(marks)]
