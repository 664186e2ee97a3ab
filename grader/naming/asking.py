"""Asking a learner's module what it calls things, and deciding on a renaming."""

from __future__ import annotations

import ast
import re
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
    match_members,
    match_objects,
    match_parameters,
    renamed_parts,
)
from grader.naming.sentences import (
    about_arguments,
    about_keys,
    about_members,
    about_missing_key,
    about_object,
    about_parameters,
    about_super,
    about_unknown_parameters,
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
_NAME = re.compile(r"[\w.]{1,120}")


@dataclass(frozen=True)
class Names:
    """What a learner's module calls otherwise.

    Attributes:
        renaming: how to check it all the same.
        sentences: what to tell the learner, for each class or function that is concerned.
        reasons: for the beginning of a message with which checks fail because of a name that can't be matched, or a
            class that can't be built, what to tell the learner instead of anything else.
    """

    renaming: Renaming = field(default_factory=Renaming)
    sentences: Mapping[str, Sequence[str]] = field(default_factory=dict)
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
        self._keys: dict[str, list[tuple[str, str]]] = {}

    def names(self) -> Names:
        """Ask for signatures, then build an object of each class, and look at its parameters."""
        as_it_is = Rename(self._exercise, Renaming())
        reply = self._ask([Reset(SEED), as_it_is, Load(self._exercise), Signatures(self._exercise)])
        described = _described(reply.value) if isinstance(reply, Answer) else {}
        signatures = {name: arguments for name, (arguments, _) in described.items()}
        self._match_arguments(signatures)
        self._match_members({name: members for name, (_, members) in described.items()})
        ours = {self._called(name): name for name in self._contract.samples}
        # In the order of the learner's file, in which a class comes before those that are built from it.
        for learners in signatures:
            if learners in ours:
                self._look_at(ours[learners], list(signatures))
        self._ask([as_it_is])
        for name, pairs in self._keys.items():
            self._say(name, *about_keys(name, pairs))
        return Names(self._renaming, self._sentences, self._reasons)

    def _called(self, name: str) -> str:
        return self._renaming.objects.get(name, name)

    def _say(self, name: str, *sentences: str) -> None:
        self._sentences.setdefault(name, []).extend(sentences)

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
            before = self._contract.by_position.get(name, 0)
            match = match_arguments(wanted, taken, before)
            pairs = {(learners, argument) for argument, learners in match.names.items()}
            sentences = about_arguments(name, [""] * before + list(wanted), taken, match)
            if match.unmatched or match.required:
                # No call can succeed, so nothing is renamed.
                self._reasons |= _refusals(objects.get(name, name), " ".join(sentences))
                continue
            if not pairs <= self._said or match.by_position:
                self._say(name, *sentences)
            self._said |= pairs
            if match.names:
                arguments[name] = dict(match.names)
            if match.by_position:
                by_position[name] = list(match.by_position)
        self._renaming = Renaming(objects=objects, arguments=arguments, by_position=by_position)

    def _match_members(self, existing: Mapping[str, Sequence[str]]) -> None:
        members = {}
        for name, wanted in self._contract.members.items():
            matched = match_members(wanted, existing.get(self._called(name), ()))
            if matched:
                members[name] = matched
                self._say(name, *about_members(name, [(learners, member) for member, learners in matched.items()]))
        self._renaming = msgspec.structs.replace(self._renaming, members=members)

    def _look_at(self, name: str, classes: Sequence[str]) -> None:
        """Build an object, if need be with further renamings, and match its parameters."""
        reply = self._built(name, self._renaming)
        for _ in range(MAX_TRIES):
            if not isinstance(reply, Raised):
                break
            repaired = self._with_key(name, reply) or self._made_ready(name, reply, classes)
            if repaired is None:
                self._give_up(name, reply)
                return
            self._renaming = repaired
            reply = self._built(name, repaired)
        wanted = self._contract.samples[name].parameters
        if isinstance(reply, Answer) and wanted:
            existing = _shapes(reply.value)
            matched = match_parameters(wanted, existing)
            missing = [parameter for parameter in wanted if parameter not in existing and parameter not in matched]
            strange = [other for other in existing if other not in wanted and other not in matched.values()]
            if missing and strange:
                sentence = about_unknown_parameters(name, missing, strange)
                self._reasons |= {f"there is no parameter `{parameter}`": sentence for parameter in missing}
            if matched:
                pairs = [pair for pair in renamed_parts(matched) if pair not in self._said]
                self._said |= set(pairs)
                if pairs:
                    self._say(name, *about_parameters(name, pairs))
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
        meant = [known for _, known in self._keys_of(name) if alike(str(known), key, ARGUMENTS)] if key else []
        if len(meant) != 1 or key in self._renaming.keys:
            return None
        self._keys.setdefault(name, []).append((key, meant[0]))
        return msgspec.structs.replace(self._renaming, keys={**self._renaming.keys, key: meant[0]})

    def _keys_of(self, name: str) -> list[tuple[str, str]]:
        """List the keys of the dicts that an object is built with, each with the argument that it is in."""
        settings = self._contract.samples[name].kwargs.items()
        return [(argument, key) for argument, value in settings if isinstance(value, dict) for key in value]

    def _made_ready(self, name: str, raised: Raised, classes: Sequence[str]) -> Renaming | None:
        """Return a renaming with a class made ready that forgot to do so itself, if that helps."""
        if NOT_READY not in raised.text:
            return None
        asked_for = self._called(name)
        for candidate in [asked_for, *(other for other in classes if other != asked_for)]:
            unready = [*self._renaming.unready, candidate]
            repaired = msgspec.structs.replace(self._renaming, unready=unready)
            reply = self._built(name, repaired)
            if candidate not in self._renaming.unready and not (isinstance(reply, Raised) and NOT_READY in reply.text):
                self._say(name, about_super(candidate))
                return repaired
        return None

    def _give_up(self, name: str, raised: Raised) -> None:
        """Rename no arguments of a class that can't be built in this way either: they must mean something else."""
        if name in self._renaming.arguments and name in self._sentences:
            others = {other: names for other, names in self._renaming.arguments.items() if other != name}
            self._renaming = msgspec.structs.replace(self._renaming, arguments=others)
            how, *_ = self._sentences.pop(name)
            self._reasons |= _refusals(self._called(name), how)
        else:
            self._reasons.setdefault(raised.headline, self._reason(name, raised))

    def _reason(self, name: str, raised: Raised) -> str:
        key, keys = _missing_key(raised), self._keys_of(name)
        if key and len({argument for argument, _ in keys}) == 1:
            return about_missing_key(name, key, keys[0][0], [str(known) for _, known in keys])
        return cannot_be_built(name)

    def _ask(self, requests: Sequence[AnyRequest]) -> Reply | None:
        """Return the last reply; None if the module isn't asked any more, because the time is up or it has ended."""
        seconds = self._seconds_left()
        if seconds <= 0:
            return None
        try:
            return self._transport.ask(requests, seconds)[-1]
        except FarSideGone:
            return None


def _refusals(learners: str, reason: str) -> dict[str, str]:
    """Give a reason for what Python says if a class or function of this name doesn't take the arguments of a call."""
    return {f"TypeError: {call} ": reason for call in (f"{learners}()", f"{learners}.__init__()")}


def _missing_key(raised: Raised) -> str:
    """Return the key that a `KeyError` names; empty if it is another exception or not a text."""
    if raised.types[0] != "KeyError":
        return ""
    try:
        key = ast.literal_eval(raised.text)
    except (ValueError, SyntaxError):
        return ""
    return key if isinstance(key, str) and _NAME.fullmatch(key) else ""


def _described(value: Plain) -> dict[str, tuple[list[Argument], list[str]]]:
    """Read the arguments and members of a module's classes and functions; leave out what has another form."""
    described = {}
    for row in value[:MAX_NAMES] if isinstance(value, list) else []:
        match row:
            case [str(name), list(arguments), list(members)] if name.isidentifier() and len(arguments) <= MAX_NAMES:
                read = [_argument(argument) for argument in arguments]
                known = [argument for argument in read if argument is not None]
                if len(known) == len(read):
                    names = [member for member in members[:MAX_NAMES] if isinstance(member, str)]
                    described[name] = (known, [member for member in names if member.isidentifier()])
    return described


def _argument(row: Plain) -> Argument | None:
    match row:
        case [str(name), str(kind), bool(required)] if name.isidentifier():
            return Argument(name, kind, required)
    return None


def _shapes(value: Plain) -> dict[str, Shape]:
    shapes: dict[str, Shape] = {}
    for row in value[:MAX_NAMES] if isinstance(value, list) else []:
        match row:
            case [str(name), bool(), torch.Tensor() as parameter] if _NAME.fullmatch(name):
                shapes[name] = tuple(parameter.shape)
    return shapes
