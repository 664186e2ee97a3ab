"""Mistakes in `double`, one of the two exercises of the small course that tests use."""

BY_THREE, BY_ALL = "test_double_three", "test_double_equals_the_reference"
MISTAKES = {
    "adds_one": ("x + 1", BY_THREE),
    "keeps_it": ("x", BY_THREE),
    "right_for_three": ("2 * x if x < 50 else 0.0", BY_ALL),
    "wrong_for_zero": ("2 * x + 1", BY_THREE),
    "halves": ("x / 2", BY_THREE),
    "negative": ("-2 * x", BY_THREE),
    "squares": ("x * x", BY_ALL),
}
"""What each returns instead of `2 * x`, and the check said to be about it, which is the wrong one for `squares`."""


def catalog(*names: str) -> dict[str, str]:
    """Return the catalog with the mistakes of these names, as a file for `tiny_course`."""
    entry = '{name}: {{did: You err., why: Why., hint: Where., check: {check}, edit: "2 * x => {wrong}"}}\n'
    entries = [entry.format(name=name, wrong=MISTAKES[name][0], check=MISTAKES[name][1]) for name in names]
    return {"solutions__misconceptions__double_dot_yaml": "".join(entries)}
