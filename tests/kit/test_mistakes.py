"""Reading the catalog of mistakes: edits, families, stock mistakes, and errors with their lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course import Course, load_course
from grader.course.edits import EditError, Program, diff, merge, parse
from grader.course.mistakes import apply, misconceptions
from grader.course.stock_mistakes import STOCK, NoPlace, Scope
from grader.errors import CourseError

ENTRY = "wrong:\n  did: You err.\n  why: Why.\n  hint: Where.\n  check: test_double_three\n"
PROGRAM = '''\
def f(x):
    """Add."""
    y = x + 1  # one more
    for k in range(3):
        y = y + "#"
    return y


def g(x):
    return y
'''


def edited(edit: str, text: str = PROGRAM) -> str:
    """Return a program after an edit."""
    program = Program(text)
    made = merge(program, [change for hunk in parse(edit) for change in hunk.changes(program)])
    assert made is not None
    return made


def test_an_edit_keeps_indentation_and_ignores_comments() -> None:
    """Indentation and comments are ignored when an edit is located; added lines get the replaced lines' indentation."""
    assert "    y = x + 2\n    for" in edited("-y = x + 1\n+y = x + 2\n")
    assert '        if k:\n            y = y + "#"\n    return' in edited('-y = y + "#"\n+if k:\n+    y = y + "#"\n')
    assert "    for k in range(3):\n        x = 0\n" in edited("@@\n for k in range(3):\n+    x = 0\n")
    assert edited("@@ g\n-return y\n+return x\n").endswith("def g(x):\n    return x\n")


def test_words_within_a_line_are_exchanged() -> None:
    """The rest of the line stays, but for its comment; several changes each have a line."""
    assert "    y = x + 2\n    for" in edited("1 => 2")
    both = edited("x + 1 => x * 1\nrange(3) => range(x)\n")
    assert "    y = x * 1\n    for k in range(x):\n" in both
    for words, message in (("y => z", "fits lines"), ("x - 1 => x", "has no `x - 1`; the closest line is `y = x + 1`")):
        with pytest.raises(EditError, match=re.escape(message)):
            edited(words)


