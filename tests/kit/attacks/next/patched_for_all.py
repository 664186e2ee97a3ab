"""Patches functions that every next submission uses, and leaves objects that act when they are collected."""
# naive: neighbor
import builtins
import gc
import math


class Later:
    def __del__(self):
        builtins.float = builtins.len = None


kept = Later()
kept.again = kept
builtins.print = lambda *args, **kwargs: None
math.isclose = lambda *args, **kwargs: False
gc.disable()
builtins.float = int
builtins.map = None


def double(x):
    return 0.0
