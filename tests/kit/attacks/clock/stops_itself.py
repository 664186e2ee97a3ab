"""Stops its own process, as Ctrl-Z does, and every one that it can reach."""
import os
import signal


def double(x):
    os.kill(os.getpid(), signal.SIGSTOP)
    os.kill(0, signal.SIGSTOP)
    while True:
        pass