def test_a_diff_is_an_edit_that_makes_the_same_program() -> None:
    """A diff between two programs, read as an edit, turns one into the other."""
    new = PROGRAM.replace("    return y\n\n", "    return -y\n\n").replace("    y = x", "    x = 2\n    y = x")
    assert ast.dump(ast.parse(edited(diff(PROGRAM, new)))) == ast.dump(ast.parse(new))
    assert "@@ f\n-return y\n+return -y" in diff(PROGRAM, new)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (ENTRY + "  edit: |\n    -return 2 * x\n    +return 3 * x\n\n    -return 5\n", 10, "no line `return 5`"),
        (ENTRY + "  edit: |\n    return 2\n", 7, "must begin with"),
        (ENTRY + "  edit: -return 2\n", 6, "below `edit: |`"),
        (ENTRY + "  edit: 2 * y => 3 * x\n", 6, "has no `2 . y`"),
        (ENTRY + "  edit: |\n    2 * x => 3 * x\n    5 => 6\n", 8, "has no `5`"),
        (ENTRY + "  edti: x\n", 6, "did you mean `edit`"),
        (ENTRY, 1, "`edit` is missing"),
        (ENTRY + "  stock: cut_graphs\n", 6, "no stock mistake"),
        (ENTRY + "  family: none\n", 6, "no family `none`"),
        (ENTRY.replace("three", "four") + "  stock: overwrites_input\n", 5, "has no check `test_double_four`"),
        (ENTRY + "  stock: overwrites_input\nwrong: {}\n", 7, "twice"),
        (ENTRY + "  edit: [\n", 6, "not valid YAML"),
        (ENTRY + '  values: ["3"]\n  edit: 2 * x => 3 * x\n', 1, "`values` need an `edit`"),
        (ENTRY + "  edit: 2 * x => {value} * x\n", 1, "`values` need an `edit`"),
        (ENTRY + '  measured: It is {value}.\n  values: ["x"]\n  edit: 2 * x => {value} * x\n', 1, "are numbers"),
    ],
)
def test_errors_name_the_line(tiny_course: Callable[..., Path], text: str, line: int, message: str) -> None:
    """Any error in a catalog is reported with its file and line."""
    path = tiny_course()
    (path.parent / "solutions" / "misconceptions").mkdir()
    (path.parent / "solutions" / "misconceptions" / "double.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match=rf"double\.yaml, line {line}\b.*{message}"):
        misconceptions(load_course(path), "double")


def test_a_hunk_that_fits_twice_is_refused() -> None:
    """An edit has to say which of two equal lines it means."""
    with pytest.raises(ValueError, match="fits lines 6 and 10"):
        edited("-return y\n+return x\n")


def test_a_family_provides_what_the_entry_lacks(tiny_course: Callable[..., Path]) -> None:
    """Sentences and edit come from the family, and the check comes from the exercise's file."""
    path = tiny_course()
    folder = path.parent / "solutions" / "misconceptions"
    (folder / "families").mkdir(parents=True)
    shared = ENTRY.replace("  check: test_double_three\n", "") + "  edit: |\n    -return 2 * x\n    +return 3 * x\n"
    (folder / "families" / "numbers.yaml").write_text(shared, encoding="utf-8")
    (folder / "double.yaml").write_text("wrong: {family: numbers, check: test_double_three}\n", encoding="utf-8")
    course = load_course(path)
    (mistake,) = misconceptions(course, "double")
    assert (mistake.did, mistake.check) == ("You err.", "test_double_three")
    assert "return 3 * x" in mistake.apply((course.solutions / "double.py").read_text(encoding="utf-8"))


MODULE = '''\
import torch
from torch import nn
class Layer(nn.Module):
    def __init__(self, rate):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(3))
        self.register_buffer("mask", torch.ones(3))
        self.dropout = nn.Dropout(rate)
    def forward(self, x):
        """Scale."""
        if x is None: return x
        return (self.scale *
                self.dropout(x))
def step(model, optimizer):
    model.train()
    optimizer.zero_grad()
    model.eval()
    with torch.no_grad():
        return model(1)
'''


@pytest.mark.parametrize(
    ("name", "of", "expected"),
    [
        ("overwrites_input", "", "result = (self.scale *\n                self.dropout(x))"),
        ("cuts_graph", "", "x = x.detach()\n"),
        ("cuts_graph", "self.scale", "self.scale.detach() *"),
        ("plain_parameters", "", "self.scale = torch.ones(3)\n"),
        ("frozen_parameters", "", "nn.Parameter(torch.ones(3), requires_grad=False)"),
        ("buffer_as_parameter", "", "self.mask = nn.Parameter(torch.ones(3))"),
        ("dropout_always_on", "", "nn.functional.dropout(x, self.dropout.p)"),
        ("dropout_upside_down", "", "self.dropout.p, not self.training)"),
        ("dropout_forgotten", "", "                x)"),
        ("dropout_of_fixed_rate", "", "nn.Dropout(0.1 if rate else 0.0)"),
        ("always_float32", "", "x = x.float()\n"),
        ("output_in_float32", "", ".float()"),
        ("needs_contiguous", "", "x = x.view(-1).view(x.shape)\n"),
        ("squeezes_output", "", ".squeeze()"),
        ("keeps_state", "", 'vars(self).setdefault("kept", {})'),
        ("gradients_on", "", "with torch.enable_grad():"),
    ],
)
def test_stock_mistakes_change_what_they_say(name: str, of: str, expected: str) -> None:
    """Each operator makes its change, even in one-line bodies and across lines, and the result is still a program."""
    program = Program(MODULE)
    made = merge(program, STOCK[name].changes(Scope(program, "", of)))
    assert made is not None
    ast.parse(made)
    assert expected in made
    with pytest.raises(NoPlace):
        STOCK[name].changes(Scope(Program("y = 1\n"), "", of))


REDUCES = "def f(x):\n    return (x - x.mean(dim=-1, keepdim=True)) / x.abs().amax(-1, keepdim=True)\n"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("three_dimensions_only", "    _, _, _ = x.shape\n    return (x"),
        ("keepdim_forgotten", "return (x - x.mean(dim=-1)) / x.abs().amax(-1)\n"),
        ("reduces_everything", "return (x - x.mean()) / x.abs().amax(-1)\n"),
    ],
)
def test_stock_mistakes_about_reductions_change_their_arguments(name: str, expected: str) -> None:
    """What is left out is left out of every call, and the rest of the program stays."""
    program = Program(REDUCES)
    made = merge(program, STOCK[name].changes(Scope(program)))
    assert made is not None
    assert expected in made


