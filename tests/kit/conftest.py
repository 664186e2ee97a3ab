"""What the tests of the grader share: the course, small submissions, and throw-away courses."""

from __future__ import annotations

import functools
import os
import shutil
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from grader.authoring.proofs import other_versions
from grader.course import Course, load_course
from grader.port import InProcess, OtherProcess, Port, Transport, Workspace
from grader.sandbox.launch import Sandbox, start_sandbox

ROOT = Path(__file__).resolve().parents[2]
LONG = ("test_exercises", "test_nbgrader", "test_cli", "test_grade", "test_diagnosis", "test_proofs", "test_attacks")
"""The files that take longest. They are run first: two workers then end at about the same time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first."""
    items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))


def pytest_report_header() -> list[str]:
    """Report if exercises were proven with other versions."""
    return other_versions(load_course(ROOT / "course.yaml"))


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Search for longer, with new inputs each time, if `make fuzz` asks for it."""
    examples = os.environ.get("FUZZ_EXAMPLES")
    if examples:
        hypothesis.settings.register_profile(
            "fuzz", hypothesis.settings.get_profile("grader"), max_examples=int(examples), derandomize=False
        )
        hypothesis.settings.load_profile("fuzz")


@pytest.fixture(scope="session")
def course() -> Course:
    """Return the course of this project."""
    return load_course(ROOT / "course.yaml")


@pytest.fixture
def write_module(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a module `<name>.py` with dedented text, and returns its path."""

    def write(text: str, name: str = "thing") -> Path:
        path = tmp_path / f"{name}.py"
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """Return the sandbox of this machine."""
    sandbox_here, problem = start_sandbox()
    if sandbox_here is None and shutil.which("bwrap") is None:
        pytest.skip(problem)
    assert sandbox_here is not None, problem
    yield sandbox_here
    sandbox_here.close()


@pytest.fixture(params=["in-process", "other process", "sandbox"])
def connect(request: pytest.FixtureRequest) -> Iterator[Callable[..., Port]]:
    """Return a function that makes a port to modules, once over each transport."""
    opened: list[Transport] = []

    def make(*paths: Path, **options: object) -> Port:
        workspace = Workspace({path.stem: path for path in paths})
        match request.param:
            case "in-process":
                transport: Transport = InProcess(workspace)
            case "other process":
                transport = OtherProcess(workspace)
            case _:
                transport = OtherProcess(workspace, request.getfixturevalue("sandbox").open)
        opened.append(transport)
        return Port(transport, paths[0].stem, **options)  # type: ignore[arg-type]

    yield make
    for transport in opened:
        transport.close()


@pytest.fixture(scope="session")
def write_tiny_course() -> Callable[..., Path]:
    """Return a function that writes the course of `tiny_course` into a folder."""

    def write(root: Path, **replaced: str) -> Path:
        for name, text in (_TINY | replaced).items():
            path = root / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        return root / "course.yaml"

    return write


@pytest.fixture
def tiny_course(tmp_path: Path, write_tiny_course: Callable[..., Path]) -> Callable[..., Path]:
    """Return a function that writes a course of two small exercises, `double` and `twice`, which needs `double`."""
    return functools.partial(write_tiny_course, tmp_path / "course")


_TINY = {
    "course_dot_yaml": """\
        id: tiny
        title: A tiny course
        limits: {call: 2, after_timeout: 0.5}
        exercises:
          - id: double
            title: Double
          - id: twice
            title: Twice
            needs: [double]
            weights: {test_twice_four: 3}
        """,
    "solutions__double_dot_py": '''\
        """Double a number."""


        def double(x: float) -> float:
            """Return twice x."""
            ### BEGIN SOLUTION: Multiply.
            return 2 * x
            ### END SOLUTION
        ''',
    "solutions__twice_dot_py": '''\
        """Double a number two times."""

        from .double import double


        def twice(x: float) -> float:
            """Return four times x."""
            ### BEGIN SOLUTION: Use double.
            return double(double(x))
            ### END SOLUTION
        ''',
    "solutions__standins__double_dot_py": "def double(x):\n    return x + x\n",
    "tests__visible__test_double_dot_py": '''\
        """Visible checks."""

        from grader.checks import expect_equal


        def test_double_three(learner):
            """Twice 3 is 6.

            Adding one is not doubling.
            """
            expect_equal(learner.call("double", 3.0), 6.0)
        ''',
    "tests__hidden__test_double_dot_py": '''\
        """Hidden checks."""

        from hypothesis import given, strategies as st

        from grader.checks import expect_equal


        @given(x=st.floats(0, 100))
        def test_double_equals_the_reference(learner, reference, x):
            """Doubling holds for every number."""
            expect_equal(learner.call("double", x), reference.call("double", x), "the double")
        ''',
    "tests__visible__test_twice_dot_py": '''\
        """Visible checks."""

        from grader.checks import expect_equal


        def test_twice_four(learner):
            """Four times 4 is 16."""
            expect_equal(learner.call("twice", 4.0), 16.0)


        def test_twice_gives_a_float(learner):
            """The result is a float."""
            expect_equal(type(learner.call("twice", 1.0)).__name__, "float")
        ''',
}
