"""Sends a tensor without numbers whose shape multiplies to more than any memory."""
import sys

import msgspec


def double(x):
    frame = sys._getframe()
    while frame.f_code.co_name != "serve":
        frame = frame.f_back
    far = frame.f_locals
    tensor = msgspec.msgpack.Ext(1, msgspec.msgpack.encode(["float32", [0, 2**62, 2**62], b""]))
    replies = [{"type": "Answer", "value": None}, {"type": "Answer", "value": tensor}]
    payload = msgspec.msgpack.encode({"number": far["question"].number, "replies": replies})
    far["answers"].write(len(payload).to_bytes(8, "little") + payload)
    far["answers"].flush()
    return 0.0
