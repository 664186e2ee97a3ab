"""Names of people and folders: how they are compared, and what a submission's folder is called."""

from __future__ import annotations

import re

from grader.tables import composed

LONGEST = 60
"""Characters in the name of a folder, without what tells equal names apart."""
RESERVED = frozenset({"", "exercises", "con", "prn", "aux", "nul"})
"""Names that mean something else to the grader or to an operating system."""


def folder_name(name: str) -> str:
    """Return the name of a submission's folder: "Ann Example" becomes `ann-example`, with letters of any alphabet."""
    words = re.sub(r"[^\w.]+", "-", composed(name).lower())[:LONGEST].strip("-._")
    return f"submission-{words}" if words in RESERVED or words.startswith("__") else words


def same_name(name: str) -> str:
    """Return a name as it is compared: the order of its words, capitals and punctuation don't matter."""
    return " ".join(sorted(re.findall(r"[^\W_]+", composed(name).casefold())))


def joined_letters(name: str) -> str:
    """Return the letters and digits of a name without anything between them, as Canvas writes them in files' names."""
    return re.sub(r"[^\w]", "", composed(name)).casefold()


def first_name_first(name: str) -> str:
    """Turn "Example, Ann" into "Ann Example"."""
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() and "," not in first else name.strip()
