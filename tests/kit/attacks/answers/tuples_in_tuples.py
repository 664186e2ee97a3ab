"""Nests the wire format's own extensions into one another, each of which is decoded by code of ours."""
import sys

import msgspec


def double(x):
    frame = sys._getframe()
    while frame.f_code.co_name != "serve":
        frame = frame.f_back
    far = frame.f_locals
    value = msgspec.msgpack.Ext(2, b"\x90")
    for _ in range(2000):
        value = msgspec.msgpack.Ext(2, msgspec.msgpack.encode([value]))
    replies = [{"type": "Answer", "value": None}, {"type": "Answer", "value": value}]
    payload = msgspec.msgpack.encode({"number": far["question"].number, "replies": replies})
    far["answers"].write(len(payload).to_bytes(8, "little") + payload)
    far["answers"].flush()
    return 0.0
