"""The sentences about names that differ: what the exercise calls a thing, what the learner does, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from grader.naming.matching import Argument, ArgumentMatch
from grader.text import printable

JUDGED_ANYWAY = "Everything else was judged as if it had these names."
MAX_SIGNATURE = 110


def about_object(name: str, learners: str) -> str:
    """Say that a class or function has another name."""
    return f"`{name}` is called `{printable(learners, 60)}` in your code. Rename it."


def about_arguments(name: str, wanted: Sequence[str], taken: Sequence[Argument], match: ArgumentMatch) -> str:
    """Say how a class is built or a function is called, and what the learner's takes."""
    verb = "is built as" if name[:1].isupper() else "is called as"
    concerned = [argument for argument in wanted if argument in (*match.names, *match.unmatched, *match.by_position)]
    shown = ", ".join(f"{argument}=…" for argument in concerned)
    others = "…, " if len(concerned) < len(wanted) else ""
    signature = printable(_signature(taken), MAX_SIGNATURE)
    advice = _advice([(learners, argument) for argument, learners in match.names.items() if learners])
    absent = [f"`{argument}`" for argument, learners in match.names.items() if not learners]
    advice += [f"Add {_listed(absent)}."] if absent else []
    advice += ["Take out the `/`."] if match.by_position else []
    return " ".join([f"`{name}` {verb} `{name}({others}{shown})`; yours takes `({signature})`.", *advice])


def about_parameters(name: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Say which parameters, or parts with parameters, have other names: pairs of the learner's name and ours."""
    return " ".join([f"The parameters of `{name}` have other names here.", *_advice(pairs)])


def about_key(name: str, key: str, known: str) -> str:
    """Say that a class looks up a key that the settings have under another name."""
    return f"`{name}` looks up `{printable(key, 60)}`, which is called `{known}` here. Rename it."


def about_missing_key(name: str, key: str, keys: Sequence[str]) -> str:
    """Say that a class looks up a key that doesn't exist."""
    existing = ", ".join(f"`{known}`" for known in keys) or "no keys"
    return f"`{name}` looks up `{printable(key, 60)}`, but there is no such key. There are {existing}."


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
    renames = [f"`{printable(learners, 60)}` to `{name}`" for learners, name in pairs]
    if not renames:
        return []
    return [f"Rename {_listed(renames)}."]


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
