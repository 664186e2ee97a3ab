"""Syntax of a newer Python is recognized, and nothing else is taken for it."""

from __future__ import annotations

import pytest

from grader.learner.newer_syntax import newer_syntax

NEW = {
    "type X = int": (1, (3, 12)),
    "x = 1\ntype P[T] = list[T]": (2, (3, 12)),
    "def first[T](x): pass": (1, (3, 12)),
    "class A:\n    async def f[T](x): pass": (2, (3, 12)),
    "class B[T]:\n    pass": (1, (3, 12)),
    'd = {}\nprint(f"{d["a"]}")': (2, (3, 12)),
    "f'{d['a']!r}'": (1, (3, 12)),
    'f"{", ".join(x)}"': (1, (3, 12)),
    'f"{"\\n".join(x)}"': (1, (3, 12)),
    'f"""{"\\n".join(x)}"""': (1, (3, 12)),
    'f"{\n x\n}"': (1, (3, 12)),
    'f"{x # the value\n}"': (1, (3, 12)),
    'f"{x:{"a"}}"': (1, (3, 12)),
    'f"{f"{f"{1}"}"}"': (1, (3, 12)),
    "x = f'{a['b']:>{w}} {c}'": (1, (3, 12)),
    'f"{d["a"]=}"': (1, (3, 12)),
    "def f[T = int](x): pass": (1, (3, 13)),
    't"hi {x}"': (1, (3, 14)),
    "try:\n    pass\nexcept ValueError, TypeError:\n    pass": (3, (3, 14)),
}
OLD = (
    'f"{x"',
    'f"{x" + "}"',
    'f"{}"',
    'x = f"{a[0]} {{b}} {c!r:>10}"',
    "type(x)",
    "type = 3",
    "type == 3",
    "# type X = int",
    '"""\ntype X = int\n"""',
    'f"{a != b} {a == b} {a=}"',
    'f"\\N{BULLET} {x}"',
    'rf"\\d{x}\\{y}"',
    "print('can't')",
    "try:\n    pass\nexcept ValueError, e:\n    pass",
    "def f(x: list[int] = 3): pass",
    'f"{x:%H:%M}"',
    'f"""{d["a"]}"""',
    'x = """unterminated',
    'f"{x:{y}.{z}f}"',
    'print "x"',
    "def f(x)\n    return x",
    'f"{' * 5000,
)


@pytest.mark.parametrize("text", NEW)
def test_newer_syntax_is_named_with_its_line_and_version(text: str) -> None:
    """What Python 3.11 can't parse and a newer one can is recognized, with the version that introduced it."""
    newer = newer_syntax(text, (3, 11))
    assert newer is not None
    assert (newer.line, newer.version) == NEW[text]
    assert newer_syntax(text, newer.version) is None


@pytest.mark.parametrize("text", OLD)
def test_other_text_is_not_taken_for_it(text: str) -> None:
    """Valid Python 3.11, and mistakes in any Python, are not called newer syntax."""
    assert newer_syntax(text, (3, 11)) is None
