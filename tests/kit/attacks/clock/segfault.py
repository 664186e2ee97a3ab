"""Reads at address zero."""
# naive: no verdict
import ctypes


def double(x):
    return ctypes.string_at(0)
