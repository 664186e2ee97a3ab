"""How facts ask for merges, ids and texts, and how they say what is different."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.checks import Handle, Port, what_came
from grader.port import LearnerRaised, LearnerStopped
from grader.wire.plain import Plain
from tests.visible.vocabularies import Pair, tokenizer_of


@dataclass(frozen=True)
class Broken:
    """A call without an answer; `how` says what it did instead."""

    how: str


def answer(call: Callable[..., Plain], *args: Plain, **options: Plain) -> Plain | Broken:
    """Call, and return the answer, or what happened instead."""
    try:
        return call(*args, **options)
    except LearnerRaised as error:
        return Broken(f"raises {error.raised.types[0]}")
    except LearnerStopped as stopped:
        if stopped.kind == "timeout" and str(stopped).startswith("no answer"):
            return Broken(f"gives {stopped}")
        raise


def ids_of(tokenizer: Handle, text: str) -> Plain | Broken:
    """Encode a text."""
    return answer(tokenizer.call, "encode", text)


def same(got: object, ids: list[int]) -> bool:
    """Say whether a list of exactly these ids came."""
    return isinstance(got, list) and all(type(number) is int for number in got) and got == ids


def merges_of(learner: Port, text: str, room: int, special_tokens: Sequence[str] = ()) -> list[Pair] | Broken | None:
    """Train with room for this many merges; None if what comes isn't a vocabulary and a list of pairs of bytes."""
    reply = trained(learner, text, room, special_tokens)
    merges = reply[1] if isinstance(reply, (tuple, list)) and len(reply) == 2 else None
    if isinstance(reply, Broken):
        return reply
    return merges if isinstance(merges, list) and all(map(is_pair, merges)) else None


def trained(learner: Port, text: str, room: int, special_tokens: Sequence[str] = ()) -> Plain | Broken:
    """Train with room for this many merges."""
    options = {"special_tokens": list(special_tokens)} if special_tokens else {}
    return answer(learner.call, "train_bpe", text, 256 + room + len(special_tokens), **options)


def is_pair(merge: Plain) -> bool:
    """Say whether this is a tuple of two bytes."""
    return isinstance(merge, tuple) and [type(token) for token in merge] == [bytes, bytes]


def pairs(*spelled: str) -> list[Pair]:
    """Return merges that are spelled such as `"ab+c"`, one character for each byte."""
    return [(left.encode("latin-1"), right.encode("latin-1")) for left, right in (pair.split("+") for pair in spelled)]


def listed(merges: Sequence[Pair]) -> str:
    """Show merges, with tokens as text if they are."""

    def shown(token: bytes) -> str:
        text = token.decode(errors="replace")
        return repr(text) if text.isprintable() and "�" not in text else repr(token)

    return ", ".join(f"{shown(left)}+{shown(right)}" for left, right in merges) or "nothing"


def brief(value: object) -> str:
    """Show a text or a list, shortened if it's long; accents that are separate characters are spelled out."""
    if isinstance(value, list) and len(value) > 12:
        return f"[{', '.join(map(str, value[:5]))}, …] ({len(value)} items)"
    if isinstance(value, str) and len(value) > 50:
        return f"'{value[:12]}…' ({len(value)} characters)"
    text = ascii(value) if isinstance(value, str) and not unicodedata.is_normalized("NFC", value) else repr(value)
    return text if len(text) < 100 else f"{text[:60]}…"


def gives(got: object) -> str:
    """Say which value came, or what happened instead."""
    return got.how if isinstance(got, Broken) else f"gives {brief(got)}"


def described(special_tokens: Sequence[str]) -> str:
    """Name special tokens, after a space; the empty text if there are none."""
    names = ", ".join(map(repr, special_tokens))
    return f" with the special token{'s' * (len(special_tokens) > 1)} {names}" if special_tokens else ""


