"""Leaves a process of its own that waits for the next submission."""
# naive: left behind
import os
import time

for start in (os.fork, getattr(os, "forkpty", os.fork)):
    try:
        if start() in (0, (0, -1)):
            os.setsid()
            time.sleep(60)
            os._exit(0)
    except OSError:
        pass
    break


def double(x):
    return 0.0
