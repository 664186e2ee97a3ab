"""Prints without end, on every stream and descriptor."""
import os
import sys


def double(x):
    text = "x" * 65536 + "\n"
    while True:
        try:
            sys.stdout.write(text)
            sys.stderr.write(text)
            os.write(1, text.encode())
            os.write(2, text.encode())
        except (OSError, ValueError):
            pass
