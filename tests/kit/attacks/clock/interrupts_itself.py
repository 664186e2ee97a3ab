"""Raises and sends KeyboardInterrupt, so that the time limit's own looks like that of a user."""
# naive: no verdict
import _thread
import os
import signal


def double(x):
    _thread.interrupt_main()
    os.kill(os.getpid(), signal.SIGINT)
    raise KeyboardInterrupt
