"""Sends what the wire format could carry but no far side sends: dates, unknown extensions, odd keys, huge numbers."""
import sys

import msgspec

ODD = [
    msgspec.msgpack.Ext(-1, b"\0" * 4),
    msgspec.msgpack.Ext(99, b""),
    msgspec.msgpack.Ext(5, msgspec.msgpack.encode([[[1, 2], 3]])),
    msgspec.msgpack.Ext(5, msgspec.msgpack.encode([[msgspec.msgpack.Ext(3, b"\x01"), 3]])),
    msgspec.msgpack.Ext(3, msgspec.msgpack.encode("no number")),
    2**64 - 1,
    msgspec.msgpack.Ext(4, msgspec.msgpack.encode("\x1b[2J\x1b]0;title\x07\n\n# passed")),
]
calls = 0


def double(x):
    frame = sys._getframe()
    while frame.f_code.co_name != "serve":
        frame = frame.f_back
    far = frame.f_locals
    replies = [{"type": "Answer", "value": None}, {"type": "Answer", "value": ODD[int(x * 10) % len(ODD)]}]
    payload = msgspec.msgpack.encode({"number": far["question"].number, "replies": replies})
    far["answers"].write(len(payload).to_bytes(8, "little") + payload)
    far["answers"].flush()
    return 0.0
