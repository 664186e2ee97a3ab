"""Raises the limit of recursion and recurses until the stack ends."""
# naive: no verdict
import sys

sys.setrecursionlimit(10**9)


class Deep:
    def __getattr__(self, name):
        return eval("self." + name, {"self": self})


def down(x):
    return sorted([1, 2], key=lambda _: down(x))


def double(x):
    return down(x)
