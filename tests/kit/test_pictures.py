"""`grader show` draws what a module does next to what is expected, and shows a mistake in picture and words."""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from grader.course import Course, load_course
from grader.course.mistakes import misconceptions
from grader.errors import CourseError, MissingPackage, NoPicture, NothingToShow
from grader.pictures import Bars, Curve, Curves, HeatMap, Level, Picture, Tokens, shown_bytes
from grader.pictures.drawn import DARK, INK
from grader.pictures.page import write_pictures
from grader.pictures.show import Shown, has_pictures, show
from grader.pictures.terminal import render
from grader.port import InProcess, OtherProcess
from tests.kit.commands import run_module
from tests.kit.test_exercises import EXERCISES

TINY = '''\
    """Draw doubling."""

    from grader.pictures import Bars, Picture


    def pictures(learner, reference):
        xs = (1.0, 2.0)
        got = tuple(learner.call("double", x) for x in xs)
        due = tuple(reference.call("double", x) for x in xs) if reference else (2.0, 4.0)
        wrong = () if got == due else (f"double(1.0) is {got[0]}.",)
        return [Picture("Doubling", (Bars("yours", ("one", "two"), got), Bars("due", ("one", "two"), due)), wrong)]
    '''
ALL_KINDS = Picture(
    "Everything $x$",
    (
        HeatMap("heat", ((1.0, math.nan), (0.25, -0.5)), ("first", "second"), ("a", "b"), frozenset({(0, 1)})),
        Bars("bars", ("f0", "f1"), (-1.5, math.inf)),
        Tokens("tokens", ("she", "␣sells", "$", "[x]")),
        Curves("curves", (Curve("one", ((0, 1), (1, math.nan), (2, 3))), Curve("none", ())), (Level("line", 2.0),)),
    ),
    ("row 0 is wrong.",),
    "How to read it.",
)
# For each exercise, a mistake and part of the sentence with which the picture reports it.
MISTAKES = {
    "adaline": ("factor_2_missing", "You get this if the step lacks its factor of 2."),
    "bigram_baseline": ("each_pair_counted_once", "you have 10 pairs in all, and the text has 24."),
    "simple_tokenizer": ("dash_splits", "token 3 is '-', expected '--'."),
    "shortcuts": ("always_added", "without, at x = 4.00: got 30.1319, expected 0.0192."),
    "bpe_tokenizer": ("tie_to_the_smallest", "merge 1 of 'she sells sea shells': got ␣s + e, expected l + s."),
    "data_loader": ("last_window_lost", "got 3 windows, expected 4."),
    "self_attention": (
        "softmax_over_queries",
        "row 0 ('cold') sums to 0.51, not to 1; but your columns do: softmax goes over the keys.",
    ),
    "causal_attention": ("one_token_ahead", "row 1 ('cat') looks at position 2 ('sat'): the future."),
    "multi_head_wrapper": ("heads_reversed", "head 0 makes columns [4, 5], expected [0, 1]."),
    "multi_head_attention": ("scale_by_d_out", "head 0, your scores are 0.71 times as large as expected"),
    "layer_norm": ("unbiased_variance", "token 0 has variance 0.800 after your norm, expected 1."),
    "gpt_block": ("gelu_is_relu", "your GELU is ReLU."),
    "gpt_model": ("last_positions", "position 0 takes row 2 of pos_emb, expected row 0."),
    "accounting": ("shifts_left_out", "parameters, a block: got 224, expected 232."),
    "generation": (
        "greedy_in_spite_of_the_temperature",
        "temperature=1: `cat` came in 100% of the draws, expected about 64%.",
    ),
    "kv_cache": ("positions_restart", "position 3: the logits with a cache differ from those without."),
    "cross_entropy": ("logarithm_of_a_softmax", "a target 750 below the other token: your loss is inf, expected 750."),
    "adamw": ("no_correction", "step 1 moves a by -0.113, expected -0.150."),
    "accumulation": ("mean_of_means", "batch 1 (1 of 12): its share is 0.333, but should be 0.083."),
    "training_loop": ("tokens_of_one_text", "evaluation 0: you count 8 tokens, but 32 were seen."),
    "checkpointing": ("optimizer_left_out", "Look at the optimizer."),
    "gpt2_weights": ("projections_not_transposed", "expected [[0.1, 0.15], [0.2, 0.25]]; it is not transposed."),
    "lr_schedule": ("cosine_over_all_steps", "step 5: learning rate: got "),
    "spam_data": ("padded_on_the_left", "item 0, position 0: got"),
    "instruction_data": (
        "end_token_ignored",
        "item 0: got the targets [1, 4, 1, 5, -100], expected [1, 4, 1, 5, 50256].",
    ),
    "lora": ("alpha_ignored", "rank 1: your factor is 1, but should be 4."),
    "dpo": ("labels_not_shifted", "mask xxxx: your log-probability is -1.2130, expected -1.3863."),
    "classifier_head": ("first_block_opened", "trf_blocks.0: 4 of 4 parameters are trainable; all should be frozen."),
}


