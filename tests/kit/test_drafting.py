"""`grader misconception from` drafts an entry whose edit answers as the submission does, and never touches the catalog."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from grader.authoring.drafting import draft_from
from grader.authoring.drafting.candidates import SMALL, Candidate, candidate_of, known_edits, small_changes
from grader.authoring.drafting.entry import entry_text
from grader.authoring.drafting.nearness import near_edits, own_code
from grader.authoring.drafting.transplants import transplants
from grader.authoring.generate import build
from grader.course import Course, load_course
from grader.course.edits import Program, merge, parse
from grader.course.mistakes import NAME_TO_WRITE, TO_WRITE, misconceptions
from grader.errors import CourseError, UsageError
from grader.grading.folder import FolderOptions, grade_folder
from tests.kit.small_catalog import catalog

TinyCourse = Callable[..., Path]
SOLUTION = '''\
"""Scores to weights."""

import torch


class Softmax:
    """Make weights."""

    def forward(self, scores, mask):
        """Weigh."""
        ### BEGIN SOLUTION: Start.
        hidden = scores.masked_fill(mask, -torch.inf)
        powers = torch.exp(hidden - hidden.max())
        for _ in range(2):
            powers = powers * 1.0
        return powers / powers.sum(dim=-1, keepdim=True)
        ### END SOLUTION
'''


def edited(candidate: Candidate) -> str:
    """Return what a candidate's edit really makes of the solution."""
    program = Program(SOLUTION)
    text = merge(program, [change for hunk in parse(candidate.edit) for change in hunk.changes(program)])
    assert text is not None
    return text


def changed(submitted: str) -> list[str]:
    """List the edits from a submission, the smallest first, each as its lines without the marks of position."""
    candidates = sorted(near_edits(SOLUTION, textwrap.dedent(submitted)), key=lambda candidate: candidate.size)
    assert all(ast.dump(ast.parse(edited(each))) == ast.dump(ast.parse(each.text)) for each in candidates)
    return ["\n".join(line for line in each.edit.splitlines() if line[:1] in "+-") for each in candidates]


def test_a_difference_is_written_with_the_names_of_the_solution() -> None:
    """Other names, another layout and other statements leave the expression that differs."""
    edits = changed("""\
        class Softmax:
            def forward(self, s, m):
                h = s.masked_fill(m, -torch.inf)
                p = torch.exp(h - h.max())
                for _ in range(2):
                    p = p * 1.0
                return p / p.sum(dim=0, keepdim=True)
        """)
    assert edits[0] == (
        "-return powers / powers.sum(dim=-1, keepdim=True)\n+return powers / powers.sum(dim=0, keepdim=True)"
    )


def test_differences_inside_of_a_loop_and_together_are_tried() -> None:
    """Two differences give three edits: each by itself, and both together."""
    edits = changed("""\
        class Softmax:
            def forward(self, s, m):
                h = s.masked_fill(m, 0.0)
                p = torch.exp(h - h.max())
                for _ in range(2):
                    p = p * 2.0
                return p / p.sum(dim=-1, keepdim=True)
        """)
    assert "-    powers = powers * 1.0\n+    powers = powers * 2.0" in edits or any(
        edit == "-powers = powers * 1.0\n+powers = powers * 2.0" for edit in edits
    )
    assert any("masked_fill(mask, 0.0)" in edit and "powers * 2.0" in edit for edit in edits)


def test_what_a_function_needs_comes_along() -> None:
    """Imports, helpers, methods and optional arguments of the submission are added where they are used."""
    submitted = """\
        import math as m

        FACTOR = 3

        def helper(x):
            return m.sqrt(x) * FACTOR

        class Softmax:
            def other(self, x):
                return helper(x)

            def forward(self, s, mask, power=2):
                return self.other(s) ** power
        """
    candidates = list(near_edits(SOLUTION, textwrap.dedent(submitted)))
    whole = next(each for each in candidates if each.is_own_code)
    text = edited(whole)
    for part in (
        "import math as m",
        "FACTOR = 3",
        "def helper",
        "def other",
        "power = 2",
        "self.other(scores) ** power",
    ):
        assert part in text
    assert text.index("import math") < text.index("FACTOR") < text.index("def helper") < text.index("class Softmax")


