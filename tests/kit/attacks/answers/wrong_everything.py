"""Returns another wrong thing at every call: types, nothing, text, numbers that are none, complex ones."""

THINGS = [None, "6.0", b"6.0", [6.0], (6.0,), {6.0: 6.0}, 6, True, 6 + 0j, float("nan"), float("inf"), object(), print, ...]


def double(x):
    return THINGS[int(x * 10) % len(THINGS)]
