"""The wire format: values arrive as they were sent, and bytes that aren't a message are refused."""

from __future__ import annotations

import io

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.wire.encoding import Hello, Question, Response, decode, decode_packed, encode, unpack_replies
from grader.wire.frames import HEADER, MAX_FRAME, Frames, WireError
from grader.wire.plain import ARRAY_DTYPES, Opaque, Ref
from grader.wire.requests import Answer, Call, Put, Raised

scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.binary()
scalars = scalars | st.text(st.characters(exclude_categories=["Cs"])) | st.builds(Opaque, st.text("ab"))
keys = st.integers(-5, 5) | st.text("ab") | st.binary(max_size=2) | st.tuples(st.integers(0, 3), st.binary(max_size=1))
plain = st.recursive(
    scalars | st.builds(Ref, st.integers(0, 9)),
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(keys, inner, max_size=4)
    ),
    max_leaves=12,
)


def sent(message: Response) -> Response:
    """Send a message through the frame format."""
    return received(Frames(io.BytesIO(encode(message)).read).next())


def received(payload: bytes) -> Response:
    """Decode a response as a transport does."""
    number, replies = decode_packed(payload)
    return Response(number, unpack_replies(replies))


@given(value=plain)
def test_every_plain_value_arrives_equal(value: object) -> None:
    """Values arrive with the same content and the same types, however deeply they are nested."""
    (reply,) = sent(Response(7, [Answer(value)])).replies
    assert isinstance(reply, Answer)
    assert reply.value == value
    assert repr(reply.value) == repr(value)


@given(data=st.binary(max_size=200))
def test_garbage_is_refused(data: bytes) -> None:
    """Bytes that aren't a message raise WireError and nothing else."""
    readers = (lambda data: decode(data, Question), lambda data: decode(data, Hello), received, unpack_replies)
    for read in readers:
        try:
            read(data)
        except WireError:
            continue


def test_deep_nesting_is_refused() -> None:
    """A structure that is nested too deeply is refused, and doesn't end the process."""
    deep = b"\x91" * 200_000
    for read in (decode_packed, unpack_replies):
        with pytest.raises(WireError):
            read(b"\x82\xa6number\x01\xa7replies" + deep if read is decode_packed else deep)


@given(position=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_flipped_byte_is_refused_or_harmless(position: int, byte: int) -> None:
    """A message with one changed byte decodes to plain data or raises WireError."""
    message = Response(3, [Answer([torch.ones(2, 2), np.ones((2, 1)), (1, {2: b"x"}), "text", Ref(1), Opaque("T")])])
    payload = bytearray(encode(message)[HEADER.size :])
    payload[position % len(payload)] = byte
    try:
        received(bytes(payload))
    except WireError:
        return


@given(data=st.data(), dtype=st.sampled_from(sorted(ARRAY_DTYPES)))
def test_every_array_arrives_equal(data: st.DataObject, dtype: str) -> None:
    """An array arrives with its shape, its dtype and every bit; the copy is writable and in row-major order."""
    shape = data.draw(st.lists(st.integers(0, 3), max_size=4))
    count = int(np.prod(shape))
    raw = data.draw(st.binary(min_size=8 * count, max_size=8 * count))
    value = np.frombuffer(raw, np.uint8)[:count].astype(dtype).reshape(shape)
    (reply,) = sent(Response(7, [Answer({"x": [value.T]})])).replies
    assert isinstance(reply, Answer)
    got = reply.value["x"][0]
    assert type(got) is np.ndarray
    assert (got.dtype, got.shape) == (value.dtype, value.T.shape)
    assert got.tobytes() == value.T.tobytes()
    assert got.flags.writeable
    assert got.flags.c_contiguous


def test_numbers_and_requests_are_kept() -> None:
    """A question arrives with its number and with requests of the same kinds."""
    question = Question(99, 1.5, [Put(torch.ones(1), True, 1), Call(0, "m", "f", (Ref(1),), {"k": 2}, 0)])
    got = decode(encode(question)[HEADER.size :], Question)
    assert (got.number, got.seconds, [type(r) for r in got.requests]) == (99, 1.5, [Put, Call])
    assert got.requests[1].args == (Ref(1),)


def test_exceptions_are_kept() -> None:
    """An exception arrives with its types and its text."""
    raised = Raised(["ValueError", "Exception"], "no", [])
    assert sent(Response(1, [raised])).replies == [raised]


@pytest.mark.parametrize("code", [1, 6], ids=["tensor", "array"])
@pytest.mark.parametrize(
    ("dtype", "shape", "raw"),
    [
        ("float32", [2], b"1234"),
        ("float32", [-1], b""),
        ("complex64", [1], b"12345678"),
        ("object", [1], b"12345678"),
        ("O", [1], b"12345678"),
        ("M8[s]", [1], b"12345678"),
        ("float32,float32", [1], b"12345678"),
        ("float32", [1] * 40, b"1234"),
        ("float32", [2**40, 2**40], b"1234"),
    ],
)
def test_a_tensor_or_array_that_does_not_fit_is_refused(code: int, dtype: str, shape: list[int], raw: bytes) -> None:
    """A tensor or array is refused unless its dtype, shape and length fit together."""
    tensor = msgspec.msgpack.Ext(code, msgspec.msgpack.encode((dtype, shape, raw)))
    payload = msgspec.msgpack.encode({"number": 1, "replies": [{"type": "Answer", "value": tensor}]})
    with pytest.raises(WireError):
        received(payload)


def test_a_boolean_is_0_or_1_whatever_its_byte() -> None:
    """An array of booleans from the learner's side may contain any bytes; each one except 0 becomes 1."""
    array = msgspec.msgpack.Ext(6, msgspec.msgpack.encode(("bool", [3], b"\x00\x01\x07")))
    (reply,) = unpack_replies(msgspec.msgpack.encode([{"type": "Answer", "value": array}]))
    assert isinstance(reply, Answer)
    assert reply.value.tobytes() == b"\x00\x01\x01"


def test_a_frame_over_the_limit_is_refused() -> None:
    """A frame that is too long is refused before any of it is read."""
    with pytest.raises(WireError, match="over the limit"):
        Frames(io.BytesIO(HEADER.pack(MAX_FRAME + 1)).read).next()
    with pytest.raises(WireError, match="over the limit"):
        encode(Response(1, [Answer(b"x" * (MAX_FRAME + 1))]))


@pytest.mark.parametrize("data", [b"", b"\x01", HEADER.pack(5) + b"abc"])
def test_a_closed_connection_raises_eof_error(data: bytes) -> None:
    """A connection that closes raises EOFError, at whatever byte it closes."""
    with pytest.raises(EOFError):
        Frames(io.BytesIO(data).read).next()