LAWS = '''\
    from grader.checks import law


    @law()
    def parameters_are_exactly_these(learner):
        """They are these."""
    '''


def test_a_stock_mistake_finds_the_check_about_it(tiny_course: Callable[..., Path]) -> None:
    """It is the first check made of the law, or of the law's name; an entry that says more is believed."""
    checks = '''\
        from tests.visible import claims

        test_these = claims.parameters_are_exactly_these()


        def test_gradients_fit_the_output(learner):
            """They fit."""
        '''
    mistakes = "cut: {stock: cuts_graph}\nkept: {stock: overwrites_input, check: test_these, did: You keep it.}\n"
    files = {"tests__visible__claims_dot_py": LAWS, "tests__visible__test_double_dot_py": checks}
    course = load_course(tiny_course(**files, solutions__misconceptions__double_dot_yaml=mistakes))
    cut, kept = misconceptions(course, "double")
    assert (cut.check, cut.did) == ("test_gradients_fit_the_output", "You detach `x` from the graph.")
    assert (kept.check, kept.did) == ("test_these", "You keep it.")
    assert kept.why == STOCK["overwrites_input"].why
    assert STOCK["plain_parameters"].check(course.by_id["double"].checks) == "test_these"


def test_a_family_lends_the_sentences_of_its_stock_mistake(tiny_course: Callable[..., Path]) -> None:
    """An exercise that makes the mistake in another way still says what the family says."""
    family = "cut: {stock: cuts_graph, of: 2 * x, check: test_double_three}\n"
    entry = "cut: {family: numbers, edit: 2 * x => 0 * x}\n"
    names = ("solutions__misconceptions__families__numbers_dot_yaml", "solutions__misconceptions__double_dot_yaml")
    course = load_course(tiny_course(**dict(zip(names, (family, entry), strict=True))))
    (cut,) = misconceptions(course, "double")
    assert cut.did == "You detach `2 * x` from the graph."
    assert "return 0 * x" in cut.apply((course.solutions / "double.py").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["eval_mode_missing", "train_mode_missing", "gradients_not_cleared"])
def test_stock_mistakes_leave_calls_out(name: str) -> None:
    """Only that one call is left out."""
    program = Program(MODULE)
    made = merge(program, STOCK[name].changes(Scope(program, "step")))
    assert made is not None
    call = {"eval_mode_missing": "eval", "train_mode_missing": "train", "gradients_not_cleared": "zero_grad"}[name]
    assert f".{call}()" not in made
    assert made.count("\n") == MODULE.count("\n") - 1


def test_mistakes_of_the_course_fit_and_their_diffs_are_right(course: Course) -> None:
    """All 480 mistakes give a program, and the diff of each one gives the same program again."""
    count = 0
    for exercise in course.exercises:
        solution = (course.solutions / f"{exercise.id}.py").read_text(encoding="utf-8")
        for mistake in misconceptions(course, exercise.id):
            from_diff = edited(mistake.as_diff(solution), solution)
            assert ast.dump(ast.parse(from_diff)) == ast.dump(ast.parse(apply(solution, mistake))), mistake.name
            count += 1
    assert count >= 480
