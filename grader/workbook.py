"""The object that a notebook's cells call: it runs the visible checks of an exercise on the code run so far.

    workbook = open_workbook("layer_norm", globals())
    workbook.check("test_shape_and_dtype_stay")     # one check: nothing happens, or the cell fails and says why
    workbook.check()                                # all of them, in a summary

The checks see the code that would be graded: the definitions in the cells run so far, put together as a module. Earlier
exercises come from their notebooks in the same folder if these pass their checks, else from stand-ins.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import importlib.util
import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

NEEDED = {"torch": "torch", "hypothesis": "hypothesis", "pytest": "pytest", "msgspec": "msgspec", "yaml": "pyyaml"}
_missing = [package for module, package in NEEDED.items() if importlib.util.find_spec(module) is None]
if _missing:
    raise ImportError(
        f"Some packages that the checks need are not installed. Run this in a cell: %pip install {' '.join(_missing)}"
    )

from grader.checks.outcome import Outcome  # noqa: E402
from grader.checks.runner import Runner, visible  # noqa: E402
from grader.checks.summary import on_a_terminal, over_standins_in_words, summary  # noqa: E402
from grader.checks.under_test import SubmissionUnderTest  # noqa: E402
from grader.course import COURSE_FILE, Check, Course, Exercise, find_course, load_course  # noqa: E402
from grader.failures.as_notebook import Cells, in_red, on_a_page  # noqa: E402
from grader.failures.as_text import message  # noqa: E402
from grader.grading import Cell, NotANotebook, NotebookFile, choose, in_cells, module_of, read_notebook  # noqa: E402
from grader.learner.workspace import Workspace, helpers_in  # noqa: E402

MAX_PRINTED_LINES = 5


class CheckFailed(Exception):
    """A check failed; a notebook shows only the message, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


class Workbook:
    """The checks of one exercise, for its notebook.

    Args:
        course: the course.
        exercise: the exercise.
        history: the source of the cells run so far, in order; it grows.
        folder: the folder of this notebook and of others.
    """

    def __init__(self, course: Course, exercise: Exercise, history: Sequence[str], folder: Path) -> None:
        self.course, self.exercise = course, exercise
        self._history = history
        self._scratch = Path(tempfile.mkdtemp(prefix="workbook-"))
        atexit.register(shutil.rmtree, self._scratch, ignore_errors=True)
        self._learners_modules = {
            name: text for name in course.all_needs(exercise.id) if (text := _read(course, name, folder))
        }
        self._files = {name: self._written(name, text) for name, text in self._learners_modules.items()}
        self.helpers = helpers_in(folder, course.by_id)
        self._under_test = SubmissionUnderTest(course)
        self._runner: Runner | None = None

    def check(self, name: str = "") -> None:
        """Run one check, or all of them.

        Args:
            name: the check's name; without it, all checks run, and a summary is printed.

        Raises:
            CheckFailed: that check failed; the message says why.
        """
        if not name:
            self._summarize()
            return
        names = [check.id for check in visible(self.course, self.exercise.id)]
        if name not in names:
            raise CheckFailed(f"There is no check {name!r} here. There are: {', '.join(names)}.")
        check = self.exercise.check(name)
        outcome, printed = self._run(check, self._load())
        if outcome.status == "passed":
            apart = f"  {over_standins_in_words([outcome])}" if outcome.over_standins else ""
            print(f"PASSED{apart}")
        else:
            text = on_a_page(message(on_a_terminal(check, outcome), Cells(self.exercise.id)))
            raise CheckFailed("\n".join([in_red(outcome.status, text), *_quoted(printed)]))

    def hidden(self, key: str) -> None:
        """Represent a hidden check, which only the grader can run.

        Raises:
            CheckFailed: always, so that a hidden check that was not run never looks as if it had passed.
        """
        raise CheckFailed("This hidden check was not run: only the instructor's `grader nbgrader autograde` runs it.")

    def works(self, name: str) -> bool:
        """Say whether the learner has written an earlier exercise and it passes its visible checks."""
        if name not in self._learners_modules:
            return False
        self._under_test.load(self._files | self.helpers)
        exercise = self.course.by_id[name]
        diagnosing, self._under_test.diagnosing = self._under_test.diagnosing, False
        try:
            return all(self._run(check, {})[0].status == "passed" for check in exercise.checks)
        finally:
            self._under_test.diagnosing = diagnosing
            self._under_test.clear()

    def parts(self) -> dict[str, Path]:
        """Choose the learner's own module or a stand-in for each exercise that this one needs, and say which."""
        chosen = {}
        for name in self.course.all_needs(self.exercise.id):
            works = self.works(name)
            chosen[name] = self._files[name] if works else self.course.standins / f"{name}.py"
            why = (
                "your module doesn't pass its checks yet"
                if name in self._learners_modules
                else f"there is no {name}.ipynb here"
            )
            print(f"{name}: {'your own' if works else f'a stand-in, because {why}'}")
        return chosen

    def _summarize(self) -> None:
        modules = self._load()
        results = []
        for check in self.exercise.checks:
            outcome, printed = self._run(check, modules)
            results.append((check, outcome, printed))
        for line in summary(self.course, results, words=Cells(self.exercise.id)):
            print(on_a_page([line.text]))

    def _run(self, check: Check, modules: Mapping[str, str]) -> tuple[Outcome, str]:
        if self._runner is None:
            names = [*self.course.all_needs(self.exercise.id), self.exercise.id]
            checks = [check for name in names for check in visible(self.course, name)]
            self._runner = Runner(self.course, self._under_test, checks)
            atexit.register(self._runner.close)
        outcome, printed = self._runner.run(check)
        rows, remarks = in_cells(outcome.rows, modules), in_cells(outcome.remarks, modules)
        return dataclasses.replace(outcome, rows=rows, remarks=remarks), printed

    def _load(self) -> dict[str, str]:
        """Load the code of the cells run so far; return the modules' texts."""
        name = self.exercise.id
        cells = [Cell(f"In [{number}]", text) for number, text in enumerate(self._history) if number and text.strip()]
        module = module_of(cells, (self.course.stubs / f"{name}.py").read_text(encoding="utf-8"), name)
        modules = self._learners_modules | {name: module.text}
        if name not in self._files or self._files[name].read_text(encoding="utf-8") != module.text:
            self._files[name] = self._written(name, module.text)
            # Load only if something changed: then the modules and the diagnosis of the last check can be used again.
            self._under_test.load(self._files | self.helpers)
        return modules

    def _written(self, name: str, text: str) -> Path:
        path = self._scratch / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        return path


