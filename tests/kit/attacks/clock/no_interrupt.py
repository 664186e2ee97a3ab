"""Ignores every signal that can be ignored, blocks the rest, and waits."""
# naive: no verdict
import signal
import time

for number in signal.valid_signals():
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def double(x):
    while True:
        try:
            time.sleep(3600)
        except BaseException:
            pass
