"""Asking a learner's module what it calls things, and deciding on a renaming."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import torch

from grader.naming.aliases import ARGUMENTS, alike
from grader.naming.contract import Contract
from grader.naming.matching import (
    Argument,
    Shape,
    match_arguments,
    match_objects,
    match_parameters,
    renamed_parts,
)
from grader.naming.sentences import (
    about_arguments,
    about_key,
    about_missing_key,
    about_object,
    about_parameters,
    about_super,
    cannot_be_built,
)
from grader.port.port import SEED
from grader.port.replay import Conversation
from grader.port.transport import Transport
from grader.wire.connection import FarSideGone
from grader.wire.plain import Plain
from grader.wire.renaming import Renaming
from grader.wire.requests import (
    Answer,
    AnyRequest,
    Build,
    Load,
    Parameters,
    Raised,
    Rename,
    Reply,
    Reset,
    Signatures,
)

MAX_NAMES = 400
"""The most names of a module that are looked at; more than any right answer has."""


MAX_TRIES = 12
"""The most attempts to build an object of a class."""
NOT_READY = "Module.__init__() call"
"""What torch says when a constructor doesn't begin with `super().__init__()`."""


@dataclass(frozen=True)
class Names:
    """What a learner's module calls otherwise.

    Attributes:
        renaming: how to judge it all the same.
        sentences: what to tell the learner, for each class or function that is concerned.
        reasons: for an exception with which a class can't be built, what to tell the learner instead of anything else.
    """

    renaming: Renaming = Renaming()
    sentences: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


class NamesConversation(Conversation[Names]):
    """The questions about a module's names, once for each exercise in which a check fails."""

    def __init__(self, exercise: str, contract: Contract, transport: Transport, seconds: float) -> None:
        self.about = ("names", exercise)
        self.transport = transport
        self._exercise, self._contract = exercise, contract
        self._end = time.monotonic() + seconds

    def seconds_left(self) -> float:
        return self._end - time.monotonic()

    def hold(self, transport: Transport) -> Names:
        return _Asking(self._exercise, self._contract, transport, self.seconds_left).names()

    def has_replies(self, outcome: Names) -> bool:
        return False

    def forgive(self, seconds: float) -> None:
        self._end += seconds