def test_a_single_operation_of_another_style_is_put_into_the_solution() -> None:
    """A clamp, a rounding and a constant are tried on the solution's expressions; what may do more runs in a sandbox."""
    theirs = """\
        import os

        def forward(a, b):
            c = torch.clamp(a, min=-10.0, max=10.0)
            os.remove(c, 3)
            return int(c) ** 99
        """
    candidates = list(transplants(SOLUTION, textwrap.dedent(theirs)))
    by_line = {line[1:].strip(): each for each in candidates for line in each.edit.splitlines() if line[:1] == "+"}
    clamped = "powers = torch.exp(torch.clamp(hidden - hidden.max(), min=-10.0, max=10.0))"
    assert by_line[clamped].is_ours
    assert by_line["for _ in range(int(2)):"].is_ours
    assert by_line["powers = powers * 3"].is_ours
    risky = [each for each in candidates if "os.remove" in each.text or "** 99" in each.text]
    assert risky
    assert not any(each.is_ours for each in risky)


@pytest.mark.parametrize("submitted", ["", "def (", "x = 1\n", "class Softmax:\n    forward = None\n", "\x00"])
def test_nothing_near_is_no_error(submitted: str) -> None:
    """A submission that isn't Python, or has none of the functions, gives no edits."""
    assert list(near_edits(SOLUTION, submitted)) == []
    assert all(each.is_ours for each in transplants(SOLUTION, submitted))


def test_the_whole_submission_is_the_last_resort() -> None:
    """It is an edit, too, and marked as one that isn't small."""
    candidate = own_code(SOLUTION, "class Softmax:\n    def forward(self, *args):\n        return args\n")
    assert candidate is not None
    assert not candidate.is_small
    assert candidate.is_own_code
    assert "return args" in edited(candidate)


def test_small_changes_are_edits_of_the_learner_s_part() -> None:
    """Each small change is an edit that makes exactly this change, in few lines, and none is the solution."""
    candidates = list(small_changes(SOLUTION))
    assert len(candidates) > 20
    assert len({candidate.text for candidate in candidates}) == len(candidates)
    for candidate in candidates:
        assert ast.dump(ast.parse(edited(candidate))) == ast.dump(ast.parse(candidate.text))
        assert candidate.size[0] <= SMALL
    assert candidate_of(SOLUTION, SOLUTION.replace("powers", "powers  ")) is None


def test_stock_mistakes_and_families_keep_their_names(course: Course) -> None:
    """A stock mistake is proposed by its name, and a family's entry with the family's."""
    solution = (course.solutions / "layer_norm.py").read_text(encoding="utf-8")
    stock = [candidate.entry for candidate in known_edits(course, "layer_norm", solution)]
    assert {"stock": "keepdim_forgotten"} in stock
    solution = (course.solutions / "self_attention.py").read_text(encoding="utf-8")
    assert all(
        {"stock", "family"} & candidate.entry.keys() for candidate in known_edits(course, "self_attention", solution)
    )


def test_an_entry_is_yaml_whatever_is_in_it() -> None:
    """Edits, comments and code come out of the YAML as they went in."""
    candidate = candidate_of(SOLUTION, SOLUTION.replace("keepdim=True", "keepdim=False"))
    assert candidate is not None
    text = entry_text(candidate, "test_a", ["From: ann # {x}" * 20], "")
    entry = yaml.safe_load(text)[NAME_TO_WRITE]
    assert entry["edit"] == candidate.edit
    assert entry["did"].startswith(TO_WRITE)
    assert max(map(len, text.splitlines())) <= 110
    without = entry_text(None, "test_a", [], "def f():\n\n    return '# '\n")
    assert yaml.safe_load(without) == {
        NAME_TO_WRITE: {
            field: yaml.safe_load(without)[NAME_TO_WRITE][field] for field in ("did", "why", "hint", "check")
        }
    }
    assert "  #     return '# '" in without
    stock = yaml.safe_load(entry_text(Candidate("", "", {"stock": "cuts_graph", "at": "f"}), "test_a", [], ""))
    assert stock == {NAME_TO_WRITE: {"stock": "cuts_graph", "at": "f", "check": "test_a"}}


