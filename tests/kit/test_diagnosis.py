"""Mistakes get their names by value, shape, exception, gradient, sequence and chance, singly and in pairs."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from benchmarks.diagnosis import release
from grader.authoring.generate import build, stale_files
from grader.authoring.matrix import alone
from grader.checks.runner import Runner
from grader.checks.under_test import SubmissionUnderTest
from grader.course import Course, load_course
from grader.course.mistakes import (
    Misconception,
    apply,
    misconception,
    misconceptions,
    right_answers,
    with_misconception,
)
from grader.diagnosis import case_from_json, case_to_json, load
from grader.diagnosis.answers import agree, answers_of, condensed, spread, without_constants
from grader.diagnosis.cases import ask_often
from grader.diagnosis.leaves import leaf_from_json, leaf_to_json
from grader.diagnosis.measure import Measures
from grader.failures.as_text import explained
from grader.grading.run import grade
from grader.port import InProcess, Port, Workspace
from tests.kit.commands import run_module

ROOT = Path(__file__).resolve().parents[2]

SECONDS = 60.0

CATALOGUE = """\
    tripled:
      did: You triple.
      why: Twice is not three times.
      hint: Count.
      check: test_double_three
      edit: |
        -return 2 * x
        +return 3 * x
    rounded:
      did: You round.
      why: A number need not be whole.
      hint: Try a half.
      check: test_double_equals_the_reference
      edit: |
        @@
        +x = float(int(x))
         return 2 * x
    """


def learner(tmp_path: Path, text: str, exercise: str) -> InProcess:
    """Use a module as the learner's."""
    path = tmp_path / f"{exercise}.py"
    path.write_text(text, encoding="utf-8")
    return InProcess(Workspace({exercise: path}))


@pytest.fixture
def double(tiny_course: Callable[..., Path]) -> Course:
    """Return a small course with a catalog and recorded cases."""
    course = load_course(tiny_course(solutions__misconceptions__double_dot_yaml=CATALOGUE))
    build(course)
    return course


BODIES = {
    "return 3 * x": {"tripled"},
    "return x + x + x": {"tripled"},
    "return 2.0 * int(x)": {"rounded"},
    "return 3.0 * int(x)": {"tripled", "rounded"},
    "return 4 * x": set(),
    "return x * (3 if x < 50 else 2)": set(),
    "raise ValueError(x)": set(),
    "return None": set(),
}


def test_only_what_agrees_is_named(double: Course) -> None:
    """A mistake is named however it's written, two at once are too, and unknown ones aren't."""
    given = [alone(double, "double", body, f"def double(x):\n    {body}\n") for body in BODIES]
    names = {}
    for result in grade(double, given, sandbox="off"):
        failed = [check for check in result.exercises["double"].checks if check.status == "failed"]
        assert failed, result.id
        names[result.id] = {mistake.name for c in failed for mistake in c.mistakes}
    assert names == BODIES


def test_recorded_cases_are_current_and_come_back_from_their_file(double: Course) -> None:
    """A changed catalog makes the cases out of date; written cases can be read again."""
    assert stale_files(double) == []
    book = load(double.cases("visible") / "double.json")
    assert [mistake.name for mistake in book.misconceptions] == ["tripled", "rounded"]
    assert book.cases
    for case in book.cases:
        again = case_from_json(case_to_json(case))
        assert again.batches == case.batches
        assert again.by == case.by
        assert len(again.answers) == len(case.answers)
        for read, recorded in zip(again.answers, case.answers, strict=True):
            assert agree(read, recorded)
    path = double.solutions / "misconceptions" / "double.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("+return 3 * x", "+return 5 * x"), encoding="utf-8")
    assert {stale.parent.name for stale in stale_files(double)} == {"cases"}


NOISY = """\
    noisy:
      did: You add noise.
      why: Twice x is exactly that.
      hint: Print it.
      check: test_double_three
      edit: |
        -return 2 * x
        +import numpy as np
        +return 2 * x + np.random.default_rng(0).normal()
    fixed:
      did: You add less than nothing.
      why: Twice x is exactly that.
      hint: Print it.
      check: test_double_three
      edit: |
        -return 2 * x
        +import numpy as np
        +return 2 * x - 1 - abs(np.random.RandomState(0).normal() + np.random.default_rng(0).normal()) * 1e-12
    """