def open_workbook(exercise: str, namespace: dict[str, Any]) -> Workbook:
    """Open the workbook for a notebook, and let all spellings of `from .layer_norm import LayerNorm` work in it.

    Args:
        exercise: the exercise's id.
        namespace: the notebook's `globals()`.
    """
    course = load_course(_unpacked())
    history = cells_run(namespace)
    workbook = Workbook(course, course.by_id[exercise], history, Path.cwd())
    workspace = Workspace(workbook.parts() | workbook.helpers)
    namespace["__package__"], namespace["__builtins__"] = workspace.package, workspace.importer.builtins
    about = course.by_id[exercise]
    print(f"{about.title}: {len(about.checks)} checks to run here; {about.hidden_checks} hidden checks run at grading.")
    return workbook


def cells_run(namespace: Mapping[str, Any]) -> Sequence[str]:
    """Return the cells run so far, as they were typed; `In` has them as IPython rewrites them, without magics."""
    shell = namespace.get("get_ipython")
    manager = getattr(shell() if shell else None, "history_manager", None)
    history: Sequence[str] = getattr(manager, "input_hist_raw", None) or namespace.get("In", [])
    return history


def _unpacked() -> Path:
    """Return the path of course.yaml; a bundle is unpacked, and removed when this process ends."""
    archive = getattr(__spec__.loader if __spec__ else None, "archive", None)
    if archive is None:
        return find_course(Path.cwd())
    folder = Path(tempfile.mkdtemp(prefix="workbook-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with zipfile.ZipFile(archive) as bundle:
        bundle.extractall(folder, [name for name in bundle.namelist() if not name.startswith("grader/")])
    return folder / COURSE_FILE


def _read(course: Course, name: str, folder: Path) -> str:
    """Return the learner's module for an earlier exercise, from the same folder; empty if there is none."""
    candidates = [folder, *sorted(path for path in folder.parent.iterdir() if path.is_dir() and path != folder)]
    for candidate in candidates:
        notebook, module = candidate / f"{name}.ipynb", candidate / f"{name}.py"
        with contextlib.suppress(OSError, NotANotebook):
            if notebook.is_file():
                stub = (course.stubs / f"{name}.py").read_text(encoding="utf-8")
                file = NotebookFile(notebook.name, read_notebook(notebook.read_bytes()))
                data = module.read_bytes() if module.is_file() else None
                return choose(name, [file], data, stub).source.decode("utf-8", "replace")
        with contextlib.suppress(OSError):
            if module.is_file():
                return module.read_text(encoding="utf-8", errors="replace")
    return ""


def _quoted(printed: str) -> list[str]:
    lines = printed.strip().splitlines()
    if not lines:
        return []
    more = f", last {MAX_PRINTED_LINES} lines" if len(lines) > MAX_PRINTED_LINES else ""
    return [f"  your code printed{more}:", *(f"  | {line}" for line in lines[-MAX_PRINTED_LINES:])]
