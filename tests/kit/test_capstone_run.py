"""A tiny run of the capstone: the same result if it's killed, honest about stand-ins, clear about broken parts."""

from __future__ import annotations

import dataclasses
import io
import json
import runpy
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from rich.console import Console
from safetensors.torch import load_file

from capstone import folder as files
from capstone.curve import HEIGHT, Level, in_characters, pictures
from capstone.errors import DamagedRun, NoDevice, UnfitText
from capstone.grammar import Grammar
from capstone.material import Sizes
from capstone.text import tell_stories
from capstone.training import Plan, Point, Training
from capstone.work import UNUSED, run
from grader.course import Course
from grader.port import Workspace
from grader.study.capstone import DRAFT, UNWRITTEN, WRONG, CapstoneOptions, Part, PartFailed, Parts, the_capstone, used

SMALL = Grammar(
    {
        "story": ("<who=name> saw <what=thing> . <end>",),
        "name": {"Ada": 3, "Bo": 1},
        "thing": {"a fox": 2, "two geese": 1, "no one": 1},
        "end": {"Then {who.she} ran home .": 1, "Later {who} told of {what} .": 2},
    },
    {"Ada": {"she": "she"}, "Bo": {"she": "he"}},
)
TINY = Sizes(
    vocab_size=270, emb_dim=8, n_layers=1, n_heads=2, drop_rate=0.1, context=24, stories=30, drawn=2,
    plan=Plan(steps=5, leg=2, batch=2, looks=1),
)  # fmt: skip
SAME = (files.MODEL, files.CONFIG, files.TOKENIZER, files.LOG, files.SAMPLES, files.RESULT)
"""Files of a run that do not depend on what the clock says."""
Replaced = dict[str, Path | str]


def parts_of(course: Course, replaced: Replaced | None = None, silence: float = 120.0) -> Parts:
    """Use the solutions as the learner's own; `replaced` gives another file, or the reason for a stand-in."""
    capstone = the_capstone(course)
    chosen = []
    for name in used(course, capstone):
        other = (replaced or {}).get(name, DRAFT if name in course.drafts else course.solutions / f"{name}.py")
        if isinstance(other, Path):
            chosen.append(Part(name, other))
        else:
            places = (course.root / "capstone" / "standins", course.standins)
            path = next(folder / f"{name}.py" for folder in places if (folder / f"{name}.py").is_file())
            chosen.append(Part(name, path, other))
    return Parts(chosen, silence)


class Runner:
    """Runs the capstone into a folder, and keeps what it printed."""

    def __init__(self, course: Course, out: Path) -> None:
        self.course, self.out = course, out
        self.printed = ""
        self.draws = False

    def __call__(self, replaced: Replaced | None = None, silence: float = 120.0, **order: object) -> None:
        """Run it with the options of `Order`, and `sizes`."""
        sizes = order.pop("sizes", TINY)
        shown = Console(file=io.StringIO(), width=80)
        parts = parts_of(self.course, replaced, silence)
        given = {"out": self.out, "seed": 0, "device": "cpu"} | order
        try:
            with pytest.MonkeyPatch.context() as patched:
                if not self.draws:
                    patched.setattr("capstone.work.pictures", lambda *_: {})
                run(parts, CapstoneOptions(console=shown, progress=Console(quiet=True), **given), sizes)  # type: ignore[arg-type]
        finally:
            parts.close()
            self.printed = shown.file.getvalue()  # type: ignore[attr-defined]

    def files(self, *names: str) -> dict[str, bytes]:
        """Return the contents of files."""
        return {name: (self.out / name).read_bytes() for name in names or SAME}


@pytest.fixture(scope="module", autouse=True)
def short_stories() -> Iterator[None]:
    """Use short stories, so that every run is quick; tests marked `slow` use those of the course."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("capstone.work.tell_stories", lambda count: tell_stories(count, SMALL))
        yield


@pytest.fixture
def runner(course: Course, tmp_path: Path) -> Runner:
    """Return a runner that writes into this test's folder."""
    return Runner(course, tmp_path / "out")


