"""Sends thirty million empty dicts in thirty megabytes, which take gigabytes where they are read."""
import sys

import msgspec


def double(x):
    frame = sys._getframe()
    while frame.f_code.co_name != "serve":
        frame = frame.f_back
    far = frame.f_locals
    count = 30_000_000 if x == 3.0 else 3_000_000
    replies = [{"type": "Answer", "value": None}, {"type": "Answer", "value": "HERE"}]
    payload = msgspec.msgpack.encode({"number": far["question"].number, "replies": replies})
    many = b"\xdd" + count.to_bytes(4, "big") + b"\x80" * count
    payload = payload.replace(msgspec.msgpack.encode("HERE"), many)
    far["answers"].write(len(payload).to_bytes(8, "little") + payload)
    far["answers"].flush()
    return 0.0
