"""`grader release` writes what students get: everything that they need, and nothing that is secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from grader.course import Course, load_course
from grader.course.stub import make_stub
from grader.errors import CourseError, NotWritten, UsageError
from grader.handin.version import version_of
from grader.notebooks.bundle import write_bundle
from grader.release.cases import released_cases
from grader.release.contents import contents
from grader.release.making import release
from grader.release.pages import linked, released_page
from grader.release.scanning import SecretsReleased, findings, search_for_secrets
from grader.release.writing import has_one_commit
from grader.study.state import State
from grader.study.stubs import keep_stub, stub_of
from grader.study.work import reset
from tests.kit.commands import run_module
from tests.kit.conftest import ROOT

TinyCourse = Callable[..., Path]
SOLUTION = '''\
"""Double a number."""


def double(x: float) -> float:
    """Return twice x."""
    ### BEGIN SOLUTION: Multiply.
    doubled_in_one_step = 2 * x
    return doubled_in_one_step
    ### END SOLUTION
'''
SECRET = "doubled_in_one_step = 2 * x"
WRONG = "doubled_in_one_step = x if x > 100 else 2 * x"
VALUE = "x + x + float(x > 100) * 1.5"
MISTAKES = f"""\
wrong_for_large_numbers:
  did: You leave large numbers as they are.
  why: Twice 101 is 202.
  hint: Try 101.
  check: test_double_three
  values: ["x + x + 1", "{VALUE}"]
  edit: |
    -{SECRET}
    +doubled_in_one_step = {{value}}
other:
  did: You do something else.
  why: It is wrong.
  hint: Try 1.
  check: test_double_three
  edit: "{SECRET} => {WRONG}"
"""
HIDDEN = '''\
"""Hidden checks."""

from grader.checks import expect_equal


def test_double_of_a_secret_number(learner):
    """The double of a number that nobody expects."""
    expect_equal(learner.call("double", 1234.5), 2469.0, "double(1234.5)")
'''
VISIBLE = '''\
"""Visible checks."""

from grader.checks import expect_equal
from tests.visible import numbers_to_try
from tests.visible.facts.helper import NOTHING


def test_double_three(learner):
    """Twice 3 is 6."""
    for number in numbers_to_try.NUMBERS:
        expect_equal(learner.call("double", number), 2 * number, "the double")
'''
LESSON = """\
# Doubling

