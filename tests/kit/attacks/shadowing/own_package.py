"""Replaces the other modules of its package, and its own, in `sys.modules`."""
import sys
import types

for name in list(sys.modules):
    if "submission" in name or name in ("double", "twice", "math", "random"):
        sys.modules[name] = types.ModuleType(name)
sys.modules["solutions.double"] = sys.modules["tests"] = None


def double(x):
    return 0.0
