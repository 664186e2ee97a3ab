"""The wire format: a frame is an eight-byte length and a MessagePack message of plain data.

Tensors and arrays travel as dtype, shape and bytes. Tuples, references and opaque values have their own types, so a
value arrives exactly as it was sent, types included. Nothing is ever unpickled, and anything that can't be decoded
raises `WireError`.
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
from grader.wire.free import Free
from grader.wire.plain import ARRAY_DTYPES, DTYPES, MAX_DEPTH, MAX_DIMS, Opaque, Plain, Ref, is_key
from grader.wire.requests import Answer, AnyRequest, Frame, Missing, Raised, Reply, Stopped

MAX_ITEMS = 2_000_000  # in all the lists, tuples and dicts of one answer together
MAX_TEXT = 2000
MAX_NAME = 200
MAX_NAMES = 40

_TENSOR, _TUPLE, _REF, _OPAQUE, _PAIRS, _ARRAY = 1, 2, 3, 4, 5, 6
_SINGLE = (type(None), bool, int, float, str, bytes, torch.Tensor, np.ndarray, Ref, Opaque)
_UNCHANGED = frozenset((type(None), bool, int, float, str, bytes))
_UNDECODABLE = (msgspec.DecodeError, ValueError, TypeError, RuntimeError, OverflowError, MemoryError)
_Struct = TypeVar("_Struct", bound=msgspec.Struct)
_encoder = msgspec.msgpack.Encoder()


class Hello(msgspec.Struct, frozen=True):
    """The first message to a far side: the path of each module's file in the workspace, and what is free in it."""

    files: dict[str, str]
    free: dict[str, Free] = {}


class Question(msgspec.Struct, frozen=True):
    """Requests, a number that the response must repeat, and the seconds that all requests together may take."""

    number: int
    seconds: float
    requests: list[AnyRequest]


class Response(msgspec.Struct, frozen=True):
    """The replies to a question, up to and including the first that is not an `Answer`."""

    number: int
    replies: list[Answer | Raised | Missing | Stopped]


class _PackedQuestion(msgspec.Struct, frozen=True):
    """A `Question` with requests that are already packed."""

    number: int
    seconds: float
    requests: msgspec.Raw


class _PackedResponse(msgspec.Struct, frozen=True):
    """A `Response` with replies that are still packed."""

    number: int
    replies: msgspec.Raw


def pack_requests(requests: Sequence[AnyRequest]) -> bytes:
    """Encode requests for the connection; equal requests give equal bytes."""
    return _encoder.encode([_pack_fields(request) for request in requests])


def pack_replies(replies: Sequence[Reply]) -> bytes:
    """Encode replies for the connection."""
    return _encoder.encode([_pack_fields(reply) for reply in replies])


def encode_packed(number: int, seconds: float, requests: bytes) -> bytes:
    """Encode a question, with requests that are already packed, as one frame.

    Raises:
        WireError: the message is over the limit for a frame.
    """
    return _frame(_PackedQuestion(number, seconds, msgspec.Raw(requests)))


def decode_packed(payload: bytes) -> tuple[int, bytes]:
    """Return the number of a response, and its replies still packed and unchecked.

    Raises:
        WireError: the payload is not a response.
    """
    try:
        message = _packed_response.decode(payload)
    except _UNDECODABLE as error:
        raise WireError(f"not a Response: {_clean(str(error))}") from None
    return message.number, bytes(message.replies)


def unpack_replies(packed: bytes) -> list[Reply]:
    """Decode replies, checking types, lengths and depths.

    Raises:
        WireError: our own far side never sends such replies.
    """
    try:
        return [_checked_reply(reply) for reply in _replies.decode(packed)]
    except _UNDECODABLE as error:
        raise WireError(f"not a Response: {_clean(str(error))}") from None


