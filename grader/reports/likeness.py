"""Submissions that are nearly the same: an indication for a person to follow up, and no proof of anything."""

from __future__ import annotations

import importlib.util
import io
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.course import Course, Exercise

if TYPE_CHECKING:
    from copydetect import CodeFingerprint

NOISE = 25
"""Tokens, about: a shorter run that two files share is chance."""
LEAST = 120
"""Tokens, about, that two files must share beside the boilerplate: less is a line or two."""
ALIKE = 0.9
"""The share of one file that is found in the other from which on the two are told; right answers that were written
apart, in forty styles, reach 0.85."""
LONGEST = 60_000
"""Bytes; no answer is as long, and what is takes long to compare."""
MISSING = 'Not looked at: copydetect is not installed. To have it: pip install "gpt-workbook[reports]"'


@dataclass(frozen=True)
class Alike:
    """Two submissions of which one has most of its own code of an exercise in common with the other."""

    exercise: str
    one: str
    other: str
    share: float


@dataclass(frozen=True)
class Likeness:
    """The pairs that are alike, the most alike first; `remark` says what was not looked at."""

    pairs: tuple[Alike, ...] = ()
    remark: str = ""


def compare(course: Course, sources: Mapping[str, Mapping[str, bytes]]) -> Likeness:
    """Compare the submissions of a class with each other, exercise by exercise.

    What the stub or the solution has too does not count: everybody starts from the one, and code written along with
    the book comes to the other.

    Args:
        course: the course.
        sources: the modules of each submission, by submission and exercise id.
    """
    if importlib.util.find_spec("copydetect") is None:
        return Likeness(remark=MISSING)
    pairs: list[Alike] = []
    left_out: list[str] = []
    for exercise in course.exercises:
        common = _common_to_all(course, exercise)
        prints: dict[str, CodeFingerprint] = {}
        for submission, modules in sources.items():
            source = modules.get(exercise.id, b"")
            if len(source) > LONGEST:
                left_out.append(f"{exercise.id} of {submission}")
            elif source:
                prints[submission] = _fingerprint(source.decode("utf-8", "replace"), common)
        pairs += _pairs(exercise, prints)
    remark = f"Too long to be compared: {', '.join(left_out)}." if left_out else ""
    return Likeness(tuple(sorted(pairs, key=lambda pair: (-pair.share, pair.exercise, pair.one, pair.other))), remark)


def _pairs(exercise: Exercise, prints: Mapping[str, CodeFingerprint]) -> Iterable[Alike]:
    from copydetect import compare_files

    for (one, first), (other, second) in itertools.combinations(prints.items(), 2):
        fewer = min(len(first.hashes), len(second.hashes))
        # Most pairs have little in common, and this is faster than to say how much.
        if not fewer or 2 * len(first.hashes & second.hashes) < fewer:
            continue
        if first.filtered_code == second.filtered_code:
            overlap, share = first.token_coverage, 1.0
        else:
            overlap, shares, _ = compare_files(first, second)
            share = min(1.0, float(max(shares)))
        if overlap >= LEAST and share >= ALIKE:
            yield Alike(exercise.id, one, other, share)


def _common_to_all(course: Course, exercise: Exercise) -> set[int]:
    """Return the fingerprints of what a submission may hold without having it from another."""
    paths = [folder / f"{exercise.id}.py" for folder in (course.stubs, course.solutions)]
    texts = [path.read_text(encoding="utf-8") for path in paths if path.is_file()]
    return {mark for text in texts for mark in _fingerprint(text, set()).hashes}


def _fingerprint(text: str, common: set[int]) -> CodeFingerprint:
    """Take a file's fingerprints, all of them, so that nothing depends on which a window would choose."""
    from copydetect import CodeFingerprint
    from copydetect.utils import get_token_coverage

    found = CodeFingerprint("module.py", NOISE, 1, fp=io.StringIO(text))
    # Taken out here: the library's own way expects that no fingerprint occurs twice in a file.
    found.hash_idx = {int(mark): places for mark, places in found.hash_idx.items() if mark not in common}
    found.hashes = set(found.hash_idx)
    found.token_coverage = get_token_coverage(found.hash_idx, NOISE, len(found.filtered_code))
    return found