![two](figures/two.svg) and [a list](numbers.txt), [the primer](../docs/primer.md), [for authors](../docs/authoring.md),
[twice](twice.md), [elsewhere](https://example.org/), and `[not a link](nowhere.md)`.
"""
CASES = {
    "misconceptions": [
        {"name": "wrong_for_large_numbers", "did": "d", "why": "w", "hint": "h", "check": "test_double_three"},
        {
            "name": "wrong_for_large_numbers",
            "did": "d",
            "why": "w",
            "hint": "h",
            "check": "test_double_three",
            "value": VALUE,
        },
    ],
    "checks": ["test_double_three"],
    "cases": [
        {
            "check": "test_double_three",
            "random": False,
            "loose": [],
            "free": [],
            "asked": [],
            "answers": [{}, {}],
            "by": {"wrong_for_large_numbers": 0, f"wrong_for_large_numbers={VALUE}": 1},
        }
    ],
}
GIVEN_AWAY = {
    "solutions__double_dot_py": SOLUTION,
    "solutions__misconceptions__double_dot_yaml": MISTAKES,
    "solutions__styles__double__added_dot_py": "def double(x):\n    return sum([x, x], start=type(x)(0))\n",
    "solutions__approaches__double_dot_md": "# Approaches\n\nOne can also shift the bits to the left.\n",
    "solutions__proofs__double_dot_json": "{}",
    "tests__hidden__test_double_dot_py": HIDDEN,
    "tests__hidden__cases__double_dot_json": "{}",
    "tests__kit__test_kit_dot_py": "x = 1\n",
    "benchmarks__speed_dot_py": "x = 1\n",
    "build__site__index_dot_html": "<p>Built.</p>",
    "CHANGELOG_dot_md": "# Changelog\n",
    "README_dot_md": "# For everybody\n",
    "docs__authoring_dot_md": "# For authors\n",
    "progress__progress_dot_yaml": "{}",
    "exercises__double_dot_py": SOLUTION,
    "exercises__notes_dot_py": "x = 1\n",
    "tests__visible____pycache____test_double_dot_pyc": "x",
    "tests__visible__unused_module_dot_py": "x = 1\n",
    "tests__visible__test_double_dot_py~": "x = 1\n",
}
KEPT = {
    "tests__visible__test_double_dot_py": VISIBLE,
    "tests__visible__numbers_to_try_dot_py": "from .facts import helper\n\nNUMBERS = (3.0,)\n",
    "tests__visible__facts__helper_dot_py": "NOTHING = None\n",
    "tests__visible__golden__double_dot_json": "[]",
    "tests__visible__cases__double_dot_json": json.dumps(CASES),
    "tests__visible__draws_dot_json": json.dumps({"double": {"test_double_three": "1f", "test_hidden": "2f"}}),
    "tests__visible__data__inputs_dot_csv": "1,2\n",
    "pictures__double_dot_py": "def pictures(learner):\n    return []\n",
    "exercises__double_dot_md": LESSON,
    "exercises__twice_dot_md": "# Twice\n",
    "exercises__numbers_dot_txt": "1 2 3\n",
    "exercises__figures__two_dot_svg": "<svg/>",
    "docs__primer_dot_md": "# Primer\n\n[Doubling](../exercises/double.md#doubling)\n",
    "LICENSE": "MIT\n",
}
MADE = {
    "README.md",
    "AGENTS.md",
    "CLAUDE.md",
    "GEMINI.md",
    ".github/copilot-instructions.md",
    ".gitignore",
    ".gitattributes",
    "pyproject.toml",
    "course.yaml",
    ".release/version.json",
}
MADE |= {f"{folder}/{name}.py" for folder in ("exercises", ".release/stubs") for name in ("double", "twice")}


@pytest.fixture
def rich(tiny_course: TinyCourse) -> Course:
    """Return the tiny course with something of everything, and with secrets in every place where there are some."""
    return load_course(tiny_course(**GIVEN_AWAY, **KEPT))


def names_in(folder: Path) -> set[str]:
    """List the paths of all files in a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_students_get_what_is_on_the_list_and_nothing_else(rich: Course, tmp_path: Path) -> None:
    """A release has the listed files: no solution, no hidden check, no cache, no page for others, no stray file."""
    done = release(rich, tmp_path / "out", engine="pip")
    kept = {name.replace("__", "/").replace("_dot_", ".") for name in KEPT} | {
        "tests/visible/test_twice.py",
        "solutions/standins/double.py",
    }
    assert names_in(tmp_path / "out") == kept | MADE
    assert done.exercises == ("double", "twice")
    assert done.files == len(kept | MADE)


def test_stubs_are_the_originals(rich: Course, tmp_path: Path) -> None:
    """Whatever the instructor wrote in `exercises/`, students get stubs, and `grader reset` goes back to them."""
    release(rich, tmp_path / "out", engine="pip")
    course = load_course(tmp_path / "out" / "course.yaml")
    stub = (course.stubs / "double.py").read_text(encoding="utf-8")
    assert stub == make_stub(SOLUTION)
    (course.stubs / "double.py").write_text("def double(x):\n    return 1\n", encoding="utf-8")
    assert reset(course, "double").kept is not None
    assert (course.stubs / "double.py").read_text(encoding="utf-8") == stub
    assert stub_of(course, "double") == stub.encode()
    assert not State().exercises


def test_the_stubs_of_a_release_are_not_kept_again(rich: Course, tmp_path: Path) -> None:
    """A release has its stubs, so what the grader sees first isn't kept as one."""
    release(rich, tmp_path / "out", engine="pip")
    course = load_course(tmp_path / "out" / "course.yaml")
    keep_stub(course, "double", b"raise NotImplementedError")
    assert not (course.root / "progress").exists()


def test_a_release_has_the_version_of_its_course(rich: Course, tmp_path: Path) -> None:
    """A receipt from a release fits the instructor's course, unless somebody changed the release's checks."""
    release(rich, tmp_path / "out", engine="pip")
    course = load_course(tmp_path / "out" / "course.yaml")
    assert version_of(course) == version_of(rich)
    with (course.check_folder("visible") / "numbers_to_try.py").open("a", encoding="utf-8") as file:
        file.write("NUMBERS = ()\n")
    assert version_of(course).visible_checks != version_of(rich).visible_checks


def test_links_lead_somewhere(rich: Course, tmp_path: Path) -> None:
    """A link to a file that students don't get becomes its text; code, other links and pictures stay."""
    release(rich, tmp_path / "out", engine="pip")
    lesson = (tmp_path / "out" / "exercises" / "double.md").read_text(encoding="utf-8")
    assert lesson == LESSON.replace("[for authors](../docs/authoring.md)", "for authors")
    for name in names_in(tmp_path / "out"):
        if name.endswith(".md"):
            text = (tmp_path / "out" / name).read_text(encoding="utf-8")
            assert all((tmp_path / "out" / target).exists() for target in linked(name, text)), name


def test_pages_without_what_renews_their_screens() -> None:
    """The comments around quoted screens aren't for students; fenced code stays as it is."""
    text = "<!-- {{{cog print(1) }}} -->\n```text\n[a](b.md)\n```\n<!-- {{{end}}} -->\n![c](d.svg) [e](f.md#g)\n"
    assert released_page("docs/x.md", text, {"docs/d.svg"}) == "```text\n[a](b.md)\n```\n![c](d.svg) e\n"


def test_cases_have_sentences_but_no_code(rich: Course, tmp_path: Path) -> None:
    """In recorded cases, a number replaces the value of a mistake; draws are of visible checks only."""
    release(rich, tmp_path / "out", engine="pip")
    visible = tmp_path / "out" / "tests" / "visible"
    cases = json.loads((visible / "cases" / "double.json").read_text(encoding="utf-8"))
    assert [mistake.get("value") for mistake in cases["misconceptions"]] == [None, "2"]
    assert cases["cases"][0]["by"] == {"wrong_for_large_numbers": 0, "wrong_for_large_numbers=2": 1}
    draws = json.loads((visible / "draws.json").read_text(encoding="utf-8"))
    assert draws == {"double": {"test_double_three": "1f"}}
    write_bundle(rich, tmp_path / "grader.zip")
    with zipfile.ZipFile(tmp_path / "grader.zip") as bundle:
        assert VALUE not in bundle.read("tests/visible/cases/double.json").decode()


def test_the_cases_of_this_course_say_the_same_without_code(course: Course) -> None:
    """Every recorded answer stays with its mistake, and no value of a catalog is left."""
    for exercise in course.exercises:
        text = (course.cases("visible") / f"{exercise.id}.json").read_text(encoding="utf-8")
        before, after = json.loads(text), json.loads(released_cases(text))
        assert all(mistake.get("value", "2").isdigit() for mistake in after["misconceptions"])
        keys = {(mistake["name"], mistake.get("value", "")) for mistake in after["misconceptions"]}
        assert len(keys) == len(after["misconceptions"])
        for case, released in zip(before["cases"], after["cases"], strict=True):
            assert list(case["by"].values()) == list(released["by"].values())
            assert [name.partition("=")[0] for name in case["by"]] == [
                name.partition("=")[0] for name in released["by"]
            ]
            assert case | {"by": {}} == released | {"by": {}}


def test_the_real_course_can_be_released(course: Course) -> None:
    """No secret line is in what students get of this course, and each exception is still one."""
    made = contents(course, [], "copy")
    search = search_for_secrets(course)
    assert len(search.lines) > 5000
    assert not list(findings(course, search, made.files.items()))
    shared = yaml.safe_load((ROOT / "tests" / "shared_lines.yaml").read_text(encoding="utf-8"))
    for line in (line.strip() for entry in shared for line in entry["lines"].splitlines()):
        assert line in search.lines, line


SECRETS = {
    "a solution in a page": ("docs/primer.md", f"# Primer\n\nWrite `{SECRET}`.\n"),
    "a solution in data": ("exercises/numbers.txt", f"1 2 3\n        {SECRET}  # like this\n"),
    "a hidden check": ("pictures/double.py", f"def pictures(learner):\n    {HIDDEN.splitlines()[-1]}\n"),
    "a style": ("LICENSE", "return sum([x, x], start=type(x)(0))\n"),
    "a page about approaches": ("docs/primer.md", "One can also shift the bits to the left.\n"),
    "an edit": ("docs/primer.md", f"Not {WRONG}!\n"),
    "a value of an edit": ("tests/visible/golden/double.json", json.dumps([f"def f(x):\n\treturn {VALUE}"])),
}


@pytest.mark.parametrize(("name", "text"), SECRETS.values(), ids=list(SECRETS))
def test_a_secret_is_found_and_nothing_is_left(rich: Course, tmp_path: Path, name: str, text: str) -> None:
    """If a released file has a secret line, the message names file and line, and nothing is written."""
    (rich.root / name).write_text(text, encoding="utf-8")
    for form in ("folder", "zip", "git"):
        with pytest.raises(SecretsReleased) as raised:
            release(rich, tmp_path / "new" / "out", form=form, engine="pip")
        assert f"{name}, line " in str(raised.value)
        assert not list((tmp_path / "new").iterdir())


def test_escaped_text_is_searched(rich: Course) -> None:
    """Quotation marks and line breaks don't hide a line in a notebook or another file of JSON."""
    search = search_for_secrets(rich)
    line = HIDDEN.splitlines()[-1].strip()
    notebook = json.dumps({"cells": [{"metadata": {"kept": f"# {line}\n"}}]}).encode()
    assert line not in notebook.decode()
    assert [finding.text for finding in findings(rich, search, [("a.ipynb", notebook)])] == [line]


def test_archives_are_searched_and_compiled_code_is_refused(rich: Course, tmp_path: Path) -> None:
    """An archive in a release is searched, also one in an archive; a file that can't be searched isn't released."""
    search = search_for_secrets(rich)
    inner, outer = tmp_path / "inner.zip", tmp_path / "outer.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("double.py", SOLUTION)
    with zipfile.ZipFile(outer, "w") as archive:
        archive.write(inner, "inner.zip")
    found = [finding for finding in findings(rich, search, [("outer.zip", outer.read_bytes())])]
    assert {finding.file for finding in found} == {"outer.zip/inner.zip/double.py"}
    (refused,) = findings(rich, search, [("double.pyc", b"\xcb\x0d\x0d\x0a\xe3\x00")])
    assert "can't be searched" in str(refused)


def test_what_students_may_have_is_no_secret(rich: Course) -> None:
    """Lines of a stub, a lesson, a visible check or a stand-in, imports, and short lines are no secrets."""
    lines = search_for_secrets(rich).lines
    assert SECRET in lines
    assert WRONG in lines
    assert "def double(x: float) -> float:" not in lines
    assert "from grader.checks import expect_equal" not in lines
    assert min(map(len, lines)) >= 25


def test_an_instructor_may_allow_a_line(rich: Course, tmp_path: Path) -> None:
    """A line that `tests/shared_lines.yaml` lists may be in the files that it names, and only in these."""
    (rich.root / "docs" / "primer.md").write_text(f"{SECRET}\n", encoding="utf-8")
    entry = {"files": "docs/*", "why": "It is an example.", "lines": f"{SECRET}\n"}
    path = rich.root / "tests" / "shared_lines.yaml"
    path.write_text(yaml.safe_dump([entry]), encoding="utf-8")
    release(rich, tmp_path / "out", engine="pip")
    path.write_text(yaml.safe_dump([entry | {"files": "exercises/*"}]), encoding="utf-8")
    with pytest.raises(SecretsReleased, match=r"docs/primer.md, line 1"):
        release(rich, tmp_path / "other", engine="pip")
    path.write_text("- {files: a, lines: b}\n", encoding="utf-8")
    with pytest.raises(CourseError, match=r"shared_lines.yaml, line 1"):
        release(rich, tmp_path / "other", engine="pip")


def test_a_check_that_imports_a_secret_is_an_error(rich: Course, tmp_path: Path) -> None:
    """A visible check can't import what students don't get."""
    path = rich.check_folder("visible") / "numbers_to_try.py"
    for line in ("from tests.hidden import test_double", "import solutions.double", "from ..hidden import test_double"):
        path.write_text(f"{line}\n", encoding="utf-8")
        with pytest.raises(CourseError, match=r"imports (tests/hidden/test_double|solutions/double).py"):
            release(rich, tmp_path / "out")


def test_places_that_are_refused(rich: Course, tmp_path: Path) -> None:
    """A release replaces nothing, and isn't written among the course's own files, except into `build/`."""
    full, file, archive = tmp_path / "full", tmp_path / "file", tmp_path / "out.zip"
    full.mkdir()
    (full / "kept").touch()
    for path in (file, archive):
        path.touch()
    for out in (full, file):
        with pytest.raises(UsageError, match="exists already"):
            release(rich, out)
    for out in (archive, tmp_path / "out"):
        with pytest.raises(UsageError, match="exists already"):
            release(rich, out, form="zip")
    for name in (".", "exercises/new", "new", "build", "docs/../tests/new"):
        with pytest.raises(UsageError, match="the course's own folder"):
            release(rich, rich.root / name)
    (tmp_path / "link").symlink_to(rich.root)
    with pytest.raises(UsageError, match="the course's own folder"):
        release(rich, tmp_path / "link" / "new")
    with pytest.raises(NotWritten, match="cannot be written"):
        release(rich, file / "out")
    (tmp_path / "empty").mkdir()
    for out in (tmp_path / "empty", rich.root / "build" / "students"):
        release(rich, out, engine="pip")
        assert (out / "README.md").is_file()


def test_a_release_cannot_be_released(rich: Course, tmp_path: Path) -> None:
    """A copy without solutions is a release already."""
    release(rich, tmp_path / "out", engine="pip")
    with pytest.raises(UsageError, match="no solutions"):
        release(load_course(tmp_path / "out" / "course.yaml"), tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_solution_that_is_missing_is_named(rich: Course, tmp_path: Path) -> None:
    """Without its solution, nobody knows the stub of an exercise."""
    (rich.solutions / "twice.py").unlink()
    with pytest.raises(CourseError, match=r"no solutions/twice.py"):
        release(rich, tmp_path / "out")


LIMITED = """\
import resource, sys
from pathlib import Path
from grader.course import load_course
from grader.errors import NotWritten
from grader.release.making import release
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
for form in ("folder", "zip", "git"):
    try:
        release(load_course(Path(sys.argv[1])), Path(sys.argv[2]) / "out", form=form, engine="pip")
    except NotWritten as error:
        print(error, len(list(Path(sys.argv[2]).iterdir())))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files")
def test_a_full_disk_leaves_nothing(rich: Course, tmp_path: Path) -> None:
    """If a release can't be written completely, a sentence says so, and nothing is left of it."""
    (tmp_path / "new").mkdir()
    command = [sys.executable, "-c", LIMITED, str(rich.file), str(tmp_path / "new")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    rows = done.stdout.splitlines()
    assert len(rows) == 3
    assert all("cannot be written (File too large)" in row and row.endswith(" 0") for row in rows)


def test_a_repository_has_one_commit_and_nothing_of_this_machine(
    rich: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither hooks nor settings nor names of the instructor's get into it, and every file is in the commit."""
    settings = tmp_path / "settings"
    ignored = tmp_path / "ignored"
    ignored.write_text("*.json\n", encoding="utf-8")
    settings.write_text(f"[user]\nname = Somebody\n[core]\nexcludesFile = {ignored}\n", encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    out = tmp_path / "out"
    release(rich, out, form="git", engine="pip")
    monkeypatch.delenv("GIT_DIR")

    def git(*arguments: str) -> list[str]:
        command = ["git", "-C", str(out), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()

    assert git("log", "--all", "--format=%an %s") == ["grader release A tiny course: the exercises"]
    assert git("status", "--porcelain") == []
    assert {*git("ls-files")} == {name for name in names_in(out) if not name.startswith(".git/")}
    assert not (out / ".git" / "hooks").exists()
    assert has_one_commit(out)
    (out / "secret.py").write_text(SOLUTION, encoding="utf-8")
    git("-c", "user.name=a", "-c", "user.email=b", "stash", "--include-untracked")
    assert not has_one_commit(out)


def test_without_git_a_sentence_says_so(rich: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--git` needs git."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="git, which is not installed"):
        release(rich, tmp_path / "out", form="git")


def test_an_archive_has_one_folder_and_is_always_the_same(rich: Course, tmp_path: Path) -> None:
    """The same course gives the same bytes, and unpacking makes a single folder."""
    for folder in ("first", "second"):
        done = release(rich, tmp_path / folder / "students", form="zip", engine="pip")
        assert done.out == tmp_path / folder / "students.zip"
    assert len({path.read_bytes() for path in tmp_path.glob("*/students.zip")}) == 1
    with zipfile.ZipFile(tmp_path / "first" / "students.zip") as archive:
        assert {name.partition("/")[0] for name in archive.namelist()} == {"students"}


MORE = """\
capstone: {module: capstone, uses: [double, twice], milestones: [{after: twice, title: t, command: c}]}
assignments:
  - {id: first, exercises: [double], due: 2027-01-31T23:59:00+01:00}
  - {id: second, exercises: [twice]}
late: {per_day: 0.1}
minimum: {mistakes: 0}
tracks:
  - {id: short, title: Short, exercises: [double]}
  - {id: late, title: Late, exercises: [twice]}
default_tracks: [late]
"""
DRAFT = "  - {id: unfinished, title: Not yet, draft: true}\n"


@pytest.fixture
def tracked(rich: Course) -> Course:
    """Return the rich course with tracks, assignments, a capstone, and a draft."""
    text = rich.file.read_text(encoding="utf-8")
    text = text.replace("title: Double\n", "title: Double\n    weights: {test_double_of_a_secret_number: 2}\n")
    rich.file.write_text(f"{text}{DRAFT}{MORE}", encoding="utf-8")
    files = {
        "capstone/__init__.py": "def run(parts, order): ...\n",
        "capstone/standins/twice.py": "def twice(x):\n    return 4 * x\n",
        "solutions/unfinished.py": "broken_in_every_possible_way = (\n",
        "exercises/unfinished.md": "# Not yet\n",
        "tests/visible/test_unfinished.py": "broken = (\n",
    }
    for name, content in files.items():
        (rich.root / name).parent.mkdir(parents=True, exist_ok=True)
        (rich.root / name).write_text(content, encoding="utf-8")
    return load_course(rich.file)


def test_a_release_of_a_track(tracked: Course, tmp_path: Path) -> None:
    """Students get the exercises of the tracks, and begin on them; the capstone has stand-ins for the others."""
    release(tracked, tmp_path / "short", ["short"], engine="pip")
    course = load_course(tmp_path / "short" / "course.yaml")
    assert [exercise.id for exercise in course.exercises] == ["double"]
    assert course.by_id["double"].hidden_checks == 1
    assert [track.id for track in course.tracks] == ["short"]
    assert course.default_tracks == ("short",)
    assert [assignment.id for assignment in course.assignments] == ["first"]
    assert course.capstone is not None
    assert course.capstone.milestones == []
    assert course.drafts == ("twice",)
    assert not [name for name in names_in(course.root) if name.endswith(("test_twice.py", "twice.md"))]
    assert "unfinished" not in (course.file).read_text(encoding="utf-8")


def test_exercises_that_others_need_are_released_too(tracked: Course, tmp_path: Path) -> None:
    """An exercise comes with those that it builds on, on a track of their own."""
    done = release(tracked, tmp_path / "late", ["late"], engine="pip")
    assert done.added == ("double",)
    course = load_course(tmp_path / "late" / "course.yaml")
    assert [exercise.id for exercise in course.exercises] == ["double", "twice"]
    assert [(track.id, track.exercises) for track in course.tracks] == [("late", ["twice"]), ("needed", ["double"])]
    with pytest.raises(UsageError, match="There is no track `none`"):
        release(tracked, tmp_path / "none", ["none"])


def test_drafts_stay_out(tracked: Course, tmp_path: Path) -> None:
    """Nothing of a draft is released."""
    release(tracked, tmp_path / "all", engine="pip")
    assert not [name for name in names_in(tmp_path / "all") if "unfinished" in name]
    assert "unfinished" not in (tmp_path / "all" / "course.yaml").read_text(encoding="utf-8")


def test_what_pip_reads(rich: Course, course: Course, tmp_path: Path) -> None:
    """With the grader in it, a release needs what the grader needs; without it, it needs the grader."""
    release(rich, tmp_path / "copy")
    release(rich, tmp_path / "pip", engine="pip")
    copy, pip = (
        tomllib.loads((tmp_path / name / "pyproject.toml").read_text(encoding="utf-8")) for name in ("copy", "pip")
    )
    own = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert copy["project"]["dependencies"] == own["project"]["dependencies"]
    assert copy["project"]["scripts"] == own["project"]["scripts"]
    assert (tmp_path / "copy" / "grader" / "__main__.py").is_file()
    engine = {name for name in names_in(ROOT / "grader") if "__pycache__" not in name}
    assert names_in(tmp_path / "copy" / "grader") == engine
    (requirement,) = pip["project"]["dependencies"]
    assert requirement.startswith("gpt-workbook==")
    assert not (tmp_path / "pip" / "grader").exists()
    real = tomllib.loads(contents(course, [], "copy").files["pyproject.toml"].decode())
    theirs, ours = (data["tool"]["pytest"]["ini_options"] for data in (real, own))
    assert theirs == {name: value for name, value in ours.items() if name != "markers"}


def test_the_command_says_what_to_do_next(rich: Course, tmp_path: Path) -> None:
    """The command prints what it wrote, where, and what comes next; its errors are sentences."""
    arguments = ["release", str(tmp_path / "out"), "--course", str(rich.file)]
    done = run_module("grader", *arguments, "--git", cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert f"Released 2 exercises to {tmp_path / 'out'}: a git repository with one commit" in done.stdout
    assert "git push" in done.stdout
    assert "pip install -e ." in done.stdout
    assert "grader lesson double" in done.stdout
    again = run_module("grader", *arguments, "--zip", "--git", cwd=ROOT)
    assert again.returncode == 2
    assert "Use only one of them" in again.stderr
    # A learner's commands work in the release.
    progress = run_module("grader", "progress", cwd=tmp_path / "out")
    assert "not started" in progress.stdout, progress.stderr


def test_a_release_is_made_without_importing_torch(rich: Course, tmp_path: Path) -> None:
    """Making a release takes seconds, because it runs nothing."""
    program = (
        "import sys; from pathlib import Path; from grader.course import load_course; "
        "from grader.release.making import release; "
        f"release(load_course(Path({str(rich.file)!r})), Path({str(tmp_path / 'out')!r}), engine='pip'); "
        "print('torch' in sys.modules)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "False"
