"""Pseudonyms of submissions, so that whoever marks doesn't see whose work it is.

A pseudonym depends on nothing but the course and the submission's id. So it is the same in every run and on every
machine, and needs no file to be kept. It keeps names out of sight; it is no secret from somebody who has all ids and
computes them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from grader.tables import composed

LETTERS = "ACDEFHJKMNPQRTWXY34679"
"""No two of these look alike."""
GROUP, SHORTEST = 4, 2
"""Letters in a group, and groups in a pseudonym, if that is enough to tell all of a class apart."""
LONGEST = 6


def pseudonyms(course: str, ids: Iterable[str]) -> Mapping[str, str]:
    """Return the pseudonym of each submission, by its id: "P-7KQF-4XWD".

    Args:
        course: the course's id.
        ids: the ids of the submissions.
    """
    every = list(ids)
    for groups in range(SHORTEST, LONGEST + 1):
        names = {name: _pseudonym(course, composed(name), groups) for name in every}
        if len(set(names.values())) == len({composed(name) for name in every}):
            break
    return names


def _pseudonym(course: str, name: str, groups: int) -> str:
    number = int.from_bytes(hashlib.sha256(f"{course}\0{name}".encode(errors="replace")).digest())
    letters = []
    for _ in range(groups * GROUP):
        number, position = divmod(number, len(LETTERS))
        letters.append(LETTERS[position])
    code = "".join(letters)
    return "-".join(["P", *(code[start : start + GROUP] for start in range(0, len(code), GROUP))])
