"""Returns numbers that compare with nothing."""


def double(x):
    return float("nan") if x < 10 else float("-inf")
