"""Small fine-tunings of the capstone's model: the same result if killed, honest baselines, clear about broken parts."""

from __future__ import annotations

import dataclasses
import io
import json
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from rich.console import Console
from torch import nn

from capstone import folder as files
from capstone.arrivals import bag_accuracy, neighbors_of, tell_pairs, words_of
from capstone.classify import ClassifySizes
from capstone.classify import classify as run_classify
from capstone.curve import Level, in_characters_of_shares, pictures_of_shares
from capstone.errors import DamagedRun, NoModel
from capstone.instruct import InstructSizes, TemplateTokenizer
from capstone.instruct import instruct as run_instruct
from capstone.material import Sizes
from capstone.questions import ECHO, KINDS, ask, guessed_right
from capstone.training import Plan
from capstone.tuning import Trained, Tuning
from capstone.work import look_at, run
from grader.course import Course
from grader.errors import UsageError
from grader.study.capstone import UNWRITTEN, CapstoneOptions, PartFailed
from tests.kit.commands import run_module
from tests.kit.conftest import ROOT
from tests.kit.test_capstone_run import Killed, Replaced, kill_in, parts_of

PRETRAINING = Sizes(
    vocab_size=330, emb_dim=8, n_layers=2, n_heads=2, stories=40, drawn=1, plan=Plan(steps=2, leg=2, batch=2, looks=1)
)
PLAN = Plan(steps=4, leg=2, batch=4, looks=1, rate=1e-3)
SMALL_CLASSIFY = ClassifySizes(pairs=20, kept=6, plan=PLAN)
SMALL_INSTRUCT = InstructSizes(
    questions=32, kept=8, looked_at=2, drawn=8, rank=2, plan=PLAN, lora=PLAN, dpo=dataclasses.replace(PLAN, batch=2)
)


@pytest.fixture(scope="module")
def pretrained(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a capstone that was trained for two steps."""
    out = tmp_path_factory.mktemp("pretrained")
    quiet = Console(quiet=True)
    parts = parts_of(course)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("capstone.work.pictures", lambda *_: {})
        run(parts, CapstoneOptions(out, 0, quiet, quiet, device="cpu"), PRETRAINING)
    parts.close()
    return out


class Tuner:
    """Fine-tunes into a folder with a copy of the pretrained model, and keeps what it printed."""

    def __init__(self, course: Course, out: Path) -> None:
        self.course, self.out, self.printed = course, out, ""
        self.draws: Callable[..., dict[str, bytes]] = lambda *_: {}

    def __call__(self, task: str, replaced: Replaced | None = None, **order: object) -> None:
        """Run a task with the options of `CapstoneOptions`."""
        shown = Console(file=io.StringIO(), width=100)
        parts = parts_of(self.course, replaced)
        given = {"out": self.out, "seed": 0, "device": "cpu", "task": task} | order
        options = CapstoneOptions(console=shown, progress=Console(quiet=True), **given)  # type: ignore[arg-type]
        torch.set_num_threads(1)
        try:
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr("capstone.tuning.pictures_of_shares", self.draws)
                if task == "classify":
                    run_classify(parts, options, torch.device("cpu"), SMALL_CLASSIFY)
                else:
                    run_instruct(parts, options, torch.device("cpu"), SMALL_INSTRUCT)
        finally:
            parts.close()
            self.printed = shown.file.getvalue()  # type: ignore[attr-defined]

    def files(self, task: str) -> dict[str, bytes]:
        """Return the contents of the files that don't depend on what the clock says."""
        folder = self.out / task
        names = (files.MODEL, files.RESULT, files.LOG, files.SAMPLES)
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*")
            if path.name in names and files.EARLIER not in path.parts
        }


@pytest.fixture
def tuner(course: Course, pretrained: Path, tmp_path: Path) -> Tuner:
    """Return a tuner with a pretrained model."""
    shutil.copytree(pretrained, tmp_path / "out")
    return Tuner(course, tmp_path / "out")


@pytest.fixture(scope="module")
def undisturbed(course: Course, pretrained: Path, tmp_path_factory: pytest.TempPathFactory) -> Tuner:
    """Return a tuner that has done both tasks without an interruption."""
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    shutil.copytree(pretrained, out)
    whole = Tuner(course, out)
    whole("classify")
    whole("instruct")
    return whole


