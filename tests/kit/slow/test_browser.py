"""A real browser: a student solves an exercise in JupyterLab, and an instructor reads the grades in formgrader.

Two minutes long; SCREENSHOTS=folder keeps a picture of every step.
"""

from __future__ import annotations

import ast
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

for _module, _package in {
    "nbgrader": "nbgrader",
    "jupyterlab": "jupyterlab",
    "playwright.sync_api": "playwright",
}.items():
    pytest.importorskip(_module, reason=f"{_module} is not installed. Install it: pip install {_package}")
CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("There is no chromium on this machine. Install it: apt install chromium", allow_module_level=True)

import nbformat  # noqa: E402
from playwright.sync_api import BrowserContext, Locator, Page, expect, sync_playwright  # noqa: E402

from benchmarks.demo_class import make_class  # noqa: E402
from benchmarks.notebook_class import hand_in  # noqa: E402
from grader.course import Course  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]
NORM = "layer_norm"
SCORES = {"perfect": "23 / 23", "eps-outside-the-root": "17 / 23", "untouched": "0 / 23"}
MISTAKE = "You add eps to the standard deviation"
OFFERED = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
ELSEWHERE = re.compile(r"https?://(?!127\.0\.0\.1[:/])")
SHORT, LONG = 60_000, 180_000
"""Milliseconds that a page may take, and a cell that imports torch or waits for such a one."""


@dataclass(frozen=True)
class NbgraderCourse:
    """A folder with an nbgrader course, and the environment of a user with no configuration."""

    folder: Path
    environment: dict[str, str]

    @property
    def root(self) -> Path:
        return self.folder / "course"

    def run(self, *command: str, folder: Path | None = None) -> str:
        """Run a command in a folder, the course's by default, and return what it prints."""
        done = subprocess.run(
            command,
            cwd=folder or self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def nbgrader_course(tmp_path_factory: pytest.TempPathFactory, course: Course) -> NbgraderCourse:
    """Make an nbgrader course in which three students have handed in, and their work has been graded."""
    folder = tmp_path_factory.mktemp("browser")
    # JupyterLab would ask whether it may fetch news, in a box that lies over the notebook.
    settings = (
        folder / "home/.jupyter/lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    )
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"fetchNews": "false"}), encoding="utf-8")
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    nbgrader_course = NbgraderCourse(
        folder, {"HOME": str(folder / "home"), "PATH": path, "LANG": "C.UTF-8", "TZ": "UTC", "OMP_NUM_THREADS": "1"}
    )
    nbgrader_course.root.mkdir()
    nbgrader_course.run("grader", "nbgrader", "init", ".", "--course", str(ROOT / "course.yaml"))
    with (nbgrader_course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(f"c.Exchange.root = {str(folder / 'exchange')!r}\n")
    (folder / "exchange").mkdir(mode=0o777)
    nbgrader_course.run("nbgrader", "generate_assignment", NORM)
    make_class(course, folder / "class")
    for student in SCORES:
        hand_in(course, folder / "class" / student, nbgrader_course.root, student, [NORM])
    # What was released and not touched: nbgrader's stubs are not those of the modules.
    shutil.copy(
        nbgrader_course.root / "release" / NORM / f"{NORM}.ipynb",
        nbgrader_course.root / "submitted" / "untouched" / NORM,
    )
    nbgrader_course.run("grader", "nbgrader", "autograde", NORM)
    nbgrader_course.run("nbgrader", "generate_feedback", NORM)
    return nbgrader_course


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    """Return a browser that reaches only this machine, so that nothing depends on the network."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OFFERED)
        context = browser.new_context(viewport={"width": 1400, "height": 1000})
        context.set_default_timeout(SHORT)
        context.route(ELSEWHERE, lambda route: route.abort())
        expect.set_options(timeout=SHORT)
        yield context
        browser.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Return an empty page."""
    page = context.new_page()
    yield page
    page.close()


@pytest.fixture
def photograph(page: Page) -> Callable[..., None]:
    """Return a function that saves a picture of the page, if SCREENSHOTS names a folder."""
    folder = os.environ.get("SCREENSHOTS")

    def photograph(name: str, at: Locator | None = None, full: bool = False) -> None:
        if folder:
            if at is not None:
                at.scroll_into_view_if_needed()
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=full)

    return photograph