class _Elsewhere(Course):
    """The project's course, with the learner's modules in another folder."""

    @property
    def stubs(self) -> Path:
        return self.root / "solutions" if _folder is None else _folder


_folder: Path | None = None


@pytest.fixture
def course_with_modules(course: Course, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path | None], Course]:
    """Return a function that uses the solutions, or the modules of a folder, as the learner's modules."""

    def make(folder: Path | None) -> Course:
        monkeypatch.setattr(sys.modules[__name__], "_folder", folder)
        return _Elsewhere(**{field.name: getattr(course, field.name) for field in dataclasses.fields(course)})

    return make


def text_of(picture: Picture, width: int = 80) -> list[str]:
    """Return a picture's lines as a terminal without colors shows them."""
    return [line.plain for line in render(picture, width)]


def test_every_exercise_with_pictures_has_a_mistake_here(course: Course) -> None:
    """Every exercise with pictures has a mistake in this file that they must show."""
    assert [exercise.id for exercise in course.exercises if has_pictures(course, exercise.id)] == [
        exercise.id for exercise in course.exercises if exercise.id in MISTAKES
    ]
    assert set(MISTAKES) <= {*course.by_id, *course.drafts}


@pytest.mark.parametrize("exercise", sorted(MISTAKES.keys() & set(EXERCISES)))
def test_the_solution_is_drawn_without_a_complaint(
    exercise: str, course_with_modules: Callable[[Path | None], Course]
) -> None:
    """The solution's pictures report nothing wrong, and fit into 80 and 60 columns."""
    result = show(course_with_modules(None), exercise, InProcess)
    assert result.pictures
    assert not result.wrong
    for picture in result.pictures:
        assert picture.panels
        for width in (80, 60):
            lines = text_of(picture, width)
            assert max(map(len, lines)) <= width
            assert not any("!" in line for line in lines)


@pytest.mark.parametrize("exercise", sorted(MISTAKES.keys() & set(EXERCISES)))
def test_a_mistake_is_shown_and_explained(
    exercise: str, course: Course, course_with_modules: Callable[[Path | None], Course], tmp_path: Path
) -> None:
    """The picture marks the mistake and says in words what is wrong."""
    name, expected = MISTAKES[exercise]
    mistake = next(candidate for candidate in misconceptions(course, exercise) if candidate.name == name)
    solution = (course.solutions / f"{exercise}.py").read_text(encoding="utf-8")
    (tmp_path / f"{exercise}.py").write_text(mistake.apply(solution), encoding="utf-8")
    result = show(course_with_modules(tmp_path), exercise, InProcess)
    sentences = [sentence for picture in result.pictures for sentence in picture.wrong]
    assert any(expected in sentence for sentence in sentences), sentences
    lines = [line for picture in result.pictures for line in text_of(picture)]
    assert any(line.startswith("WRONG  ") for line in lines)
    if any(isinstance(panel, HeatMap) for picture in result.pictures for panel in picture.panels):
        assert any("!" in line for line in lines)


def test_pictures_of_a_course_come_with_a_file(tiny_course: Callable[..., Path]) -> None:
    """A file in the course draws the pictures, with the reference if there is one and without it otherwise."""
    path = tiny_course(pictures__double_dot_py=TINY, exercises__double_dot_py="def double(x):\n    return x + 1\n")
    course = load_course(path)
    result = show(course, "double", InProcess)
    assert [picture.title for picture in result.pictures] == ["Doubling"]
    expected = result.pictures[0].panels[1]
    assert isinstance(expected, Bars)
    assert expected.values == (2.0, 4.0)
    (course.solutions / "double.py").unlink()
    (course.solutions / "twice.py").unlink()
    assert show(course, "double", InProcess).pictures == result.pictures
    with pytest.raises(NoPicture, match=r"no pictures/twice\.py\. Try: grader show double"):
        show(course, "twice")


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("def double(x):\n    raise NotImplementedError('Multiply.')\n", "isn't finished. Multiply."),
        ("def double(x):\n    return 1 / 0\n", "raises ZeroDivisionError"),
        ("def double(x)\n", "cannot be imported"),
        ("def treble(x):\n    return 3 * x\n", "there is no `double` in double.py; found: treble"),
        ("def double(x):\n    while True:\n        pass\n", "doesn't return (no answer after 2 s)"),
        ("import os\nos._exit(3)\n", "Importing double.py ends the whole process"),
    ],
)
def test_modules_that_cannot_be_drawn_are_reported(module: str, message: str, tiny_course: Callable[..., Path]) -> None:
    """For an unwritten, broken, endless or exiting module you get a sentence that ends with the command to type."""
    course = load_course(tiny_course(pictures__double_dot_py=TINY, exercises__double_dot_py=module))
    with pytest.raises(NothingToShow) as raised:
        # In a separate process, as the command does, if the module would end or block this one.
        show(course, "double", OtherProcess if "_exit" in module or "while" in module else InProcess)
    assert message in str(raised.value)
    assert str(raised.value).endswith("grader check double")
    assert len(str(raised.value).splitlines()) <= 12


