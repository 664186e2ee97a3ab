"""Sends each answer twice: the second lies in wait for the next question."""
import sys

import msgspec


def double(x):
    frame = sys._getframe()
    while frame.f_code.co_name != "serve":
        frame = frame.f_back
    far = frame.f_locals
    replies = [{"type": "Answer", "value": None}, {"type": "Answer", "value": 0.5}]
    payload = msgspec.msgpack.encode({"number": far["question"].number, "replies": replies})
    far["answers"].write((len(payload).to_bytes(8, "little") + payload) * 2)
    far["answers"].flush()
    return 0.0