@contextmanager
def jupyter_lab(folder: Path, environment: dict[str, str]) -> Iterator[Callable[[str], str]]:
    """Start JupyterLab in a folder; yield a function that makes addresses in it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    options = ["--no-browser", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    options += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}"]
    # In a container all are root, and JupyterLab does not like it.
    options += ["--allow-root"] if os.geteuid() == 0 else []
    log = Path(environment["HOME"]) / f"jupyter-{port}.log"

    def address(path: str) -> str:
        return f"http://127.0.0.1:{port}/{path}?token={token}"

    with log.open("w", encoding="utf-8") as file:
        command = [sys.executable, "-m", "jupyterlab", *options]
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=file, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + SHORT / 1000
        while not _answers(address("api/status")):
            log_end = log.read_text(encoding="utf-8")[-3000:]
            assert server.poll() is None, f"JupyterLab ended: {log_end}"
            assert time.monotonic() < deadline, f"JupyterLab does not answer: {log_end}"
            time.sleep(0.3)
        yield address
    finally:
        # It ends its kernels before itself.
        server.terminate()
        try:
            server.wait(SHORT / 1000)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except OSError:
        return False


def the_answer() -> str:
    """Return the solution as a student would have written it, without the marks."""
    text = (ROOT / "solutions" / f"{NORM}.py").read_text(encoding="utf-8")
    definition = next(node for node in ast.parse(text).body if isinstance(node, ast.ClassDef))
    lines = (ast.get_source_segment(text, definition) or "").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("### "))


def test_a_student_solves_an_exercise_in_jupyterlab(
    nbgrader_course: NbgraderCourse, course: Course, page: Page, photograph: Callable[..., None]
) -> None:
    """With only the released files: read, run, fail, write, pass, validate."""
    exercise = course.by_id[NORM]
    folder = nbgrader_course.folder / "student"
    shutil.copytree(nbgrader_course.root / "release" / NORM, folder)
    assert sorted(path.name for path in folder.iterdir()) == [f"{NORM}.ipynb", "grader.zip"]
    cells = page.locator(".jp-Notebook .jp-Cell")
    code = page.locator(".jp-Notebook .jp-CodeCell")
    answer = code.filter(has_text="class LayerNorm(nn.Module)")
    summary = code.filter(has_text="workbook.check()")
    checks = code.filter(has_text='workbook.check("')

    def output_of(cell: Locator) -> Locator:
        return cell.locator(".jp-OutputArea-output")

    def run_all() -> None:
        page.locator(".lm-MenuBar-item").get_by_text("Run", exact=True).click()
        page.locator(".lm-Menu-item").get_by_text("Run All Cells", exact=True).click()

    with jupyter_lab(folder, nbgrader_course.environment) as address:
        page.goto(address(f"lab/tree/{NORM}.ipynb"))
        expect(cells.first).to_contain_text("Layer normalization")
        # The page moves until the last formula stands: nothing can be clicked before.
        lesson = page.locator(".jp-RenderedMarkdown")
        expect(lesson.filter(has_text="$")).to_have_count(0)
        expect(page.locator("mjx-container").first).to_be_visible()
        expect(page.locator("mjx-merror")).to_have_count(0)
        photograph("student_1_opened")
        photograph("student_2_formulas", at=lesson.get_by_text("Why divide by"))

        # JupyterLab does nothing with a cell that is run before its kernel is there.
        expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=LONG)
        code.first.locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        hidden = exercise.hidden_checks
        visible = len(exercise.checks) - hidden
        expect(output_of(code.first)).to_contain_text(f"{visible} checks to run here; {hidden} hidden", timeout=LONG)
        photograph("student_3_first_cell", at=code.first)

        run_all()
        expect(output_of(summary)).to_contain_text(f"{NORM}: not started", timeout=LONG)
        expect(output_of(checks.first)).to_contain_text("under `Your code`")
        # Not `inner_text`: JupyterLab hides what is not in view, and there that is empty.
        unwritten = [output_of(cell).text_content() or "" for cell in (summary, checks.first)]
        photograph("student_4_nothing_written", at=summary)

        answer.locator(".cm-content").click()
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(the_answer())
        photograph("student_5_written", at=answer)
        run_all()
        expect(checks).to_have_count(visible)
        for check in checks.all():
            expect(output_of(check)).to_have_text("PASSED\n", timeout=LONG)
        expect(output_of(summary)).to_contain_text(f"PASSED, all {visible}")
        photograph("student_6_all_passed", at=summary)

        page.keyboard.press("Control+S")
        expect(page.locator(".jp-mod-dirty")).to_have_count(0)
        button = page.locator(".jp-NotebookPanel-toolbar").get_by_text("Validate", exact=True)
        if button.count():
            button.click()
            verdict = page.locator(".jp-Dialog")
            expect(verdict).to_contain_text("Success! Your notebook passes all the tests.", timeout=LONG)
            photograph("student_7_validated")
        else:
            validated = nbgrader_course.run("nbgrader", "validate", f"{NORM}.ipynb", folder=folder)
            assert "Success! Your notebook passes all the tests." in validated
    saved = nbformat.read(folder / f"{NORM}.ipynb", as_version=4)
    assert the_answer() in [cell.source for cell in saved.cells]
    for text in unwritten:
        assert text.splitlines()[0].strip(), f"it begins with nothing: {text!r}"
        assert "exercises/" not in text, f"there is no such file next to a notebook: {text!r}"


def test_an_instructor_reads_the_grades_in_formgrader(
    nbgrader_course: NbgraderCourse, page: Page, photograph: Callable[..., None]
) -> None:
    """The table of assignments, the gradebook, a submission with its checks' messages, and the student's feedback."""
    with jupyter_lab(nbgrader_course.root, nbgrader_course.environment) as address:
        page.goto(address("formgrader"))
        row = page.get_by_role("row").filter(has=page.get_by_role("link", name=NORM, exact=True))
        expect(row.locator(".num-submissions")).to_have_text(str(len(SCORES)))
        photograph("instructor_1_assignments")
        row.locator(".num-submissions a").click()
        for student, score in SCORES.items():
            row = page.get_by_role("row").filter(has_text=student)
            expect(row.locator(".status")).to_have_text("graded")
            expect(row.locator(".score")).to_have_text(score)
        photograph("instructor_2_submissions")

        page.goto(address(f"formgrader/gradebook/{NORM}/{NORM}"))
        expect(page.locator("td.name")).to_have_count(len(SCORES))
        page.get_by_role("button", name="Show All Names").click()
        for student, score in SCORES.items():
            row = page.get_by_role("row").filter(has=page.get_by_role("link", name=student, exact=True))
            expect(row.locator("td.score")).to_have_text(score)
        photograph("instructor_3_gradebook")

        page.get_by_role("link", name="eps-outside-the-root", exact=True).click()
        named = page.locator(".output_area").filter(has_text=MISTAKE)
        expect(named.first).to_be_visible()
        expect(page.locator(".output_area").filter(has_text="PASSED").first).to_be_visible()
        photograph("instructor_4_submission")
        photograph("instructor_5_a_failed_check", at=named.first)
        photograph("instructor_6_submission_in_full", full=True)

    for student in SCORES:
        page.goto((nbgrader_course.root / "feedback" / student / NORM / f"{NORM}.html").as_uri())
        expect(page.locator("body")).to_contain_text(f"Score: {float(SCORES[student].split()[0])}")
        source = page.content()
        assert "### BEGIN HIDDEN" not in source
        assert "workbook.hidden" not in source
        assert (MISTAKE in source) == (student == "eps-outside-the-root")
        photograph(f"feedback_{student}")
        photograph(f"feedback_{student}_in_full", full=True)
        if student == "eps-outside-the-root":
            named = page.locator(".output_area").filter(has_text=MISTAKE)
            expect(named.first).to_be_visible()
            photograph(f"feedback_{student}_check", at=named.first)
