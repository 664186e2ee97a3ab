"""Submissions that are nearly the same: a hint for a person to follow up, not a proof of anything."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.course import Course, Exercise
from grader.extras import is_installed, not_installed
from grader.grading.notebook import as_written

if TYPE_CHECKING:
    from copydetect import CodeFingerprint

NOISE = 25
"""Shared runs of fewer than about this many tokens are coincidence."""
LEAST = 120
"""About this many tokens must be shared, not counting boilerplate; fewer are only a line or two."""
ALIKE = 0.9
"""Two files are reported if at least this share of one is in the other. Correct answers written independently, in forty
styles, reach 0.85."""
LONGEST = 60_000
"""Bytes. No real answer is longer, and longer files take long to compare."""


@dataclass(frozen=True)
class Alike:
    """Two submissions that share most of the code of one of them in an exercise."""

    exercise: str
    first: str
    second: str
    share: float


@dataclass(frozen=True)
class Likeness:
    """The pairs that are alike, the most alike first; `remark` says what could not be compared."""

    pairs: tuple[Alike, ...] = ()
    remark: str = ""


def compare(course: Course, sources: Mapping[str, Mapping[str, bytes]]) -> Likeness:
    """Compare the submissions of a class with each other, exercise by exercise.

    Code that is also in the stub or the solution doesn't count: everybody starts from the stub, and code that follows
    the book comes close to the solution.

    Args:
        course: the course.
        sources: the modules of each submission, by submission and exercise id.
    """
    if not is_installed("copydetect"):
        return Likeness(remark=not_installed("Comparing submissions needs", "copydetect", "reports"))
    pairs: list[Alike] = []
    left_out: list[str] = []
    for exercise in course.exercises:
        given = {name: source for name, modules in sources.items() if (source := modules.get(exercise.id))}
        left_out += [f"{exercise.id} of {name}" for name, source in given.items() if len(source) > LONGEST]
        texts = {
            name: as_written(source.decode("utf-8", "replace"))
            for name, source in given.items()
            if len(source) <= LONGEST
        }
        if len(texts) > 1:
            common = _common_to_all(course, exercise)
            pairs += _pairs(exercise, {name: _fingerprint(text, common) for name, text in texts.items()})
    remark = f"Too long to compare: {', '.join(left_out)}." if left_out else ""
    return Likeness(
        tuple(sorted(pairs, key=lambda pair: (-pair.share, pair.exercise, pair.first, pair.second))), remark
    )


def _pairs(exercise: Exercise, prints: Mapping[str, CodeFingerprint]) -> Iterable[Alike]:
    # Files that differ only in names and comments are compared with the others once.
    position = {name: number for number, name in enumerate(prints)}
    same: dict[str, list[str]] = {}
    for name, fingerprint in prints.items():
        same.setdefault(fingerprint.filtered_code, []).append(name)
    for names in same.values():
        if prints[names[0]].token_coverage >= LEAST:
            yield from (Alike(exercise.id, first, second, 1.0) for first, second in itertools.combinations(names, 2))
    for names, others in itertools.combinations(same.values(), 2):
        share = _share(prints[names[0]], prints[others[0]])
        if share >= ALIKE:
            for pair in itertools.product(names, others):
                first, second = sorted(pair, key=position.__getitem__)
                yield Alike(exercise.id, first, second, share)


def _share(first: CodeFingerprint, second: CodeFingerprint) -> float:
    """Return the share of one file that is also in the other; 0 if there is next to nothing."""
    from copydetect import compare_files

    fewer = min(len(first.hashes), len(second.hashes))
    # Most pairs have little in common, and this test is faster than computing how much.
    if not fewer or 2 * len(first.hashes & second.hashes) < fewer:
        return 0.0
    overlap, shares, _ = compare_files(first, second)
    return min(1.0, float(max(shares))) if overlap >= LEAST else 0.0


def _common_to_all(course: Course, exercise: Exercise) -> set[int]:
    """Return the fingerprints of code that submissions may share without copying from each other."""
    paths = [folder / f"{exercise.id}.py" for folder in (course.stubs, course.solutions)]
    texts = [path.read_text(encoding="utf-8") for path in paths if path.is_file()]
    return {mark for text in texts for mark in _fingerprint(text, set()).hashes}


def _fingerprint(text: str, common: set[int]) -> CodeFingerprint:
    """Return all of a file's fingerprints, so that nothing depends on which ones a window would choose."""
    from copydetect import CodeFingerprint
    from copydetect.utils import get_token_coverage

    fingerprint = CodeFingerprint("module.py", NOISE, 1, language="python", fp=io.StringIO(text))
    # Removed here, because the library's own way expects that no hash occurs twice in a file.
    fingerprint.hash_idx = {
        int(mark): positions for mark, positions in fingerprint.hash_idx.items() if mark not in common
    }
    fingerprint.hashes = set(fingerprint.hash_idx)
    fingerprint.token_coverage = get_token_coverage(fingerprint.hash_idx, NOISE, len(fingerprint.filtered_code))
    return fingerprint