def test_what_comes_from_a_seed_is_no_answer(tiny_course: Callable[..., Path]) -> None:
    """How an answer uses its seed is open, so numbers that follow from it say nothing about a mistake."""
    course = load_course(tiny_course(solutions__misconceptions__double_dot_yaml=CATALOGUE.rstrip(" ") + NOISY))
    build(course)
    books = [load(course.cases(visibility) / "double.json") for visibility in ("visible", "hidden")]
    by = [case.by for book in books for case in book.cases]
    assert by
    assert all(case["noisy"] is None for case in by)
    assert not any(case[name] is None for case in by for name in ("tripled", "fixed"))


def test_a_release_without_catalog_and_solutions_names_mistakes_too(course: Course, tmp_path: Path) -> None:
    """A student's own `pytest` names the mistake, from recorded numbers only."""
    student = release(course, tmp_path / "release")
    assert not student.has_solutions
    shutil.copy(ROOT / "pyproject.toml", student.root)
    mistake = misconception(course, "layer_norm", "unbiased_variance")
    (student.stubs / "layer_norm.py").write_text(with_misconception(course, "layer_norm", mistake), encoding="utf-8")
    run = run_module("pytest", "tests/visible/test_layer_norm.py", cwd=student.root)
    assert run.returncode == 1
    assert mistake.did in run.stdout
    assert mistake.why in run.stdout
    assert mistake.hint in run.stdout
    assert len(run.stdout.split("FAILED", 1)[1].split("\n\n")[0].splitlines()) <= 12


SORTS = [
    ("layer_norm", ("eps_outside_the_root",)),
    ("layer_norm", ("plain_tensors",)),
    ("layer_norm", ("mean_detached",)),
    ("layer_norm", ("keepdim_forgotten",)),
    ("layer_norm", ("eps_missing", "shift_subtracted")),
    ("causal_attention", ("dropout_on_the_values",)),
    ("causal_attention", ("dropout_shared_by_the_batch",)),
    ("bpe_tokenizer", ("tie_by_id",)),
    ("bpe_tokenizer", ("unknown_ids_skipped",)),
    ("training_loop", ("gradients_not_cleared",)),
    ("training_loop", ("losses_swapped", "texts_counted_as_tokens")),
]


def test_values_shapes_exceptions_gradients_sequences_and_chance(course: Course) -> None:
    """Each kind of mistake is recognized, and so are two at once."""
    given = []
    for exercise, names in SORTS:
        text = (course.solutions / f"{exercise}.py").read_text(encoding="utf-8")
        mistakes = [misconception(course, exercise, name) for name in names]
        text = apply(text, *mistakes)
        checks = frozenset(mistake.check for mistake in mistakes)
        given.append(dataclasses.replace(alone(course, exercise, " ".join(names), text), checks=checks))
    for (exercise, names), result in zip(SORTS, grade(course, given, trusted=True), strict=True):
        explanations = [explained(c.mistakes) for c in result.exercises[exercise].checks if c.status == "failed"]
        did = {m.name: m.did for m in misconceptions(course, exercise)}
        assert any(all(did[name] in lines for name in names) for lines in explanations), (names, explanations)


@pytest.mark.parametrize(
    ("mean", "variance", "name"),
    [
        ("x.mean(dim=-1)", "x.var(dim=-1, unbiased=False)", "keepdim_forgotten"),
        ("x.mean(dim=-1)", "x.var(dim=-1, keepdim=True, unbiased=False)", "keepdim_forgotten"),
        ("x.mean(dim=-1)", "(x - mean).pow(2).mean(dim=-1)", "keepdim_forgotten"),
        ("x.mean(dim=-1, keepdim=True)", "x.var(dim=-1, unbiased=False)", "keepdim_forgotten_in_the_variance"),
    ],
)
def test_a_forgotten_keepdim_is_named_in_every_form(course: Course, mean: str, variance: str, name: str) -> None:
    """If the mean loses a dimension, `x.var` and the mean of squares give different numbers; both have a name."""
    text = (course.solutions / "layer_norm.py").read_text(encoding="utf-8")
    text = text.replace("centered = x - x.mean(dim=-1, keepdim=True)", f"mean = {mean}\n        centered = x - mean")
    text = text.replace("centered.pow(2).mean(dim=-1, keepdim=True)", variance)
    (result,) = grade(course, [alone(course, "layer_norm", "ann", text)], trusted=True)
    failed = [check for check in result.exercises["layer_norm"].checks if check.status == "failed"]
    assert failed
    assert {mistake.name for check in failed for mistake in check.mistakes} == {name}
    assert all(check.mistakes for check in failed)