class _Asking:
    """One conversation about a module's names, and what has come out so far."""

    def __init__(
        self, exercise: str, contract: Contract, transport: Transport, seconds_left: Callable[[], float]
    ) -> None:
        self._exercise, self._contract = exercise, contract
        self._transport, self._seconds_left = transport, seconds_left
        self._renaming = Renaming()
        self._sentences: dict[str, list[str]] = {}
        self._reasons: dict[str, str] = {}
        self._said: set[tuple[str, str]] = set()

    def names(self) -> Names:
        """Ask for signatures, then build an object of each class, and look at its parameters."""
        as_it_is = Rename(self._exercise, Renaming())
        reply = self._ask([Reset(SEED), as_it_is, Load(self._exercise), Signatures(self._exercise)])
        signatures = _signatures(reply.value) if isinstance(reply, Answer) else {}
        self._match_arguments(signatures)
        ours = {self._called(name): name for name in self._contract.samples}
        # In the order of the learner's file, in which a class comes before those that are built from it.
        for learners in signatures:
            if learners in ours:
                self._look_at(ours[learners], list(signatures))
        self._ask([as_it_is])
        sentences = {name: " ".join(said) for name, said in self._sentences.items()}
        return Names(self._renaming, sentences, self._reasons)

    def _called(self, name: str) -> str:
        return self._renaming.objects.get(name, name)

    def _say(self, name: str, sentence: str) -> None:
        self._sentences.setdefault(name, []).append(sentence)

    def _match_arguments(self, signatures: Mapping[str, Sequence[Argument]]) -> None:
        objects = match_objects(self._contract.arguments, list(signatures))
        for name, learners in objects.items():
            self._say(name, about_object(name, learners))
        arguments: dict[str, dict[str, str]] = {}
        by_position: dict[str, list[str]] = {}
        for name, wanted in self._contract.arguments.items():
            taken = signatures.get(objects.get(name, name))
            if taken is None:
                continue
            match = match_arguments(wanted, taken)
            pairs = {(learners, argument) for argument, learners in match.names.items()}
            if not pairs <= self._said or match.unmatched or match.by_position:
                self._say(name, about_arguments(name, wanted, taken, match))
            self._said |= pairs
            if match.names:
                arguments[name] = dict(match.names)
            if match.by_position:
                by_position[name] = list(match.by_position)
        self._renaming = Renaming(objects=objects, arguments=arguments, by_position=by_position)

    def _look_at(self, name: str, classes: Sequence[str]) -> None:
        """Build an object, if need be with further renamings, and match its parameters."""
        reply = self._built(name, self._renaming)
        for _ in range(MAX_TRIES):
            if not isinstance(reply, Raised):
                break
            repaired = self._with_key(name, reply) or self._made_ready(name, reply, classes)
            if repaired is None:
                self._reasons[reply.headline] = self._reason(name, reply)
                return
            self._renaming = repaired
            reply = self._built(name, repaired)
        wanted = self._contract.samples[name].parameters
        if isinstance(reply, Answer) and wanted:
            matched = match_parameters(wanted, _shapes(reply.value))
            if matched:
                pairs = [pair for pair in renamed_parts(matched) if pair not in self._said]
                self._said |= set(pairs)
                if pairs:
                    self._say(name, about_parameters(name, pairs))
                parameters = {**self._renaming.parameters, name: matched}
                self._renaming = msgspec.structs.replace(self._renaming, parameters=parameters)

    def _built(self, name: str, renaming: Renaming) -> Reply | None:
        sample = self._contract.samples[name]
        build = Build(self._exercise, name, sample.args, dict(sample.kwargs), 1)
        requests: list[AnyRequest] = [Reset(SEED), Rename(self._exercise, renaming), build]
        return self._ask([*requests, Parameters(1)] if sample.parameters else requests)

    def _with_key(self, name: str, raised: Raised) -> Renaming | None:
        """Return a renaming with the key that wasn't found, if another key clearly means the same."""
        key = _missing_key(raised)
        keys = self._keys_of(name)
        meant = [known for known in keys if alike(known, key, ARGUMENTS)] if key else []
        if len(meant) != 1 or key in self._renaming.keys:
            return None
        self._say(name, about_key(name, key, meant[0]))
        return msgspec.structs.replace(self._renaming, keys={**self._renaming.keys, key: meant[0]})

    def _keys_of(self, name: str) -> list[str]:
        settings = [value for value in self._contract.samples[name].kwargs.values() if isinstance(value, dict)]
        return [key for value in settings for key in value if isinstance(key, str)]

    def _made_ready(self, name: str, raised: Raised, classes: Sequence[str]) -> Renaming | None:
        """Return a renaming with a class made ready that forgot to do so itself, if that helps."""
        if NOT_READY not in raised.text:
            return None
        own = self._called(name)
        for candidate in [own, *(other for other in classes if other != own)]:
            unready = [*self._renaming.unready, candidate]
            repaired = msgspec.structs.replace(self._renaming, unready=unready)
            reply = self._built(name, repaired)
            if candidate not in self._renaming.unready and not (isinstance(reply, Raised) and NOT_READY in reply.text):
                self._say(name, about_super(candidate))
                return repaired
        return None

    def _reason(self, name: str, raised: Raised) -> str:
        key = _missing_key(raised)
        if key:
            return about_missing_key(name, key, self._keys_of(name))
        return " ".join([cannot_be_built(name), *self._sentences.get(name, [])])

    def _ask(self, requests: Sequence[AnyRequest]) -> Reply | None:
        """Return the last reply; None if the module isn't asked any more, because the time is up or it has ended."""
        seconds = self._seconds_left()
        if seconds <= 0:
            return None
        try:
            return self._transport.ask(requests, seconds)[-1]
        except FarSideGone:
            return None


def _missing_key(raised: Raised) -> str:
    """Return the key that a `KeyError` names; empty if it is another exception or not a text."""
    if raised.types[0] != "KeyError":
        return ""
    try:
        key = ast.literal_eval(raised.text)
    except (ValueError, SyntaxError):
        return ""
    return key if isinstance(key, str) else ""


def _signatures(value: Plain) -> dict[str, list[Argument]]:
    """Read a module's signatures, and leave out whatever doesn't have the form of one."""
    signatures = {}
    for row in value[:MAX_NAMES] if isinstance(value, list) else []:
        match row:
            case [str(name), bool(), list(arguments)] if name.isidentifier() and len(arguments) <= MAX_NAMES:
                read = [_argument(argument) for argument in arguments]
                known = [argument for argument in read if argument is not None]
                if len(known) == len(read):
                    signatures[name] = known
    return signatures


def _argument(row: Plain) -> Argument | None:
    match row:
        case [str(name), str(kind), bool(required)] if name.isidentifier():
            return Argument(name, kind, required)
    return None


def _shapes(value: Plain) -> dict[str, Shape]:
    shapes: dict[str, Shape] = {}
    for row in value[:MAX_NAMES] if isinstance(value, list) else []:
        match row:
            case [str(name), bool(), torch.Tensor() as parameter]:
                shapes[name] = tuple(parameter.shape)
    return shapes
