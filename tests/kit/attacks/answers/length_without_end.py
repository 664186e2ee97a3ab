"""Announces a message of 2**63 bytes, then one of 60 MiB of which ten bytes come."""
import sys
import time


def double(x):
    frame = sys._getframe()
    while frame.f_code.co_name != "serve":
        frame = frame.f_back
    answers = frame.f_locals["answers"]
    length = 2**63 if x == 3.0 else 60 * 2**20
    answers.write(length.to_bytes(8, "little") + b"0123456789")
    answers.flush()
    time.sleep(3600)
