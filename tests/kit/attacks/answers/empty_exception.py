"""Sends an exception without a type instead of an answer."""
import sys

import msgspec


def _far():
    frame = sys._getframe()
    while frame.f_code.co_name != "serve":
        frame = frame.f_back
    return frame.f_locals


def _send(replies):
    far = _far()
    payload = msgspec.msgpack.encode({"number": far["question"].number, "replies": replies})
    far["answers"].write(len(payload).to_bytes(8, "little") + payload)
    far["answers"].flush()


def double(x):
    _send([{"type": "Answer", "value": None}, {"type": "Raised", "types": [], "text": "", "frames": []}])
    return 0.0
