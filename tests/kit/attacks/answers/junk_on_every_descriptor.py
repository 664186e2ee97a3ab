"""Writes junk and forged answers on every descriptor that is open."""
# naive: no verdict
import os


def double(x):
    for descriptor in range(3, 256):
        try:
            os.write(descriptor, b"\x05\x00\x00\x00\x00\x00\x00\x00ready" + b"{'passed': true}" * 50)
        except OSError:
            pass
    os.closerange(0, 256)
    os._exit(0)
