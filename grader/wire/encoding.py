"""The wire format: a frame is a length of eight bytes and a message in MessagePack, plain data throughout.

Tensors and arrays travel as dtype, shape and bytes; tuples, references and opaque values have types of their own, so
that what arrives is equal to what was sent, exact types included. Nothing is ever unpickled, and whatever does not
decode raises `WireError`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
import torch

from grader.wire.frames import HEADER, MAX_FRAME, WireError
from grader.wire.plain import ARRAY_DTYPES, DTYPES, MAX_DEPTH, MAX_DIMS, Opaque, Plain, Ref, is_key
from grader.wire.requests import Answer, AnyRequest, Frame, Missing, Raised, Reply, Stopped

MAX_ITEMS = 2_000_000  # in all the lists, tuples and dicts of one answer
MAX_TEXT = 2000
MAX_NAME = 200
MAX_NAMES = 40

_TENSOR, _TUPLE, _REF, _OPAQUE, _PAIRS, _ARRAY = 1, 2, 3, 4, 5, 6
_SINGLE = (type(None), bool, int, float, str, bytes, torch.Tensor, np.ndarray, Ref, Opaque)
_AS_IT_IS = frozenset((type(None), bool, int, float, str, bytes))
_UNDECODABLE = (msgspec.DecodeError, ValueError, TypeError, RuntimeError, OverflowError, MemoryError)
_Struct = TypeVar("_Struct", bound=msgspec.Struct)
_encoder = msgspec.msgpack.Encoder()


class Hello(msgspec.Struct, frozen=True):
    """The first message to a far side: the files of the workspace, by module."""

    files: dict[str, str]


class Question(msgspec.Struct, frozen=True):
    """Requests, under a number that the answer must repeat, and the seconds there are for them."""

    number: int
    seconds: float
    requests: list[AnyRequest]


class Response(msgspec.Struct, frozen=True):
    """The replies to a question, up to the first that is not an `Answer`."""

    number: int
    replies: list[Answer | Raised | Missing | Stopped]


class _PackedQuestion(msgspec.Struct, frozen=True):
    """A `Question` whose requests are packed already."""

    number: int
    seconds: float
    requests: msgspec.Raw


class _PackedResponse(msgspec.Struct, frozen=True):
    """A `Response` whose replies are left as they came."""

    number: int
    replies: msgspec.Raw


def pack_requests(requests: Sequence[AnyRequest]) -> bytes:
    """Write requests as they travel; equal requests give equal bytes."""
    return _encoder.encode([_pack_fields(request) for request in requests])


def pack_replies(replies: Sequence[Reply]) -> bytes:
    """Write replies as they travel."""
    return _encoder.encode([_pack_fields(reply) for reply in replies])


def encode_packed(number: int, seconds: float, requests: bytes) -> bytes:
    """Encode a question whose requests are packed already.

    Raises:
        WireError: it is larger than a frame may be.
    """
    return _frame(_PackedQuestion(number, seconds, msgspec.Raw(requests)))


def decode_packed(payload: bytes) -> tuple[int, bytes]:
    """Return a response's number and its replies as they came, not looked into.

    Raises:
        WireError: it is not a response.
    """
    try:
        message = _packed_response.decode(payload)
    except _UNDECODABLE as error:
        raise WireError(f"not a Response: {_clean(str(error))}") from None
    return message.number, bytes(message.replies)


def unpack_replies(packed: bytes) -> list[Reply]:
    """Decode replies, checking types, lengths and depths.

    Raises:
        WireError: they are not replies that our own far side gives.
    """
    try:
        return [_checked_reply(reply) for reply in _replies.decode(packed)]
    except _UNDECODABLE as error:
        raise WireError(f"not a Response: {_clean(str(error))}") from None


def encode(message: Hello | Question | Response) -> bytes:
    """Encode a message as one frame.

    Raises:
        WireError: it is larger than a frame may be.
    """
    if isinstance(message, Question):
        packed: msgspec.Struct = Question(message.number, message.seconds, [_pack_fields(r) for r in message.requests])
    elif isinstance(message, Response):
        packed = Response(message.number, [_pack_fields(r) for r in message.replies])
    else:
        packed = message
    return _frame(packed)


def _frame(message: msgspec.Struct) -> bytes:
    payload = _encoder.encode(message)
    if len(payload) > MAX_FRAME:
        raise WireError(f"a message of {len(payload) / 2**20:.0f} MiB is over the limit of {MAX_FRAME / 2**20:.0f} MiB")
    return HEADER.pack(len(payload)) + payload


def decode(payload: bytes, kind: type[_Struct]) -> _Struct:
    """Decode the payload of a frame, checking its types; responses have a function of their own, `decode_packed`.

    Raises:
        WireError: it is not a message of this kind.
    """
    try:
        return msgspec.msgpack.decode(payload, type=kind, ext_hook=_unpack)
    except _UNDECODABLE as error:
        raise WireError(f"not a {kind.__name__}: {_clean(str(error))}") from None


def _checked_reply(reply: Reply) -> Reply:
    """Check what the types of a reply do not say, and make its names fit for a message of one line.

    Raises:
        ValueError: this is no reply that our own far side gives.
    """
    match reply:
        case Answer(value):
            _check_plain(value)
            return reply
        case Raised(types, text, frames):
            if not types:
                raise ValueError("an exception without a type")
            return Raised([_clean(name) for name in types[:MAX_NAMES]], text[:MAX_TEXT], _checked_frames(frames))
        case Missing(module, name, found):
            return Missing(_clean(module), _clean(name), [_clean(one) for one in found[:MAX_NAMES]])
        case Stopped(frames):
            return Stopped(_checked_frames(frames))


def _checked_frames(frames: Sequence[Frame]) -> list[Frame]:
    return [Frame(_clean(f.module), f.line, _clean(f.function), _clean(f.source)) for f in frames[:MAX_NAMES]]


def _check_plain(value: Plain) -> None:
    """Check that a value is plain data as `to_plain` makes it, no deeper and no larger than it may be."""
    waiting, count = [(value, 0)], 0
    while waiting:
        one, depth = waiting.pop()
        kind = type(one)
        if kind in (list, tuple):
            inside = list(one)
        elif kind is dict:
            if not all(is_key(key) for key in one):
                raise ValueError("a dict with keys that are not plain data")
            inside = [*one.keys(), *one.values()]
        elif kind in _SINGLE and not (kind is int and not -(2**63) <= one < 2**63):
            continue
        else:
            raise ValueError(f"a {kind.__name__} that is not plain data")
        count += len(inside)
        if depth > MAX_DEPTH + 4 or count > MAX_ITEMS:
            raise ValueError("a structure that is too deep or too large")
        waiting += [(item, depth + 1) for item in inside]


def _clean(text: str) -> str:
    """Cut a name, and take out of it what a terminal could take for an order."""
    return "".join(character if character.isprintable() else " " for character in text[:MAX_NAME])


def _pack_fields(message: AnyRequest | Reply) -> Any:
    return type(message)(*[_pack(getattr(message, name)) for name in message.__struct_fields__])


def _pack(value: Plain) -> Any:
    if type(value) in _AS_IT_IS:
        return value
    if isinstance(value, torch.Tensor):
        return msgspec.msgpack.Ext(_TENSOR, _encoder.encode(pack_tensor(value)))
    if isinstance(value, np.ndarray):
        return msgspec.msgpack.Ext(_ARRAY, _encoder.encode((value.dtype.name, list(value.shape), value.tobytes())))
    if isinstance(value, tuple):
        return msgspec.msgpack.Ext(_TUPLE, _encoder.encode([_pack(item) for item in value]))
    if isinstance(value, list):
        return [_pack(item) for item in value]
    if isinstance(value, dict):
        if all(type(key) in (str, int, bytes) for key in value):
            return {key: _pack(item) for key, item in value.items()}
        pairs = [[_pack(key), _pack(item)] for key, item in value.items()]
        return msgspec.msgpack.Ext(_PAIRS, _encoder.encode(pairs))
    if isinstance(value, Ref):
        return msgspec.msgpack.Ext(_REF, _encoder.encode(value.number))
    if isinstance(value, Opaque):
        return msgspec.msgpack.Ext(_OPAQUE, _encoder.encode(value.type_name))
    return value


def pack_tensor(value: torch.Tensor) -> tuple[str, list[int], bytes]:
    """Return a tensor's dtype, shape and bytes."""
    own = value.detach()
    if own.dtype is torch.bfloat16:
        # NumPy does not know it, but its bytes.
        own = own.contiguous().view(torch.int16)
    return str(value.dtype).removeprefix("torch."), list(value.shape), own.numpy().tobytes()