@pytest.mark.slow
def test_right_answers_are_right_in_every_case(course: Course) -> None:
    """The cases ask nothing in which correct answers differ: each style answers all of them correctly."""
    for exercise in course.exercises:
        books = [load(course.cases(visibility) / f"{exercise.id}.json") for visibility in ("visible", "hidden")]
        cases = [case for book in books for case in book.cases]
        assert cases
        needed = {needed: course.standins / f"{needed}.py" for needed in course.all_needs(exercise.id)}
        for path in right_answers(course, exercise.id):
            roughly = "float32" in path.stem
            transport = InProcess(Workspace(needed | {exercise.id: path}))
            wrong = set()
            for case in cases:
                answer = ask_often(transport, case, SECONDS)
                answer = None if answer is None else without_constants(answer, case.answers[0])
                if answer is None or not agree(answer, case.answers[0], case.loose, case.free, roughly=roughly):
                    wrong.add(case.check)
            transport.close()
            # A right answer with a source of randomness of its own gives one draw, where others give many.
            assert all("drop" in check for check in wrong), f"{path}: {wrong}"


def test_recorded_leaves_are_written_as_they_were_read(course: Course) -> None:
    """Every leaf in the recorded cases is written again as it was; a value that no leaf is written as is refused."""
    leaves = [
        leaf
        for path in course.root.glob("tests/*/cases/*.json")
        for case in json.loads(path.read_text(encoding="utf-8"))["cases"]
        for answer in case["answers"]
        for position, leaf in answer.items()
        if position != "gone"
    ]
    assert leaves
    assert [leaf for leaf in leaves if repr(leaf_to_json(leaf_from_json(leaf))) != repr(leaf)] == []
    for wrong in ("text", ["list", 3], {"tuple": ["raised"]}, {"tuple": ["unheard of", 1]}, {"dict": []}):
        with pytest.raises(ValueError, match="not a leaf"):
            leaf_from_json(wrong)


def test_draws_are_compared_by_their_distribution() -> None:
    """Two programs with the same dropout agree whatever they draw; other rates and correlated draws don't."""

    def drawn(rate: float, seed: int, tied: bool = False) -> dict[str, object]:
        generator = torch.Generator().manual_seed(seed)
        rows = []
        for _ in range(64):
            kept = torch.rand(1 if tied else 4, 5, generator=generator) >= rate
            rows.append({"x": torch.ones(4, 5) * kept / (1 - rate)})
        return condensed(spread(rows))

    assert agree(drawn(0.5, 1), drawn(0.5, 2))
    assert not agree(drawn(0.5, 1), drawn(0.2, 2))
    assert not agree(drawn(0.5, 1), drawn(0.5, 2, tied=True))


def test_answers_tell_exceptions_and_what_is_missing(tmp_path: Path) -> None:
    """A refusal may be either of the two exceptions; other exceptions, None and missing names are told apart."""

    def answer(text: str) -> dict[str, object]:
        transport = learner(tmp_path, text, "thing")
        port = Port(transport, "thing")
        port.begin()
        with contextlib.suppress(Exception):
            port.call("f", 1)
        transport.close()
        return answers_of(port.exchanges)

    refused = answer("def f(x):\n    raise ValueError('no')\n")
    assert agree(refused, answer("def f(x):\n    assert x > 2\n"))
    assert not agree(refused, answer("def f(x):\n    raise KeyError(x)\n"))
    assert not agree(refused, answer("def g(x):\n    return x\n"))
    assert not agree(answer("def f(x):\n    return 1\n"), answer("def f(x):\n    return 1.0\n"))
    assert answer("def f(x):\n    return None\n") == {}


def test_printed_lines_are_compared_by_their_last_numbers(tmp_path: Path) -> None:
    """The words of a printed line are free, and so are lines without numbers."""

    def answer(*lines: str) -> dict[str, object]:
        text = f"def f():\n    print(*{lines!r}, sep='\\n')\n"
        transport = learner(tmp_path, text, "thing")
        port = Port(transport, "thing")
        port.begin()
        port.printed("f")
        transport.close()
        return answers_of(port.exchanges)

    right = answer("layers.0.weight has gradient mean of 0.25", "layers.1.weight has gradient mean of 1e-05")
    assert agree(right, answer("Gradients", "layers.0.weight: tensor(0.2500)", "(layers.1.weight, +.00001)"))
    assert not agree(right, answer("layers.0.weight 0.25", "layers.1.weight 1e-03"))
    assert not agree(right, answer("layers.0.weight 0.25", "layers.1.weight"))


