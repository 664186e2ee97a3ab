"""Laws: each passes on a correct layer, and fails on one that breaks only its claim; a file of checks names them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from grader.checks import CheckFailure, Golden, Layer, laws, sizes, values
from grader.checks.law import Law
from grader.course import load_course
from grader.errors import CourseError
from grader.grading import GraderPool, Submission
from grader.port import InProcess, LearnerError, Port, Workspace

TinyCourse = Callable[..., Path]

RIGHT = """
import torch
from torch import nn

class Scale(nn.Module):
    def __init__(self, width, dropout=0.0):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))
        self.dropout = nn.Dropout(dropout)
        self.calls = 0

    def forward(self, x):
        return self.dropout(torch.tanh(x) * self.scale)
"""
SCALE = Layer(
    build=lambda port, size: port.build("Scale", width=size["width"], dropout=size["dropout"]).eval(),
    sizes={"batch": sizes(1, 3), "width": sizes(2, 3), "dropout": 0.0},
    inputs=lambda size, seed: values(size["batch"], size["width"], seed=seed),
    shapes=lambda size: {"scale": (size["width"],)},
    dims=("row", "feature"),
    changing=("batch",),
    random_start=True,
)
FORWARD = "return self.dropout(torch.tanh(x) * self.scale)"
BROKEN = {
    "parameters_are_exactly_these": ("nn.Parameter(torch.ones(width))", "torch.ones(width)"),
    "shape_and_dtype_are_right": (FORWARD, "return (torch.tanh(x) * self.scale).float()"),
    "batch_elements_are_independent": (FORWARD, "return torch.tanh(x - x.mean(0)) * self.scale"),
    "calls_do_not_influence_each_other": (FORWARD, "self.calls += 1; return x * self.scale + self.calls"),
    "layers_share_nothing": (
        "nn.Parameter(torch.ones(width))",
        "globals().setdefault(f'scale_{width}', nn.Parameter(torch.ones(width)))",
    ),
    "the_input_stays_as_it_was": (FORWARD, "return x.tanh_() * self.scale"),
    "inputs_of_every_kind_stay_as_they_were": (FORWARD, "return x.tanh_() * self.scale"),
    "inputs_need_not_be_contiguous": (FORWARD, "return torch.tanh(x.view(-1)).view(x.shape) * self.scale"),
    "gradients_fit_the_output": (FORWARD, "return torch.tanh(x).detach() * self.scale"),
    "gradients_equal_the_reference": (FORWARD, "return torch.tanh(x).detach() * self.scale"),
    "float32_agrees_with_float64": (FORWARD, "return torch.tanh(x) * self.scale + (x.dtype == torch.float32)"),
    "output_equals_the_reference": (FORWARD, "return torch.tanh(x) * self.scale + 1"),
    "the_recorded_example_comes_out": (FORWARD, "return torch.tanh(x) * self.scale + 1"),
    "the_output_is_on_the_inputs_device": (
        FORWARD,
        "return torch.tanh(x) * self.scale + torch.zeros(x.shape[-1], dtype=x.dtype, device='cpu')",
    ),
    "dropout_is_off_in_evaluation_mode": (
        FORWARD,
        "return nn.functional.dropout(torch.tanh(x) * self.scale, self.dropout.p)",
    ),
    "dropout_of_zero_drops_nothing": (
        FORWARD,
        "return nn.functional.dropout(torch.tanh(x) * self.scale, 0.5, self.training)",
    ),
}
"""For each law what breaks its claim in the right layer."""


def run(name: str, text: str, write_module: Callable[..., Path], folder: Path) -> None:
    """Check a module against one law, with the correct module as the reference and source of the golden record."""
    arguments: dict[str, Any] = {}
    layer = SCALE
    if name == "the_recorded_example_comes_out":
        arguments = {"x": values(2, 2, seed=1), "parameters": {"scale": values(2, seed=2)}}
        layer = SCALE.of(batch=2, width=2)
    check = getattr(laws, name)(layer, **arguments)
    modules = {"learner": write_module(text, "own"), "reference": write_module(RIGHT, "right")}
    transport = InProcess(Workspace({path.stem: path for path in modules.values()}))
    ports = {role: Port(transport, path.stem) for role, path in modules.items()}
    record = folder / "golden.json"
    if name == "the_recorded_example_comes_out":
        check(learner=ports["reference"], golden=Golden(record, name, record=True))
    given = {**ports, "golden": Golden(record, name)}
    for port in ports.values():
        port.begin()
    check(**{wanted: given[wanted] for wanted in inspect.signature(check).parameters})


def test_every_law_is_tried_here() -> None:
    """No law of the library is without a layer that breaks it."""
    assert {name for name, value in vars(laws).items() if isinstance(value, Law)} == BROKEN.keys()


@pytest.mark.parametrize("name", BROKEN)
def test_a_right_layer_keeps_every_law(name: str, write_module: Callable[..., Path], tmp_path: Path) -> None:
    """A correct layer passes the check."""
    run(name, RIGHT, write_module, tmp_path)


@pytest.mark.parametrize("name", BROKEN)
def test_a_layer_that_breaks_a_law_fails_its_check(
    name: str, write_module: Callable[..., Path], tmp_path: Path
) -> None:
    """A layer that breaks only this claim fails the check."""
    old, new = BROKEN[name]
    assert RIGHT.count(old) == 1
    with pytest.raises((CheckFailure, LearnerError)):
        run(name, RIGHT.replace(old, new), write_module, tmp_path)


def test_what_a_law_or_a_layer_lacks_is_named() -> None:
    """The message about a wrong argument lists the law's arguments, and about a wrong size the layer's sizes."""
    with pytest.raises(TypeError, match=r"has no `sede`; it has size, seed"):
        laws.inputs_need_not_be_contiguous(SCALE, sede=1)
    with pytest.raises(ValueError, match=r"no size `widht`; it has batch, width, dropout"):
        SCALE.of(widht=3)


def test_what_is_given_is_not_drawn() -> None:
    """A value can replace a strategy; with nothing left to draw, the check is a plain function."""
    drawn = laws.inputs_need_not_be_contiguous(SCALE, seed=st.integers(0, 1))
    fixed = laws.inputs_need_not_be_contiguous(SCALE.of(batch=2, width=2), seed=1)
    assert hasattr(drawn, "hypothesis")
    assert not hasattr(fixed, "hypothesis")
    assert list(inspect.signature(fixed).parameters) == ["learner"]


TWICE = '''\
    from grader.checks import expect_equal, law


    @law()
    def doubles(n, learner):
        """The double of the number comes out.

        Adding one is not doubling.
        """
        expect_equal(learner.call("double", n), 2 * n)
    '''
NAMED = "from tests.visible import doubling\n\ntest_three = doubling.doubles(3.0{})\n"


def test_a_check_has_its_laws_sentence_or_its_own(tiny_course: TinyCourse) -> None:
    """Title, hint, line and source are read from the law's file and the assignment, without running either."""
    files = {"tests__visible__doubling_dot_py": TWICE}
    course = load_course(tiny_course(tests__visible__test_double_dot_py=NAMED.format(""), **files))
    check = course.by_id["double"].check("test_three")
    assert (check.title, check.hint) == ("The double of the number comes out.", "Adding one is not doubling.")
    assert (check.line, check.golden) == (3, False)
    named = NAMED.format(", title='Twice 3 is 6.', hint=''")
    check = load_course(tiny_course(tests__visible__test_double_dot_py=named, **files)).by_id["double"].checks[0]
    assert (check.title, check.hint) == ("Twice 3 is 6.", "")