@dataclass(frozen=True)
class Training:
    """A tiny text, with the merges that it should give, in order.

    Attributes:
        text: what to train on.
        merges: all that there is room for.
        note: what is special about the text.
        room: for how many merges there is room, if there should be fewer.
    """

    text: str
    merges: list[Pair]
    note: str = ""
    room: int = 0

    def difference(self, learner: Port) -> str | None:
        """Train, and say what is different; None if nothing is."""
        room = self.room or len(self.merges)
        got = merges_of(learner, self.text, room)
        place = f"On {brief(self.text)}{f' with room for {room} merges' * (room > 1)}"
        reason = f": {self.note}" * bool(self.note)
        if isinstance(got, Broken):
            return f"{place}, `train_bpe` {got.how}, expected {listed(self.merges[:5])}."
        if got is None or got == self.merges:
            return None
        if any(token not in self.text.encode() for token in itertools.chain(*got)):
            reason = ": what you merge isn't in the text's UTF-8 bytes"
        repeated = next((merge for number, merge in enumerate(got) if merge in got[:number]), None)
        if repeated is not None:
            return f"{place}, you merge {listed([repeated])} a second time, but the first time leaves none of it."
        right = sum(
            1 for _ in itertools.takewhile(lambda both: both[0] == both[1], zip(got, self.merges, strict=False))
        )
        mine, wanted = listed(got[right : right + 1]), listed(self.merges[right : right + 1])
        after = f" after {listed(got[max(right - 3, 0) : right])}" if right else " first" * (len(self.merges) > 1)
        return f"{place}, you merge {mine}{after}, expected {wanted}{reason}."


@dataclass(frozen=True)
class Encoding:
    """A text, with the ids that it should get.

    Attributes:
        text: what to encode.
        merges: the merges of the tokenizer.
        ids: the ids of the text.
        note: what is special about the text.
        special_tokens: those of the tokenizer.
    """

    text: str
    merges: list[Pair]
    ids: list[int]
    note: str = ""
    special_tokens: Sequence[str] = ()

    def difference(self, learner: Port) -> str | None:
        """Encode, and say what is different; None if nothing is."""
        got = answer(lambda: tokenizer_of(learner, self.merges, self.special_tokens).call("encode", self.text))
        if same(got, self.ids):
            return None
        known = [f"{number} = {listed([merge])}" for number, merge in enumerate(self.merges, start=256)]
        known = [f"{len(known)} merges"] if len(known) > 5 else known
        known += [f"{i} = {token!r}" for i, token in enumerate(self.special_tokens, start=256 + len(self.merges))]
        place = f"With {', '.join(known)}" if known else "Without merges"
        if isinstance(got, Broken):
            return f"{place}, your tokenizer {got.how} for {brief(self.text)}, expected {brief(self.ids)}."
        if not isinstance(got, list):
            return f"{place}, `encode({brief(self.text)})` returns {what_came(got)}, expected {brief(self.ids)}."
        reason = f": {self.note}" * bool(self.note)
        return f"{place}, {brief(self.text)} becomes {brief(got)}, expected {brief(self.ids)}{reason}."


@dataclass(frozen=True)
class Merging:
    """A text, and a pair that is merged in it, in training and in encoding, if both of its tokens are in one piece.

    Attributes:
        text: what to train on, and to encode.
        pair: the pair, such as `"a+b"`.
        ids: the ids of the text if the pair is the only merge, 256.
        note: what is special about the text.
        special_tokens: those in the text.
    """

    text: str
    pair: str
    ids: list[int]
    note: str = ""
    special_tokens: Sequence[str] = ()

    def in_training(self, learner: Port) -> str | None:
        """Train until no pair is left, and say if the pair is merged, but shouldn't be, or the other way around."""
        got, [pair] = merges_of(learner, self.text, 20, self.special_tokens), pairs(self.pair)
        place = f"On {brief(self.text)}{described(self.special_tokens)}"
        reason = f": {self.note}" * bool(self.note)
        if isinstance(got, Broken):
            return f"{place}, `train_bpe` {got.how}."
        if got is None or (pair in got) == (256 in self.ids):
            return None
        if pair in got:
            return f"{place}, you merge {listed([pair])}, which should stay apart{reason}."
        return f"{place}, you{f' merge {listed(got[:3])}, but' * bool(got)} don't merge {listed([pair])}{reason}."

    def in_encoding(self, learner: Port) -> str | None:
        """Encode, and say what is different; None if nothing is."""
        return Encoding(self.text, pairs(self.pair), self.ids, self.note, self.special_tokens).difference(learner)


def training(learner: Port, *rows: Training) -> str | None:
    """Say what is different in the first text that gives other merges."""
    return next(filter(None, (row.difference(learner) for row in rows)), None)


def encoding(learner: Port, *rows: Encoding) -> str | None:
    """Say what is different in the first text that gets other ids."""
    return next(filter(None, (row.difference(learner) for row in rows)), None)