@pytest.fixture(scope="module")
def undisturbed(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """Return an uninterrupted run."""
    whole = Runner(course, tmp_path_factory.mktemp("whole"))
    whole.draws = True
    whole()
    return whole


def widest(printed: str) -> int:
    """Return the length of the longest line, except the one with a path, which must not be wrapped."""
    return max(len(line) for line in printed.splitlines() if not line.startswith("Wrote"))


class Killed(BaseException):
    """Raised to end a run in the middle."""


def kill_in(monkeypatch: pytest.MonkeyPatch, kind: type, name: str, call: int, before: bool) -> None:
    """End the process once, before or after a certain call of a method."""
    original, calls = getattr(kind, name), 0

    def method(*args: object) -> object:
        nonlocal calls
        calls += 1
        if calls == call and before:
            raise Killed
        result = original(*args)
        if calls == call:
            raise Killed
        return result

    monkeypatch.setattr(kind, name, method)


@pytest.mark.parametrize(
    ("kind", "name", "call", "before"),
    [
        (files.Run, "save", 1, False),
        (files.Run, "save", 2, True),
        (Training, "save", 2, True),
        (files.Run, "resume", 1, True),
        (Training, "_keep", 2, True),
        (files.Run, "drop", 1, True),
    ],
)
def test_a_killed_run_comes_to_the_same_end(
    runner: Runner, undisturbed: Runner, monkeypatch: pytest.MonkeyPatch, kind: type, name: str, call: int, before: bool
) -> None:
    """Wherever a run is killed, the same command continues to the same bytes, dropout and order of the data included."""
    with monkeypatch.context() as patched:
        kill_in(patched, kind, name, call, before)
        with pytest.raises(Killed):
            runner()
    runner()
    assert runner.files() == undisturbed.files()


def test_the_same_seed_is_the_same_run_and_another_is_another(runner: Runner, undisturbed: Runner) -> None:
    """A run can be repeated bit for bit; another seed gives other weights and order, and earlier results are kept."""
    runner()
    assert runner.files() == undisturbed.files()
    runner(seed=1)
    assert "The earlier run (it differs in: seed) is kept in" in runner.printed.replace("\n", "")
    assert runner.files(files.MODEL) != undisturbed.files(files.MODEL)
    kept = {name: (runner.out / "earlier" / "1" / name).read_bytes() for name in SAME}
    assert kept == undisturbed.files()


def test_a_finished_run_is_shown_again(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the end, the same command shows the same without training; `--restart` trains again."""
    runner()
    first = runner.printed.partition("Surprise at")[2]
    kill_in(monkeypatch, Training, "run_leg", 1, True)
    runner()
    assert "was already finished" in runner.printed
    assert runner.printed.partition("Surprise at")[2] == first
    runner(say="Ada")
    assert "Surprise at" not in runner.printed
    assert "Ada" in runner.printed
    with pytest.raises(Killed):
        runner(restart=True)
    assert (runner.out / "earlier" / "1" / files.RESULT).is_file()


def test_a_missing_picture_of_a_finished_run_is_drawn(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """If matplotlib is installed later, the same command draws the curve without training again."""
    drawn: list[list[Point]] = []

    def not_installed(*_: object) -> dict[str, bytes]:
        raise ImportError

    def installed(points: list[Point], *_: object) -> dict[str, bytes]:
        drawn.append(points)
        return {"png": b"a picture"}

    runner.draws = True
    monkeypatch.setattr("capstone.work.pictures", not_installed)
    runner()
    assert not (runner.out / "curve.png").exists()
    assert "run the same command again" in " ".join(runner.printed.split())
    monkeypatch.setattr("capstone.work.pictures", installed)
    runner()
    assert "was already finished" in runner.printed
    assert (runner.out / "curve.png").read_bytes() == b"a picture"
    assert [point.step for point in drawn[0]] == [1, 3, 5]


def test_what_is_written_can_be_read(undisturbed: Runner) -> None:
    """Weights under the book's names, sizes and the vocabulary are in files that contain data and no code."""
    weights = load_file(undisturbed.out / files.MODEL)
    assert {"tok_emb.weight", "pos_emb.weight", "final_norm.scale", "out_head.weight"} <= set(weights)
    assert "trf_blocks.0.att.W_query.weight" in weights
    config = json.loads((undisturbed.out / files.CONFIG).read_text(encoding="utf-8"))
    tokenizer = json.loads((undisturbed.out / files.TOKENIZER).read_text(encoding="utf-8"))
    assert weights["tok_emb.weight"].shape == (config["vocab_size"], config["emb_dim"])
    assert [len(tokenizer["vocab"]), len(tokenizer["merges"])] == [270, 14]
    assert tokenizer["vocab"][:256] == [chr(value) for value in range(256)]
    points = [json.loads(line) for line in (undisturbed.out / files.LOG).read_text(encoding="utf-8").splitlines()]
    assert [point["step"] for point in points] == [1, 3, 5]
    assert not (undisturbed.out / files.STATE).exists()
    assert not (undisturbed.out / files.CHECKPOINT).exists()
    assert (undisturbed.out / "curve.png").read_bytes().startswith(b"\x89PNG")


def test_the_example_of_the_docs_loads_the_model(
    undisturbed: Runner,
    course: Course,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`docs/capstone/load.py` loads a finished run into the learner's own modules, and continues a text."""
    shutil.copytree(
        course.solutions, tmp_path / "exercises", ignore=shutil.ignore_patterns("*.yaml", "styles", "proofs")
    )
    shutil.copytree(undisturbed.out, tmp_path / "build" / "capstone")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "exercises"]:
        monkeypatch.delitem(sys.modules, name)
    runpy.run_path(str(course.root / "docs" / "capstone" / "load.py"))
    for name in [name for name in sys.modules if name.partition(".")[0] == "exercises"]:
        monkeypatch.delitem(sys.modules, name)
    assert len(capsys.readouterr().out) > len("Once there was\n")


def test_the_numbers_are_those_of_the_account(undisturbed: Runner) -> None:
    """The baselines are in order, and the terminal shows them per token and per character."""
    result = json.loads((undisturbed.out / files.RESULT).read_text(encoding="utf-8"))
    assert result["uniform"] > result["unigram"] > result["bigram"] > result["source"] > 0
    assert f"{result['gpt'] / result['tokens']:.3f}" in undisturbed.printed
    assert f"{result['source'] / result['characters']:.3f}" in undisturbed.printed
    assert widest(undisturbed.printed) <= 80


def test_stand_ins_are_said_and_work(runner: Runner) -> None:
    """Without any module of the learner's, the capstone still runs, and says of each part that it isn't theirs."""
    capstone = the_capstone(runner.course)
    runner(dict.fromkeys(used(runner.course, capstone), UNWRITTEN))
    lines = runner.printed.splitlines()
    for name in set(capstone.uses) - set(UNUSED[""]):
        assert any(line.split() == [name, *f"a stand-in: {UNWRITTEN}".split()] for line in lines), name
    assert (runner.out / files.RESULT).is_file()


@pytest.mark.parametrize(
    "exercise",
    [
        "bpe_tokenizer",
        "data_loader",
        "multi_head_attention",
        "layer_norm",
        "gpt_block",
        "gpt_model",
        "generation",
        "training_loop",
        "adamw",
        "lr_schedule",
        "checkpointing",
    ],
)
def test_a_stand_in_fits_among_the_learners_own(runner: Runner, exercise: str) -> None:
    """Each stand-in works together with the learner's other parts."""
    runner({exercise: WRONG}, sizes=dataclasses.replace(TINY, plan=dataclasses.replace(TINY.plan, steps=2)))
    assert f"a stand-in: {WRONG}" in runner.printed


def test_the_blocks_stand_in_computes_what_the_solution_does(course: Course) -> None:
    """With the same weights under the same names, stand-in and solution give the same output, and use the same attention."""
    cfg = {"emb_dim": 8, "context_length": 6, "n_heads": 2, "drop_rate": 0.0, "qkv_bias": True}
    paths = {name: course.solutions / f"{name}.py" for name in ("layer_norm", "multi_head_attention")}
    blocks = []
    for path in (course.standins / "gpt_block.py", course.solutions / "gpt_block.py"):
        workspace = Workspace(paths | {"gpt_block": path})
        blocks.append(workspace.module("gpt_block").TransformerBlock(cfg))
    standin, solution = blocks
    standin.load_state_dict(solution.state_dict())
    x = torch.randn(2, 6, 8, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(standin(x), solution(x))
    torch.testing.assert_close(standin.eval()(x), solution.eval()(x))


def test_the_tokenizers_stand_in_gives_back_every_text(course: Course) -> None:
    """Known words, unknown words and characters of every kind survive encoding and decoding."""
    module = Workspace({"bpe_tokenizer": course.root / "capstone" / "standins" / "bpe_tokenizer.py"}).module(
        "bpe_tokenizer"
    )
    vocab, merges = module.train_bpe("the cat and the other cat\n", 260)
    assert (len(vocab), merges, vocab[10]) == (260, [], b"\n")
    tokenizer = module.BPETokenizer(vocab, merges)
    for text in ("", "the cat", "the dog's 3\n\n\u00e9\u732b", "  the"):
        assert tokenizer.decode(tokenizer.encode(text)) == text
    assert len(tokenizer.encode(" cat cat")) == 2


LOOP = "def train_model_simple(model, train, val, optimizer, device, epochs, freq, iters, start, tokenizer):\n    "
STEPS = """for x, y in train:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x).flatten(0, 1), y.flatten()).backward()
        optimizer.step()
    """


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("raise RuntimeError('tired')", "Your training_loop.py raised RuntimeError: tired"),
        ("while True: pass", "Your training_loop.py was stopped: it took no step for 1 seconds"),
        ("while True: model(next(iter(train))[0][:1, :1])", "keeps calling the model, long after 2 steps"),
        ("return [1.0], [1.0], [1]", "took 0 optimizer steps for 2 batches"),
        (STEPS + "return None", "returned NoneType instead of three lists"),
        (STEPS + "return [1.0] * 3, [1.0], [1]", "returned 3 and 1 losses instead of 1"),
        (STEPS + "return ['a'], [1.0], [1]", "instead of three lists of numbers"),
        (
            STEPS + "return [1.0], [float('nan')], [1]",
            "The loss is 1 on the training text and nan on the held-out text",
        ),
    ],
)
def test_a_broken_loop_is_told_in_words(
    runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, sentence: str
) -> None:
    """Whatever a learner's loop does instead of training, a message says so, and which command to run next."""
    monkeypatch.setattr("capstone.training.SPARE", 20)
    path = tmp_path / "training_loop.py"
    path.write_text(f"import torch\n\n\n{LOOP}{body}\n", encoding="utf-8")
    with pytest.raises(PartFailed) as raised:
        runner({"training_loop": path, "lr_schedule": UNWRITTEN}, silence=1.0)
    assert sentence in str(raised.value)
    assert "grader c" in str(raised.value).splitlines()[-1]


def test_a_failure_deep_inside_is_told_of_its_own_module(runner: Runner, tmp_path: Path, course: Course) -> None:
    """An error raised by the norm during training is blamed on the norm, and the run continues once it's fixed."""
    text = (course.solutions / "layer_norm.py").read_text(encoding="utf-8")
    assert text.count("normalized = ") == 1
    broken = tmp_path / "layer_norm.py"
    broken.write_text(text.replace("normalized = ", "assert len(x) < 2\n        normalized = "), encoding="utf-8")
    with pytest.raises(PartFailed, match=r"Your layer_norm\.py raised AssertionError"):
        runner({"layer_norm": broken})


def test_what_a_loop_prints_goes_to_a_file(runner: Runner, undisturbed: Runner) -> None:
    """What the learner's code prints doesn't break the progress bar, and is kept."""
    assert "step 000000" in (undisturbed.out / files.PRINTED).read_text(encoding="utf-8")
    assert "step 000000" not in undisturbed.printed


def test_every_style_of_loop_trains_alike(runner: Runner, course: Course) -> None:
    """Loops in other styles take the same steps: closures, gradients by hand, copies of the model, samples."""
    same = dataclasses.replace(TINY, drop_rate=0.0, plan=dataclasses.replace(TINY.plan, steps=3))
    runner({"lr_schedule": UNWRITTEN}, sizes=same)
    expected = load_file(runner.out / files.MODEL)
    styles = sorted((course.styles / "training_loop").glob("*.py"))
    assert len(styles) >= 6
    for style in styles:
        runner({"training_loop": style, "lr_schedule": UNWRITTEN}, sizes=same)
        for name, tensor in load_file(runner.out / files.MODEL).items():
            torch.testing.assert_close(tensor, expected[name], rtol=0, atol=1e-4, msg=f"{style.stem}: {name}")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Return a text that isn't the course's."""
    path = tmp_path / "book.txt"
    lines = [f"In line {number} a [bold] fox\x1b met {number * 7} geese. \U0001f98a" for number in range(120)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_text_of_ones_own_has_no_floor(runner: Runner, book: Path) -> None:
    """The capstone learns your own text too; it says that nobody knows its entropy, and never moves the cursor."""
    runner(text=book)
    assert "no lower bound to compare with" in " ".join(runner.printed.split())
    assert "the source" not in runner.printed
    assert "\x1b" not in runner.printed
    result = json.loads((runner.out / files.RESULT).read_text(encoding="utf-8"))
    assert (result["source"], result["entropy"], result["drawn"]) == (None, None, 0)
    assert "continuing" in (runner.out / files.SAMPLES).read_text(encoding="utf-8")
    with pytest.raises(NoDevice, match="There is no device `tpu` here"):
        runner(text=book, device="tpu")


def test_a_text_of_few_tokens_is_told(runner: Runner, tmp_path: Path) -> None:
    """A text that is long in characters but becomes only a handful of tokens is refused."""
    path = tmp_path / "book.txt"
    path.write_text("ab" * 1500, encoding="utf-8")
    with pytest.raises(UnfitText, match="too few to train on"):
        runner(text=path)


def test_minutes_are_kept_to(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first steps show how long a step takes; the number of steps that fits becomes part of the run."""
    monkeypatch.setattr("capstone.training.time", _Clock())
    runner(minutes=0.05)
    points = (runner.out / files.LOG).read_text(encoding="utf-8").splitlines()
    assert json.loads(points[-1])["step"] == 6


class _Clock:
    """A clock on which every stretch of training takes a second."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        self.now += 1.0
        return self.now


def test_a_damaged_run_is_told(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged state is named, with what to do; doing it works and loses nothing."""
    with monkeypatch.context() as patched:
        kill_in(patched, files.Run, "save", 2, False)
        with pytest.raises(Killed):
            runner()
    whole = (runner.out / files.CHECKPOINT).read_bytes()
    for damaged in (b"", whole[:100], whole[:-1000], b"\xff" * 2000):
        (runner.out / files.CHECKPOINT).write_bytes(damaged)
        with pytest.raises(DamagedRun, match="grader capstone --restart"):
            runner()
    (runner.out / files.CHECKPOINT).write_bytes(whole)
    state = (runner.out / files.STATE).read_text(encoding="utf-8")
    for damaged_state in ("{", "{}", "[]"):
        (runner.out / files.STATE).write_text(damaged_state, encoding="utf-8")
        with pytest.raises(DamagedRun, match="grader capstone --restart"):
            runner()
    (runner.out / files.STATE).write_text(state, encoding="utf-8")
    (runner.out / files.TOKENIZER).write_text("{", encoding="utf-8")
    with pytest.raises(DamagedRun, match=r"tokenizer\.json is damaged"):
        runner()
    runner(restart=True)
    assert (runner.out / "earlier" / "1" / files.CHECKPOINT).read_bytes() == whole


def test_a_folder_that_is_a_file_is_told(runner: Runner) -> None:
    """If the folder can't be made, the message asks for another one."""
    runner.out.write_text("", encoding="utf-8")
    with pytest.raises(DamagedRun, match="--out"):
        runner()


def test_without_matplotlib_the_curve_is_drawn_in_characters(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without matplotlib, the terminal shows the curve, and says what to install."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    runner.draws = True
    runner()
    assert 'pip install -e ".[pictures]"' in runner.printed
    assert "bigram" in runner.printed.partition("Surprise at")[0]
    assert not (runner.out / "curve.png").exists()
    assert widest(runner.printed) <= 80


POINTS = [Point(1, 10, 6.0, 6.1), Point(50, 500, 2.0, 2.2), Point(100, 1000, 0.9, 1.0)]
LEVELS = [Level("uniform", 6.4), Level("unigram", 4.5), Level("bigram", 1.6), Level("source", 0.4)]


def test_the_picture_is_the_same_each_time() -> None:
    """The SVG names every level in words, and the same curve gives the same bytes."""
    first, second = pictures(POINTS, LEVELS, 0.95), pictures(POINTS, LEVELS, 0.95)
    assert first == second
    for level in LEVELS:
        assert f"{level.name}: {level.nats:.2f}" in first["svg"].decode()


def test_characters_draw_levels_and_points() -> None:
    """A row for each level with its name, a star for each point, from high to low."""
    lines = in_characters(POINTS, LEVELS).splitlines()
    assert len(lines) == HEIGHT + 1
    assert sum(line.count("*") for line in lines) == len(POINTS)
    places = [next(row for row, line in enumerate(lines) if level.name in line) for level in LEVELS]
    assert places == sorted(places)
    assert len(set(places)) == len(places)


@pytest.mark.slow
def test_the_gpt_beats_the_bigram(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trained for real with the solutions, the GPT ends closer to the source than to the bigram, and not below the source."""
    monkeypatch.setattr("capstone.work.tell_stories", tell_stories)
    plan = dataclasses.replace(Sizes().plan, steps=400)
    runner(sizes=dataclasses.replace(Sizes(), plan=plan))
    result = json.loads((runner.out / files.RESULT).read_text(encoding="utf-8"))
    assert result["source"] < result["gpt"] < (result["source"] + result["bigram"]) / 2
