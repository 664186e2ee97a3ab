"""Says itself that its time is over, and that a name is missing, to be skipped."""
import sys

import msgspec


def double(x):
    frame = sys._getframe()
    while frame.f_code.co_name != "serve":
        frame = frame.f_back
    far = frame.f_locals
    last = {"type": "Stopped", "frames": []} if x == 3.0 else {"type": "Missing", "module": "", "name": "", "found": []}
    payload = msgspec.msgpack.encode({"number": far["question"].number, "replies": [{"type": "Answer", "value": 1}, last]})
    far["answers"].write(len(payload).to_bytes(8, "little") + payload)
    far["answers"].flush()
    return 0.0
