"""Text that others wrote, made fit for a line of our own."""

from __future__ import annotations


def printable(text: str, limit: int = 200) -> str:
    """Make text from a learner's code safe for a terminal, and cut it."""
    clean = "".join(character if character.isprintable() else " " for character in text[: 2 * limit])
    clean = " ".join(clean.split())
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