def test_every_law_of_the_library_gives_its_check_its_sentences(tiny_course: TinyCourse) -> None:
    """A check made of a law is read with the first line of the law's docstring as its title, and the rest as its hint."""
    lines = [f"test_{name} = laws.{name}(LAYER)\n" for name in BROKEN]
    checks = "".join(["from grader.checks import laws\nfrom tests.visible.layers import LAYER\n", *lines])
    course = load_course(tiny_course(tests__visible__test_double_dot_py=checks))
    visible = [check for check in course.by_id["double"].checks if check.visibility == "visible"]
    assert [check.law for check in visible] == list(BROKEN)
    for check in visible:
        title, _, hint = inspect.cleandoc(getattr(laws, check.law).__doc__).partition("\n")
        assert (check.title, check.hint) == (title, " ".join(hint.split())), check.law


ZERO = '''\


    @law()
    def zero_stays_zero(name, learner):
        """The double of zero is zero."""
        expect_equal(learner.call(name, 0.0), 0.0)
    '''


@pytest.mark.parametrize(
    ("wrong", "titles"),
    [
        ("return 2 * x if x == 0 else x", ["The double of the number comes out."]),
        ("return 2 * x or 1.0", ["The double of zero is zero."]),
        ("return x + 1", ["The double of the number comes out.", "The double of zero is zero."]),
    ],
)
def test_a_law_that_fails_tells_its_own_title(tiny_course: TinyCourse, wrong: str, titles: list[str]) -> None:
    """A report names the laws that were broken, and no others."""
    named = NAMED.format("") + "test_zero = doubling.zero_stays_zero('double')\n"
    path = tiny_course(tests__visible__doubling_dot_py=TWICE + ZERO, tests__visible__test_double_dot_py=named)
    answer = Submission("one", {"double": f"def double(x):\n    {wrong}\n".encode()}, ())
    with GraderPool(load_course(path), jobs=1) as graders:
        (graded,) = graders.grade([answer])
    visible = [check for check in graded.exercises["double"].checks if check.visibility == "visible"]
    assert len(visible) == 2
    assert [check.title for check in visible if check.status == "failed"] == titles
    assert {check.status for check in visible} <= {"failed", "passed"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("test_x = 3\n", r"test_double\.py, line 1: `test_x` is neither a function nor a law"),
        (
            NAMED.replace("doubles", "halves").format(""),
            r"line 3: .*`halves`, which is not a law in .*doubling\.py\. The laws there are: doubles",
        ),
        (NAMED.format(", title=TITLE"), r"line 3: the title of `test_three` must be a plain string"),
        ("from tests.visible import other\ntest_x = other.law_of(1)\n", r"line 2: .* there is no file .*other\.py"),
    ],
)
def test_a_law_that_cannot_be_read_is_told_with_its_line(tiny_course: TinyCourse, text: str, message: str) -> None:
    """Every complaint about an assignment names the file and the line."""
    path = tiny_course(tests__visible__test_double_dot_py=text, tests__visible__doubling_dot_py=TWICE)
    with pytest.raises(CourseError, match=message):
        load_course(path)
