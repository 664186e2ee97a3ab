"""Sends tensors of unknown dtypes, negative sizes, too few bytes: a different one at each call."""
import sys

import msgspec

ODD = [
    ["object", [1], b"\0" * 8],
    ["float32", [-1, -1], b"\0" * 4],
    ["float32", [2], b"\0" * 4],
    ["float32", [1] * 60, b"\0" * 4],
    ["float32", "shape", b""],
    [1, 2, 3],
    ["float32", [2**70 - 2**70], {}],
]
count = 0


def double(x):
    global count
    frame = sys._getframe()
    while frame.f_code.co_name != "serve":
        frame = frame.f_back
    far = frame.f_locals
    tensor = msgspec.msgpack.Ext(1, msgspec.msgpack.encode(ODD[int(x * 7) % len(ODD)]))
    replies = [{"type": "Answer", "value": None}, {"type": "Answer", "value": tensor}]
    payload = msgspec.msgpack.encode({"number": far["question"].number, "replies": replies})
    far["answers"].write(len(payload).to_bytes(8, "little") + payload)
    far["answers"].flush()
    return 0.0
