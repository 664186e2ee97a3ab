"""The sentences about names that differ: what the exercise calls a thing, what the learner does, and what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.naming.matching import Argument, ArgumentMatch
from grader.text import printable

CHECKED_ANYWAY = "Everything else was checked as if you had already changed this."
MAX_SIGNATURE = 140
_NUMBERED = re.compile(r"\w\.\d+$")
AT_ONCE = 5
"""The most names in one sentence about what to rename."""


def about_object(name: str, learners: str) -> str:
    """Say that a class or function has another name."""
    return f"`{name}` is called `{printable(learners, 60)}` in your code. Rename it."


def about_arguments(name: str, wanted: Sequence[str], taken: Sequence[Argument], match: ArgumentMatch) -> list[str]:
    """Say how a class is built or a function is called, what the learner's takes, and what to do.

    Args:
        name: the class or function.
        wanted: the arguments in a call; those without a name are passed by position.
        taken: the arguments that the learner's takes.
        match: how these belong together.
    """
    verb = "is built as" if name[:1].isupper() else "is called as"
    concerned = [
        argument for argument in wanted if argument in (*match.names, *match.unmatched, *match.by_position)
    ] or [argument for argument in wanted if argument]
    arguments = [f"{argument}=…" if argument in concerned else "…" for argument in wanted]
    shown = ", ".join(text for number, text in enumerate(arguments) if arguments[number - 1 : number] != [text])
    signature = printable(_signature(taken), MAX_SIGNATURE)
    advice = _advice([(learners, argument) for argument, learners in match.names.items() if learners])
    absent = [f"`{argument}`" for argument, learners in match.names.items() if not learners]
    advice += [f"Add {_listed(absent)}."] if absent else []
    advice += ["Take out the `/`."] if match.by_position else []
    if match.unmatched:
        advice += [f"Rename what it takes, so that it has {_listed([f'`{name}`' for name in match.unmatched])}."]
    elif match.required:
        required = [f"`{printable(argument, 60)}`" for argument in match.required]
        advice += [f"Take out {_listed(required)}, or give a default."]
    return [f"`{name}` {verb} `{name}({shown})`; yours takes `({signature})`.", *advice]


def about_parameters(name: str, pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Say which parameters, or parts with parameters, have other names: pairs of the learner's name and ours."""
    lists = {ours.rpartition(".")[0] for learners, ours in pairs if _NUMBERED.search(ours) and "." not in learners}
    made = [f"Keep them in an `nn.ModuleList` called `{part}`: it numbers what is in it." for part in sorted(lists)]
    return [f"The parameters of `{name}` have other names here.", *_advice(pairs), *made]


def about_members(name: str, pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Say which methods or attributes have other names."""
    return [f"`{name}` has methods or attributes with other names.", *_advice(pairs)]


def about_unknown_parameters(name: str, wanted: Sequence[str], existing: Sequence[str]) -> str:
    """Say that parameters have names from which nobody can tell what they are."""
    theirs, ours = (_listed([f"`{printable(part, 60)}`" for part in _parts(names)]) for names in (existing, wanted))
    return f"The parameters of `{name}` are in {theirs} instead of {ours}. Rename them: nothing tells which is which."


def _parts(parameters: Sequence[str]) -> list[str]:
    """List the parts that parameters are in, each once; a parameter of the module itself is its own part."""
    return list(dict.fromkeys(name.rpartition(".")[0] or name for name in parameters))


def about_keys(name: str, pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Say which keys a class looks up that its settings have under other names."""
    what = "keys that have other names here" if len(pairs) > 1 else "a key that has another name here"
    return [f"`{name}` looks up {what}.", *_advice(pairs)]


def about_missing_key(name: str, key: str, settings: str, keys: Sequence[str]) -> str:
    """Say that a class looks up a key that its settings, an argument, don't have."""
    existing = _listed([f"`{known}`" for known in keys])
    return f"There is no `{printable(key, 60)}` in `{settings}`, which has {existing}: `{name}` can't be built."


def about_super(learners: str) -> str:
    """Say that a constructor doesn't begin as it must."""
    return f"`{printable(learners, 60)}.__init__` has to call `super().__init__()` on its first line."


def cannot_be_built(name: str) -> str:
    """Say that no check can build an object of a class."""
    return f"`{name}` can't be built."


def _signature(taken: Sequence[Argument]) -> str:
    stars = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}
    names = [f"{stars.get(argument.kind, '')}{argument.name}" for argument in taken]
    only_by_position = sum(argument.kind == "POSITIONAL_ONLY" for argument in taken)
    if only_by_position:
        names.insert(only_by_position, "/")
    return ", ".join(names)


def _advice(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Say what to rename, a few names at a time, because a line of a report has its limits."""
    renames = [f"`{printable(learners, 60)}` to `{name}`" for learners, name in pairs]
    return [f"Rename {_listed(renames[first : first + AT_ONCE])}." for first in range(0, len(renames), AT_ONCE)]


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