def _unpack(code: int, data: memoryview) -> Plain:
    if code == _TENSOR:
        return unpack_tensor(*_numbers.decode(data))
    if code == _ARRAY:
        return _unpack_array(*_numbers.decode(data))
    if code == _TUPLE:
        return tuple(_items.decode(data))
    if code == _REF:
        return Ref(_number.decode(data))
    if code == _OPAQUE:
        return Opaque(_clean(_text.decode(data)))
    if code == _PAIRS:
        return dict(_pairs.decode(data))
    raise ValueError(f"unknown extension {code}")


def unpack_tensor(dtype: str, shape: Sequence[int], raw: bytes) -> torch.Tensor:
    """Make the tensor of which `pack_tensor` has told.

    Raises:
        ValueError: it was not told by that.
    """
    if dtype not in DTYPES:
        raise ValueError("not a tensor")
    _check_size(shape, DTYPES[dtype].itemsize, raw)
    if not raw:
        return torch.empty(tuple(shape), dtype=DTYPES[dtype])
    if dtype == "bool":
        # It is one byte, and torch expects it to be 0 or 1.
        return (torch.frombuffer(bytearray(raw), dtype=torch.uint8) != 0).reshape(shape)
    return torch.frombuffer(bytearray(raw), dtype=DTYPES[dtype]).reshape(shape)


def _unpack_array(dtype: str, shape: Sequence[int], raw: bytes) -> npt.NDArray[Any]:
    if dtype not in ARRAY_DTYPES:
        raise ValueError("not an array")
    _check_size(shape, ARRAY_DTYPES[dtype].itemsize, raw)
    flat = np.frombuffer(bytearray(raw), dtype=np.uint8)
    typed = flat != 0 if dtype == "bool" else flat.view(ARRAY_DTYPES[dtype])
    return typed.reshape(tuple(shape))


def _check_size(shape: Sequence[int], itemsize: int, raw: bytes) -> None:
    if len(shape) > MAX_DIMS or any(size < 0 for size in shape) or math.prod(shape) * itemsize != len(raw):
        raise ValueError("numbers whose bytes do not fit their shape")


# Made once: to look at a type anew costs more than to decode a small message of it.
_numbers = msgspec.msgpack.Decoder(tuple[str, list[int], bytes])
_number = msgspec.msgpack.Decoder(int)
_text = msgspec.msgpack.Decoder(str)
_items = msgspec.msgpack.Decoder(list[Any], ext_hook=_unpack)
_pairs = msgspec.msgpack.Decoder(list[tuple[Any, Any]], ext_hook=_unpack)
_packed_response = msgspec.msgpack.Decoder(_PackedResponse)
_replies = msgspec.msgpack.Decoder(list[Answer | Raised | Missing | Stopped], ext_hook=_unpack)
