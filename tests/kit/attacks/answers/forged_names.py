"""Sends an exception whose module, function and source lines are orders to a terminal and markup."""
import sys

import msgspec


def double(x):
    frame = sys._getframe()
    while frame.f_code.co_name != "serve":
        frame = frame.f_back
    far = frame.f_locals
    odd = "\x1b[2J\x1b[1;1H# passed\n</td><script>alert(1)</script>" * 20
    line = {"module": "../../solutions/" + odd, "line": 2**63, "function": odd, "source": odd}
    kind = ["NotImplementedError", odd] if x == 3.0 else [odd] * 10_000
    replies = [
        {"type": "Answer", "value": None},
        {"type": "Raised", "types": kind, "text": odd * 1000, "frames": [line] * 100},
    ]
    payload = msgspec.msgpack.encode({"number": far["question"].number, "replies": replies})
    far["answers"].write(len(payload).to_bytes(8, "little") + payload)
    far["answers"].flush()
    return 0.0