def encode(message: Hello | Question | Response) -> bytes:
    """Encode a message as one frame.

    Raises:
        WireError: the message is over the limit for a frame.
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
    """Decode the payload of a frame, checking its types; use `decode_packed` for responses.

    Raises:
        WireError: the payload is not a message of this kind.
    """
    try:
        return msgspec.msgpack.decode(payload, type=kind, ext_hook=_unpack)
    except _UNDECODABLE as error:
        raise WireError(f"not a {kind.__name__}: {_clean(str(error))}") from None


def _checked_reply(reply: Reply) -> Reply:
    """Check what the declared types of a reply leave open, and make its names safe for a one-line message.

    Raises:
        ValueError: our own far side never sends such a reply.
    """
    match reply:
        case Answer(value):
            _check_plain(value)
            return reply
        case Raised(types, text, frames):
            if not types:
                raise ValueError("an exception without a type")
            return Raised([_clean(name) for name in types[:MAX_NAMES]], text[:MAX_TEXT], _checked_frames(frames))
        case Missing(module, name, existing):
            return Missing(_clean(module), _clean(name), [_clean(other) for other in existing[:MAX_NAMES]])
        case Stopped(frames):
            return Stopped(_checked_frames(frames))


def _checked_frames(frames: Sequence[Frame]) -> list[Frame]:
    return [Frame(_clean(f.module), f.line, _clean(f.function), _clean(f.source)) for f in frames[:MAX_NAMES]]


def _check_plain(value: Plain) -> None:
    """Check that a value is plain data such as `to_plain` makes, and within the limits on depth and size."""
    waiting, count = [(value, 0)], 0
    while waiting:
        part, depth = waiting.pop()
        kind = type(part)
        if kind in (list, tuple):
            children = list(part)
        elif kind is dict:
            if not all(is_key(key) for key in part):
                raise ValueError("a dict with keys that are not plain data")
            children = [*part.keys(), *part.values()]
        elif kind in _SINGLE and not (kind is int and not -(2**63) <= part < 2**63):
            continue
        else:
            raise ValueError(f"a {kind.__name__} that is not plain data")
        count += len(children)
        if depth > MAX_DEPTH + 4 or count > MAX_ITEMS:
            raise ValueError("a structure that is too deep or too large")
        waiting += [(child, depth + 1) for child in children]


def _clean(text: str) -> str:
    """Shorten a name, and remove characters that a terminal could take for a command."""
    return "".join(character if character.isprintable() else " " for character in text[:MAX_NAME])


def _pack_fields(message: AnyRequest | Reply) -> Any:
    return type(message)(*[_pack(getattr(message, name)) for name in message.__struct_fields__])


def _pack(value: Plain) -> Any:
    if type(value) in _UNCHANGED:
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
    detached = value.detach()
    if detached.dtype is torch.bfloat16:
        # NumPy has no bfloat16, so its bytes go as int16.
        detached = detached.contiguous().view(torch.int16)
    return str(value.dtype).removeprefix("torch."), list(value.shape), detached.numpy().tobytes()


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
    """Make a tensor from the result of `pack_tensor`.

    Raises:
        ValueError: `pack_tensor` never returns such values.
    """
    if dtype not in DTYPES:
        raise ValueError("not a tensor")
    _check_size(shape, DTYPES[dtype].itemsize, raw)
    if not raw:
        return torch.empty(tuple(shape), dtype=DTYPES[dtype])
    if dtype == "bool":
        # Torch expects each byte of a bool tensor to be 0 or 1.
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
        raise ValueError("a shape that doesn't match the number of bytes")


# Made once, because analyzing a type costs more than decoding a small message of that type.
_numbers = msgspec.msgpack.Decoder(tuple[str, list[int], bytes])
_number = msgspec.msgpack.Decoder(int)
_text = msgspec.msgpack.Decoder(str)
_items = msgspec.msgpack.Decoder(list[Any], ext_hook=_unpack)
_pairs = msgspec.msgpack.Decoder(list[tuple[Any, Any]], ext_hook=_unpack)
_packed_response = msgspec.msgpack.Decoder(_PackedResponse)
_replies = msgspec.msgpack.Decoder(list[Answer | Raised | Missing | Stopped], ext_hook=_unpack)
