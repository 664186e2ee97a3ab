"""Returns a whole number of a million digits."""


def double(x):
    return 10**1_000_000