MULTIPLIED = """\
    multiplied:
      did: You multiply by another number than 2.
      measured: You multiply by {value}, not by 2.
      why: Twice is not three times.
      hint: Count.
      check: test_double_three
      values: ["3.0", "-100.0", "100.0"]
      edit: 2 * x => {value} * x
    """


def test_a_mistake_is_named_with_any_number(tiny_course: Callable[..., Path]) -> None:
    """A number between recorded ones is worked out and said; beyond them, and in another mistake, nothing is named."""
    course = load_course(tiny_course(solutions__misconceptions__double_dot_yaml=MULTIPLIED))
    build(course)
    bodies = ["3.0 * x", "7.25 * x", "x * -0.125", "1000.0 * x", "7.25 * x * x", "7.25 * x + 1.0"]
    given = [alone(course, "double", body, f"def double(x):\n    return {body}\n") for body in bodies]
    sentences = {}
    for result in grade(course, given, sandbox="off"):
        failed = [check for check in result.exercises["double"].checks if check.status == "failed"]
        assert failed, result.id
        sentences[result.id] = {mistake.did for check in failed for mistake in check.mistakes}
    assert sentences == {
        "3.0 * x": {"You multiply by 3, not by 2."},
        "7.25 * x": {"You multiply by 7.25, not by 2."},
        "x * -0.125": {"You multiply by -0.125, not by 2."},
        "1000.0 * x": set(),
        "7.25 * x * x": set(),
        "7.25 * x + 1.0": set(),
    }


TWICE_THE_SAME = """\
    \"\"\"Visible checks.\"\"\"

    from grader.checks import expect_equal


    def test_calls_do_not_influence_each_other(learner):
        \"\"\"The same number gives the same answer each time.\"\"\"
        expect_equal([learner.call("double", 3.0) for _ in range(2)], [6.0, 6.0])


    def test_double_three(learner):
        \"\"\"Twice 3 is 6.\"\"\"
        expect_equal(learner.call("double", 3.0), 6.0)
    """
REMEMBERED = """\
    remembered:
      did: You count the calls.
      why: Twice is twice, however often you ask.
      hint: What's left of the call before?
      check: test_calls_do_not_influence_each_other
      edit: |
        -return 2 * x
        +double.calls = getattr(double, "calls", -1) + 1
        +return 2 * x + double.calls
    """


def test_what_may_explain_a_submission_is_worked_out_once(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many checks fail, numbers are worked out at most twice: with exact comparisons, and with those of float32."""
    made = []
    fitting = Measures._worked_out

    def note(measures: Measures, mistake: Misconception) -> str | None:
        made.append((id(measures), mistake.name))
        return fitting(measures, mistake)

    monkeypatch.setattr(Measures, "_worked_out", note)
    checks = course.by_id["layer_norm"].checks
    with contextlib.closing(SubmissionUnderTest(course)) as under_test, Runner(course, under_test, checks) as runner:
        under_test.load({"layer_norm": ROOT / "tests/kit/outside/fifth/layer_norm/unit_length_rows.py"})
        failed = [check for check in checks if runner.run(check)[0].status == "failed"]
    assert len(failed) > 3
    assert made
    assert len(made) == len(set(made))
    assert len({measures for measures, _ in made}) <= 2


def test_a_mistake_is_named_where_it_shows_only_after_earlier_checks(tiny_course: Callable[..., Path]) -> None:
    """What an earlier check left behind makes a later one fail, whose smallest input alone would be right."""
    course = load_course(
        tiny_course(
            solutions__misconceptions__double_dot_yaml=REMEMBERED, tests__visible__test_double_dot_py=TWICE_THE_SAME
        )
    )
    build(course)
    modules = {
        "counted": "seen = []\ndef double(x):\n    seen.append(x)\n    return x + x + len(seen) - 1\n",
        "counted twice": "seen = []\ndef double(x):\n    seen.extend([x, x])\n    return x + x + len(seen) - 2\n",
    }
    given = [alone(course, "double", name, text) for name, text in modules.items()]
    named = {}
    for result in grade(course, given, sandbox="off"):
        checks = result.exercises["double"].checks
        assert [check.status for check in checks[:2]] == ["failed", "failed"], result.id
        named[result.id] = [{mistake.name for mistake in check.mistakes} for check in checks[:2]]
    assert named == {"counted": [{"remembered"}, {"remembered"}], "counted twice": [set(), set()]}