def test_a_broken_picture_file_is_the_authors_fault(tiny_course: Callable[..., Path]) -> None:
    """An error in `pictures/<id>.py` is reported as the author's, not the learner's."""
    course = load_course(tiny_course(pictures__double_dot_py="import nothing_like_it\n"))
    (course.stubs).mkdir(exist_ok=True)
    with pytest.raises(CourseError, match="can't be imported"):
        show(course, "double", InProcess)
    (course.pictures / "double.py").write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(CourseError, match=r"no function `pictures\(learner\)`"):
        show(course, "double", InProcess)
    (course.pictures / "double.py").write_text("def pictures(learner):\n    return []\n", encoding="utf-8")
    with pytest.raises(NothingToShow, match="Write it"):
        show(course, "double", InProcess)


def test_all_kinds_of_panels_can_be_read_without_color() -> None:
    """Shades, marks, brackets and numbers are in the text, and values that aren't numbers are visible."""
    lines = "\n".join(text_of(ALL_KINDS, 60))
    for part in ("█100", "?  ?!", "[she][␣sells][$][[x]]", "-1.50", "line 2.00", "* one", "WRONG  row 0 is wrong."):
        assert part in lines, part
    console = Console(width=60, no_color=True, force_terminal=True, color_system="truecolor")
    with console.capture() as captured:
        for line in render(ALL_KINDS, 60):
            console.print(line)
    assert "38;2" not in captured.get()
    assert "48;2" not in captured.get()


def test_pictures_can_be_put_into_words() -> None:
    """A picture in words contains its numbers and what is wrong."""
    words = ALL_KINDS.in_words()
    for part in ("first: 100 ?", "f0 -1.50", "[␣sells]", "line: 2 everywhere", "row 0 is wrong."):
        assert part in words, part


def test_files_need_no_other_files(tmp_path: Path) -> None:
    """SVG, PNG and a page are the same each time, have alternative texts, and load nothing."""
    pytest.importorskip("matplotlib")
    result = Shown("thing", "A thing", (ALL_KINDS,), ("other",))
    written = write_pictures(result, tmp_path / "out")
    assert [path.name for path in written] == ["thing.html", "thing-1.svg", "thing-1.png"]
    before = [path.read_bytes() for path in written]
    assert [path.read_bytes() for path in write_pictures(result, tmp_path / "out")] == before
    page, svg = before[0].decode(), before[1].decode()
    assert 'alt="heat, in percent' in page
    assert "<script" not in page
    assert "over stand-ins for other" in page
    assert "row 0 is wrong." in page
    assert 'role="img" aria-label="heat, in percent' in svg
    assert f'[style*="fill: {INK}"] {{ fill: {DARK[INK]} !important }}' in svg
    assert before[2].startswith(b"\x89PNG")


def test_files_say_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without matplotlib, pictures in the terminal still work, and `--out` says what to install."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingPackage, match=r'pip install -e "\.\[pictures\]"'):
        write_pictures(Shown("thing", "A thing", (ALL_KINDS,), ()), tmp_path)
    assert text_of(ALL_KINDS)


def test_bytes_of_a_token_are_shown_whatever_they_are() -> None:
    """Spaces, line ends and incomplete characters are visible."""
    assert [shown_bytes(token) for token in (b" a", b"\n", b"\xc3", "é".encode())] == ["␣a", "\\n", "\\xc3", "é"]


def test_the_command_draws_and_says_where_to_look_next(tiny_course: Callable[..., Path]) -> None:
    """The command prints the picture and what to type next, and respects NO_COLOR."""
    path = tiny_course(pictures__double_dot_py=TINY, exercises__double_dot_py="def double(x):\n    return x + 1\n")
    run = run_module("grader", "show", "double", cwd=path.parent)
    assert run.returncode == 0, run.stderr
    assert "Doubling" in run.stdout
    assert "WRONG  double(1.0) is 2.0." in run.stdout
    assert "For details: grader check double" in run.stdout
    assert "\x1b[" not in run.stdout