@pytest.mark.parametrize(
    ("task", "call"), [("classify", 1), ("classify", 2), ("instruct", 1), ("instruct", 3), ("instruct", 6)]
)
def test_a_killed_run_comes_to_the_same_end(
    tuner: Tuner, undisturbed: Tuner, monkeypatch: pytest.MonkeyPatch, task: str, call: int
) -> None:
    """Wherever a fine-tuning is killed, the same command continues to the same bytes."""
    with monkeypatch.context() as patched:
        kill_in(patched, Tuning, "save", call, False)
        with pytest.raises(Killed):
            tuner(task)
    tuner(task)
    assert tuner.files(task) == undisturbed.files(task)


@pytest.mark.parametrize("task", ["classify", "instruct"])
def test_a_finished_run_is_shown_again(
    tuner: Tuner, undisturbed: Tuner, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    """The same command shows the result without training; another seed is another run, and the earlier one is kept."""
    shutil.copytree(undisturbed.out / task, tuner.out / task)
    with monkeypatch.context() as patched:
        kill_in(patched, Tuning, "run_leg", 1, True)
        tuner(task)
        assert "was already finished" in tuner.printed
        with pytest.raises(Killed):
            tuner(task, seed=1)
    assert "is kept in" in tuner.printed
    assert (tuner.out / task / "earlier" / "1" / files.RESULT).is_file()


@pytest.mark.parametrize("task", ["classify", "instruct"])
def test_it_works_with_stand_ins_only(tuner: Tuner, task: str) -> None:
    """Without any module of the learner's, a task still runs, and says so."""
    names = [
        path.stem for folder in ("solutions", "capstone/standins") for path in (tuner.course.root / folder).glob("*.py")
    ]
    tuner(task, dict.fromkeys(names, UNWRITTEN))
    assert "yours" not in tuner.printed
    assert f"a stand-in: {UNWRITTEN}" in tuner.printed


def test_a_run_needs_a_trained_model(course: Course, tmp_path: Path, pretrained: Path) -> None:
    """Without a model, with half a one, or with one of another text, a sentence says what to run first."""
    quiet = Console(quiet=True)
    order = CapstoneOptions(tmp_path / "out", 0, quiet, quiet, device="cpu", task="classify")
    with pytest.raises(NoModel, match=r"doesn't exist yet in .* Train it first: grader capstone"):
        look_at(order)
    shutil.copytree(pretrained, order.out)
    look_at(order)
    about = json.loads((order.out / files.ABOUT).read_text(encoding="utf-8"))
    (order.out / files.ABOUT).write_text(json.dumps(about | {"text": "another"}), encoding="utf-8")
    with pytest.raises(NoModel, match="trained on a text of your own"):
        look_at(order)
    (order.out / files.RESULT).unlink()
    with pytest.raises(NoModel, match="isn't finished yet"):
        look_at(order)


def test_the_command_says_what_to_run_first() -> None:
    """`grader capstone classify` without a model ends with status 2 and the command that trains one."""
    done = run_module("grader", "capstone", "classify", "--out", "build/none", cwd=ROOT)
    assert done.returncode == 2
    assert "Train it first: grader capstone --out build/none" in " ".join(done.stderr.split())


def test_wrong_options_are_told(tmp_path: Path, pretrained: Path) -> None:
    """An unknown task, and an option that doesn't go with one, are refused before any work."""
    quiet = Console(quiet=True)
    order = CapstoneOptions(pretrained, 0, quiet, quiet, device="cpu", task="clasify")
    with pytest.raises(UsageError, match="no task `clasify`"):
        look_at(order)
    for options, name in (({"minutes": 1.0}, "--minutes"), ({"text": tmp_path}, "--text"), ({"say": "a"}, "--say")):
        with pytest.raises(UsageError, match=name):
            look_at(dataclasses.replace(order, task="instruct", **options))  # type: ignore[arg-type]


def test_a_damaged_model_is_told(tuner: Tuner) -> None:
    """A model that can't be read is named, with what to do."""
    (tuner.out / files.MODEL).write_bytes(b"\0" * 30)
    with pytest.raises(DamagedRun, match="can't be read"):
        tuner("classify")


def test_no_bag_of_words_can_win() -> None:
    """Each text has a partner with the same words and the other class, so a bag of words is right about exactly half."""
    draw = random.Random(3)
    train = tell_pairs(draw, 300)
    kept = tell_pairs(draw, 100, {example.text for example in train})
    for one, other in zip(kept[::2], kept[1::2], strict=True):
        assert Counter(words_of(one.text)) == Counter(words_of(other.text))
        assert {one.label, other.label} == {0, 1}
        assert (one.text.index("fox") < one.text.index("goose")) == one.label
    assert not {example.text for example in train} & {example.text for example in kept}
    assert bag_accuracy(train, kept) == 0.5
    assert 0.35 < bag_accuracy(train, kept, neighbors_of) < 0.65


def test_every_question_has_one_right_answer() -> None:
    """Answers come from the text; each kind is asked equally often, and no text occurs in both parts."""
    draw = random.Random(5)
    train = ask(draw, 400)
    kept = ask(draw, 80, {question.input for question in train})
    assert set(Counter(question.kind for question in kept).values()) == {10}
    assert {question.kind for question in kept} == {*KINDS, ECHO}
    for question in kept:
        answer = question.output.removeprefix("It was ").removeprefix("the ").removesuffix(".")
        assert answer in ("a girl", "a boy") or answer in question.input + question.instruction
        assert bool(question.input) == (question.kind != ECHO)
    assert not {question.input for question in train if question.input} & {question.input for question in kept}
    assert 0.1 < guessed_right(train, kept) < 0.6


class _Bytes:
    """A tokenizer of bytes."""

    def __init__(self) -> None:
        self.vocab = {number: bytes([number]) for number in range(256)}

    def __len__(self) -> int:
        return 256

    def encode(self, text: str) -> list[int]:
        return list(text.encode())


def test_the_pieces_of_the_template_are_single_tokens() -> None:
    """A fixed piece becomes one token wherever it is, and everything comes back; the end token ends a text."""
    tokenizer = TemplateTokenizer(_Bytes(), ["Do this: ", "", " So: "])  # type: ignore[arg-type]
    ids = tokenizer.encode("Do this: sing. So: la \u00e9")
    assert len(ids) == 2 + len("sing.") + len("la \u00e9".encode())
    assert tokenizer.decode([*ids, tokenizer.end, 65]) == "Do this: sing. So: la \u00e9"


class _Two(nn.Module):
    """A model with a frozen layer and another one."""

    def __init__(self) -> None:
        super().__init__()
        self.pos_emb = nn.Embedding(3, 2)
        self.frozen, self.free = nn.Linear(2, 2), nn.Linear(2, 2)
        self.frozen.requires_grad_(False)
        self.pos_emb.requires_grad_(False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.free(self.frozen(self.pos_emb(ids)))
        return logits


def test_a_loop_sees_only_what_is_trained() -> None:
    """Every parameter that a loop sees gets a gradient, by backward, by hand or through other values of it."""
    model = _Two()
    seen = Trained(model)
    assert sorted(parameter.shape for parameter in seen.parameters()) == [(2,), (2, 2)]
    ids = torch.tensor([0, 2])
    torch.testing.assert_close(seen(ids), model(ids))
    gradients = torch.autograd.grad(seen(ids).sum(), list(seen.parameters()))
    assert all(gradient is not None for gradient in gradients)
    zeros = {name: torch.zeros_like(parameter) for name, parameter in seen.named_parameters()}
    assert torch.func.functional_call(seen, zeros, (ids,)).abs().max() == 0
    seen.eval()
    assert not model.training
    assert seen.pos_emb is model.pos_emb


def _module(course: Course, folder: Path, name: str, old: str, new: str) -> Path:
    """Write a stand-in with one place changed as if it were the learner's module."""
    text = (course.root / "capstone" / "standins" / f"{name}.py").read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = folder / f"{name}.py"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("task", "name", "old", "new", "sentence"),
    [
        ("classify", "classifier", "        optimizer.step()\n", "", "took 0 optimizer steps for 2 batches"),
        (
            "classify",
            "classifier",
            "return columns[0], columns[1], columns[2]",
            "return None, columns[2]",
            "returned tuple",
        ),
        ("classify", "classifier", '"spam" if yes > no else "not spam"', '"ham"', "instead of 'spam' or 'not spam'"),
        ("classify", "classifier", "double().mean().item()", "double().sum()", "instead of a share"),
        (
            "classify",
            "classifier_head",
            "width = ",
            "width = 1 / 0 * ",
            "Your classifier_head.py raised ZeroDivisionError",
        ),
        (
            "instruct",
            "dpo",
            "return loss, chosen.detach().mean()",
            "return loss[None], chosen",
            "returned no scalar loss",
        ),
        ("instruct", "lora", "torch.add(self.linear(x), self.lora(x))", "x[9]", "Your lora.py raised IndexError"),
    ],
)
def test_a_broken_part_is_told_in_words(
    tuner: Tuner, tmp_path: Path, task: str, name: str, old: str, new: str, sentence: str
) -> None:
    """Whatever a learner's module does instead, a message says so, and which command to run next."""
    with pytest.raises(PartFailed) as raised:
        tuner(task, {name: _module(tuner.course, tmp_path, name, old, new)})
    assert sentence in str(raised.value)
    assert "grader check" in str(raised.value).splitlines()[-1]


@pytest.mark.parametrize("style", ["functions_by_themselves", "from_the_book"])
def test_every_right_loop_can_tune_with_frozen_parameters(tuner: Tuner, style: str) -> None:
    """Loops that ask for the gradient of every parameter work with a frozen model, too."""
    tuner("instruct", {"training_loop": tuner.course.styles / "training_loop" / f"{style}.py"})
    assert "your GPT, with LoRA" in tuner.printed


def test_a_loop_that_counts_the_padding_gets_none(tuner: Tuner, tmp_path: Path) -> None:
    """A right loop needn't know about targets of -100; then texts of one length are put together, and that's said."""
    path = tmp_path / "training_loop.py"
    text = (tuner.course.standins / "training_loop.py").read_text(encoding="utf-8")
    old = "F.cross_entropy(model(input_batch.to(device)).transpose(1, 2), target_batch.to(device))"
    assert text.count(old) == 1
    new = "-model(input_batch).log_softmax(-1).gather(-1, target_batch[..., None]).mean()"
    path.write_text(text.replace(old, new), encoding="utf-8")
    tuner("instruct", {"training_loop": path})
    assert "doesn't leave out targets of -100" in " ".join(tuner.printed.split())


def test_lora_adds_the_same_by_either_convention(tuner: Tuner, tmp_path: Path) -> None:
    """The book multiplies by alpha, its repository by alpha / rank: both train the same model."""
    tuner("instruct", {"lora": tuner.course.root / "capstone" / "standins" / "lora.py"})
    by_repository = tuner.files("instruct")
    tuner("instruct", {"lora": _module(tuner.course, tmp_path, "lora", "alpha / rank", "alpha")})
    assert "it differs in: lora" in " ".join(tuner.printed.split())
    assert tuner.files("instruct") == by_repository


SHARES = {"one": [(10, 0.2), (20, 0.9)], "another": [(10, 0.4), (20, 0.6)]}


def test_shares_are_drawn_as_a_picture_and_with_characters() -> None:
    """The same curves give the same picture, with the level in words; characters show each curve and the level."""
    levels = [Level("guessing", 0.3)]
    first = pictures_of_shares(SHARES, levels, "A title")
    assert first == pictures_of_shares(SHARES, levels, "A title")
    assert "guessing: 30%" in first["svg"].decode()
    drawn = in_characters_of_shares(SHARES, levels)
    assert "guessing 30%" in drawn
    assert "* one, o another" in drawn
    assert drawn.partition("right answers")[0].count("*") == 2


def test_without_matplotlib_the_shares_are_drawn_in_characters(tuner: Tuner) -> None:
    """Without matplotlib, the terminal shows the curve; once it's installed, the same command makes the picture."""

    def not_installed(*_: object) -> dict[str, bytes]:
        raise ImportError

    tuner.draws = not_installed
    tuner("classify")
    assert 'pip install -e ".[pictures]"' in tuner.printed
    assert "a bag of words 50%" in tuner.printed
    tuner.draws = lambda *_: {"png": b"a picture"}
    tuner("classify")
    assert (tuner.out / "classify" / "curve.png").read_bytes() == b"a picture"
