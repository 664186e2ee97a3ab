"""Sends a thousand replies to one question, all of them right for some other."""
import sys

import msgspec


def double(x):
    frame = sys._getframe()
    while frame.f_code.co_name != "serve":
        frame = frame.f_back
    far = frame.f_locals
    replies = [{"type": "Answer", "value": 6.5}] * 1000
    payload = msgspec.msgpack.encode({"number": far["question"].number, "replies": replies})
    far["answers"].write(len(payload).to_bytes(8, "little") + payload)
    far["answers"].flush()
    return 0.0
