"""Texts to draw for a tokenizer.

All characters are old enough that `regex` and tiktoken agree on which of them are letters, numbers or white space. The
two follow different versions of Unicode, and disagree on thousands of newer characters.
"""

from hypothesis import strategies as st

FEW = (*"ab ,ca", "ab", "abc")
"""So few letters that pairs repeat, tie and overlap all the time."""

LETTERS = (
    *"abzAéßñαяאبकคあ中한",  # noqa: RUF001
    "\u01c5",
    "\u212b",
    "\U00010330",
    "\U00010400",
    "\U0001d400",
    "\U00020000",
    "\U00030000",
)
NUMBERS = (*"07٣५²½Ⅷ〇", "\U0001d7d7", "\U0001f100")  # noqa: RUF001
SIGNS = (*".,'-_<|>#€…„", "'s", "'ll", "'LL", "\x00", "\x1c", "\x7f", "\ufeff", "\U000f0000", "\U0010fffd")
MARKS = ("e\u0301", "\u0301", "\u093f", "\u20e3", "\u200d", "\ufe0f", "\U000e0020", "\U000e0100")
EMOJI = ("🙂", "❤️", "👩\u200d💻", "🇩🇪")
WHITE_SPACE = (*" \n\t\r\v\f\x85\xa0\u1680\u2003\u2028\u2029\u202f\u3000", "  ", "\r\n", "\n\n", "\u200b", "\u180e")
"""All kinds of white space; the last two look like it but aren't."""

EVERYTHING = (*LETTERS, *NUMBERS, *SIGNS, *MARKS, *EMOJI, *WHITE_SPACE)


def texts(*fragments: str, longest: int = 24) -> st.SearchStrategy[str]:
    """Draw a text made of these fragments; it shrinks to the empty text."""
    return st.lists(st.sampled_from(fragments), max_size=longest).map("".join)
