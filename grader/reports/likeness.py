"""Submissions that are nearly the same: an indication for a person to follow up, and no proof of anything."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.course import Course, Exercise
from grader.extras import is_installed, not_installed

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
    if not is_installed("copydetect"):
        return Likeness(remark=not_installed("Not looked at: comparing submissions needs", "copydetect", "reports"))
    pairs: list[Alike] = []
    left_out: list[str] = []
    for exercise in course.exercises:
        given = {name: source for name, modules in sources.items() if (source := modules.get(exercise.id))}
        left_out += [f"{exercise.id} of {name}" for name, source in given.items() if len(source) > LONGEST]
        texts = {name: source.decode("utf-8", "replace") for name, source in given.items() if len(source) <= LONGEST}
        if len(texts) > 1:
            common = _common_to_all(course, exercise)
            pairs += _pairs(exercise, {name: _fingerprint(text, common) for name, text in texts.items()})
    remark = f"Too long to be compared: {', '.join(left_out)}." if left_out else ""
    return Likeness(tuple(sorted(pairs, key=lambda pair: (-pair.share, pair.exercise, pair.one, pair.other))), remark)


def _pairs(exercise: Exercise, prints: Mapping[str, CodeFingerprint]) -> Iterable[Alike]:
    # Those that are the same but for names and comments are compared with the others once.
    place = {name: number for number, name in enumerate(prints)}
    same: dict[str, list[str]] = {}
    for name, found in prints.items():
        same.setdefault(found.filtered_code, []).append(name)
    for names in same.values():
        if prints[names[0]].token_coverage >= LEAST:
            yield from (Alike(exercise.id, one, other, 1.0) for one, other in itertools.combinations(names, 2))
    for names, others in itertools.combinations(same.values(), 2):
        share = _share(prints[names[0]], prints[others[0]])
        if share >= ALIKE:
            for pair in itertools.product(names, others):
                one, other = sorted(pair, key=place.__getitem__)
                yield Alike(exercise.id, one, other, share)


def _share(one: CodeFingerprint, other: CodeFingerprint) -> float:
    """Return the share of one file that is found in the other; nothing where that is next to nothing."""
    from copydetect import compare_files

    fewer = min(len(one.hashes), len(other.hashes))
    # Most pairs have little in common, and this is faster than to say how much.
    if not fewer or 2 * len(one.hashes & other.hashes) < fewer:
        return 0.0
    overlap, shares, _ = compare_files(one, other)
    return min(1.0, float(max(shares))) if overlap >= LEAST else 0.0


def _common_to_all(course: Course, exercise: Exercise) -> set[int]:
    """Return the fingerprints of what a submission may hold without having it from another."""
    paths = [folder / f"{exercise.id}.py" for folder in (course.stubs, course.solutions)]
    texts = [path.read_text(encoding="utf-8") for path in paths if path.is_file()]
    return {mark for text in texts for mark in _fingerprint(text, set()).hashes}


def _fingerprint(text: str, common: set[int]) -> CodeFingerprint:
    """Take a file's fingerprints, all of them, so that nothing depends on which a window would choose."""
    from copydetect import CodeFingerprint
    from copydetect.utils import get_token_coverage

    found = CodeFingerprint("module.py", NOISE, 1, language="python", fp=io.StringIO(text))
    # Taken out here: the library's own way expects that no fingerprint occurs twice in a file.
    found.hash_idx = {int(mark): places for mark, places in found.hash_idx.items() if mark not in common}
    found.hashes = set(found.hash_idx)
    found.token_coverage = get_token_coverage(found.hash_idx, NOISE, len(found.filtered_code))
    return found
