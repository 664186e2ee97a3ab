"""Opens files, pipes and memory files until there are no more descriptors, and keeps them."""
import os

kept = []


def double(x):
    for open_one in (lambda: os.open("/dev/null", 0), os.pipe, lambda: os.memfd_create("gptwb-mark")):
        try:
            while True:
                kept.append(open_one())
        except OSError:
            pass
    return 0.0
