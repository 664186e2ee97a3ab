"""YAML files that people write; every message about one names the line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from grader.course.yaml_problems import fallback, problem_of
from grader.course.yaml_syntax import control_character, problem_in_words
from grader.errors import GraderError

Kind = TypeVar("Kind")
Keys = Sequence[str | int]
_Loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_STRING, _TIMESTAMP, _MERGE = (f"tag:yaml.org,2002:{name}" for name in ("str", "timestamp", "merge"))


class YamlFile:
    """A YAML file as data, and as a tree of nodes that knows the lines.

    Keys are text, so that a student number keeps its leading zeros. A key may not appear twice.

    Args:
        path: the path of the file.
        text: its content.
        error: the class of the errors that are raised.

    Raises:
        GraderError: the text isn't valid YAML; an error of the class `error`.
    """

    other_words: Mapping[str, str] = {}
    """What to write in place of keys that people try, by the key."""

    def __init__(self, path: Path, text: str, error: type[GraderError]) -> None:
        self.path, self._error = path, error
        self._tree: yaml.Node | None = None
        try:
            loader = _Loader(text)
            self._tree = loader.get_single_node()
            for node in _nodes(self._tree):
                self._prepare(node, loader)
            self.data: Any = None if self._tree is None else loader.construct_document(self._tree)
        except yaml.MarkedYAMLError as problem:
            line, words = problem_in_words(problem, text)
            raise error(f"{path}, line {line}: this is not valid YAML: {words}.") from None
        except yaml.reader.ReaderError as problem:
            line, words = control_character(problem, text)
            raise error(f"{path}, line {line}: this is not valid YAML: {words}.") from None
        except yaml.YAMLError as problem:
            raise error(f"{path} is not valid YAML: {problem}. Save it as plain text in UTF-8.") from None

    def convert(self, value: Any, kind: type[Kind], keys: Keys = ()) -> Kind:
        """Convert a value to a type.

        Args:
            value: the value.
            kind: the type.
            keys: the keys and positions that lead to the value.

        Raises:
            GraderError: the value doesn't fit the type; the message names the line.
        """
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            problem = problem_of(value, kind, self.other_words) or fallback(error)
            raise self.complaint(problem.message, [*keys, *problem.keys]) from None

    def complaint(self, message: str, keys: Keys, row: int | None = None) -> GraderError:
        """Return an error that names the line of a value.

        Args:
            message: what is wrong, without the period at the end.
            keys: the keys and positions that lead to the value.
            row: for a text in block form (`key: |`), the line of the text with the problem, counted from 0.
        """
        position = ".".join(map(str, keys))
        line = self._line(keys) + (0 if row is None else row + 1)
        return self._error(f"{self.path}, line {line}{f', {position}' if position else ''}: {message}.")

    def _prepare(self, node: yaml.Node, loader: yaml.SafeLoader | yaml.CSafeLoader) -> None:
        if isinstance(node, yaml.MappingNode):
            before: set[str] = set()
            for key, _ in node.value:
                if not isinstance(key, yaml.ScalarNode) or key.tag == _MERGE:
                    continue
                key.tag = _STRING
                if key.value in before:
                    raise self._complaint_at(key, f"`{key.value}` appears twice; remove one of the two")
                before.add(key.value)
        elif isinstance(node, yaml.ScalarNode) and node.tag == _TIMESTAMP:
            try:
                loader.construct_object(node)
            except ValueError as problem:
                raise self._complaint_at(
                    node, f"`{node.value}` is not a date: {problem}. Write it as in 2027-01-31T23:59:00+01:00"
                ) from None

    def _complaint_at(self, node: yaml.Node, message: str) -> GraderError:
        return self._error(f"{self.path}, line {node.start_mark.line + 1}: {message}.")

    def _line(self, keys: Keys) -> int:
        node, line = self._tree, 1
        for key in keys:
            if isinstance(node, yaml.MappingNode):
                pairs = [pair for pair in node.value if pair[0].value == str(key)]
                if not pairs:
                    break
                line, node = pairs[0][0].start_mark.line + 1, pairs[0][1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
                node = node.value[key]
                line = node.start_mark.line + 1
        return line


def _nodes(root: yaml.Node | None) -> Iterator[yaml.Node]:
    """List each node of a tree once, even if aliases form a cycle; keys come before their values."""
    waiting = [root] if root is not None else []
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        below: Iterable[yaml.Node] = ()
        if isinstance(node, yaml.MappingNode):
            below = [child for pair in node.value for child in pair]
        elif isinstance(node, yaml.SequenceNode):
            below = node.value
        waiting.extend(below)
