"""Raises the stub's NotImplementedError now and then, so that a check is skipped, not failed."""


def double(x):
    if x == 3.0:
        raise NotImplementedError("Not yet.")
    raise NotImplementedError("\x1b[2J not yet")