def submitted(folder: Path, program: str) -> Path:
    """Write a submission's `double`."""
    (folder / "ann").mkdir(exist_ok=True)
    (folder / "ann" / "double.py").write_text(program, encoding="utf-8")
    return folder / "ann"


THREE = "def double(number):\n    factor = 3\n    result = number * factor\n    return result\n"


def test_a_draft_becomes_an_entry_that_names_the_mistake(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """The drafted entry is refused until it is finished, and then the mistake has its name in every style."""
    file = tiny_course(**catalog("adds_one"))
    course = load_course(file)
    build(course)
    path = submitted(tmp_path, THREE)
    out = tmp_path / "draft.yaml"
    before = (course.solutions / "misconceptions" / "double.yaml").read_bytes()
    draft = draft_from(course, path, None, out, lambda line: None)
    assert out.read_text(encoding="utf-8") == draft.text
    catalog_file = course.solutions / "misconceptions" / "double.yaml"
    assert catalog_file.read_bytes() == before
    entry = yaml.safe_load(draft.text)[NAME_TO_WRITE]
    assert entry["check"] == "test_double_three"
    assert "grader build double && grader matrix double" in draft.sentences[-1]
    with pytest.raises(UsageError, match="exists already"):
        draft_from(course, path, None, out, lambda line: None)
    # An unfinished draft is refused with its line: the sentences first, then the name.
    catalog_file.write_bytes(before + draft.text.encode())
    with pytest.raises(
        CourseError, match=r"line \d+, name_this_mistake.did: this entry is a draft; write what the learner"
    ):
        misconceptions(course, "double")
    finished = draft.text.replace(TO_WRITE, "You err:")
    catalog_file.write_bytes(before + finished.encode())
    with pytest.raises(CourseError, match="this entry is a draft; give it a name"):
        misconceptions(course, "double")
    catalog_file.write_bytes(before + finished.replace(NAME_TO_WRITE, "three_times").encode())
    build(course)
    graded = grade_folder(tmp_path / "ann", course, None, FolderOptions(jobs=1)).results.submissions[0]
    names = {m.name for check in graded.exercises["double"].checks for m in check.mistakes}
    assert names == {"three_times"}
    assert not graded.exercises["double"].behavior
    with pytest.raises(UsageError, match="it is known: three_times"):
        draft_from(course, path, None, None, lambda line: None)


def test_what_cannot_be_drafted_is_a_sentence(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """A right submission, an empty one, and one without the exercise asked for are refused."""
    course = load_course(tiny_course())
    path = submitted(tmp_path, "def double(x):\n    return 2 * x\n")
    with pytest.raises(UsageError, match="No check of double fails without a name"):
        draft_from(course, path, None, None, lambda line: None)
    with pytest.raises(UsageError, match="no module or notebook for `twice`"):
        draft_from(course, path, "twice", None, lambda line: None)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="nothing that can be graded"):
        draft_from(course, tmp_path / "empty", None, None, lambda line: None)


def test_without_recorded_cases_the_draft_has_the_code(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """If no answers can be compared, the draft says so, and the submission's code is a comment."""
    course = load_course(tiny_course())
    draft = draft_from(course, submitted(tmp_path, THREE), "double", None, lambda line: None)
    assert "no edit could be compared" in draft.sentences[0]
    assert "  #     factor = 3" in draft.text
    assert "edit" not in yaml.safe_load(draft.text)[NAME_TO_WRITE]
