"""Returns hundreds of megabytes."""


def double(x):
    return b"x" * (200 * 2**20)
