"""Fine-tuning the trained model to follow instructions: all of it, or with LoRA; then DPO, from its own mistakes."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import io
import json
import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from rich.table import Table
from torch import Tensor, nn

from capstone import folder as files
from capstone.account import parts_table
from capstone.batches import Batch, Loader
from capstone.errors import NoModel
from capstone.legs import progress_bar
from capstone.model import count_parameters
from capstone.questions import Question, ask, guessed_right
from capstone.tokens import Tokens
from capstone.training import LOOP, TRAIN, Plan
from capstone.tuning import Task, Trained, Tuning, bar_of
from capstone.writing import continued
from grader.study.capstone import CapstoneOptions, Parts

INSTRUCT = "instruct"
MODULES = (
    "bpe_tokenizer", "multi_head_attention", "layer_norm", "gpt_block", "gpt_model", "generation", "training_loop",
    "adamw", "checkpointing", "instruction_data", "lora", "dpo",
)  # fmt: skip
DATA, LORA, DPO = "instruction_data", "lora", "dpo"
BEFORE, TUNED, WITH_LORA, AFTER_DPO = "before", "fine-tuned", "with LoRA", "after DPO"
IGNORED = -100
ANSWER = "\n\n### Response:\n"
SCALE = 2.0
"""The factor of what LoRA adds, whichever of the two conventions the learner's module follows."""
SHOWN = 6


@dataclass(frozen=True)
class InstructSizes:
    """The sizes of everything: numbers of questions, and the plans of the three trainings.

    `looked_at` held-out questions are answered after each leg, and all of them at the end. `drawn` other questions
    are answered at temperature 1 before DPO, to find mistakes.
    """

    questions: int = 3200
    kept: int = 400
    looked_at: int = 96
    drawn: int = 3200
    rank: int = 8
    beta: float = 2.0
    plan: Plan = field(default_factory=lambda: Plan(steps=1000, leg=100, batch=16, looks=4, rate=3e-3))
    lora: Plan = field(default_factory=lambda: Plan(steps=1000, leg=100, batch=16, looks=4, rate=8e-3, decay=0.0))
    dpo: Plan = field(default_factory=lambda: Plan(steps=60, leg=10, batch=8, looks=4, rate=5e-5, decay=0.0))


@dataclass(frozen=True)
class Answers:
    """What one model answered: the share of right answers, of all and of each kind of question, and some of them."""

    right: float
    kinds: dict[str, float]
    shown: list[str]


@dataclass(frozen=True)
class Report:
    """The results.

    `guessed` is the share of right answers of somebody who doesn't read the input. `mistakes` is the number of wrong
    answers among those to `asked` instructions, from which DPO learned, and `losses` are those of DPO at its end, on
    the pairs that it learned from and on others.
    """

    guessed: float
    answers: dict[str, Answers]
    trained: dict[str, int]
    parameters: int
    mistakes: int
    asked: int
    losses: list[float]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Report:
        """Make a report from plain data."""
        return cls(**{**data, "answers": {name: Answers(**each) for name, each in data["answers"].items()}})


def instruct(parts: Parts, order: CapstoneOptions, device: torch.device, sizes: InstructSizes | None = None) -> Report:
    """Fine-tune the trained model to follow instructions; show and save the results.

    Args:
        parts: the learner's modules, or stand-ins.
        order: the user's options.
        device: where to compute.
        sizes: the sizes of everything.

    Raises:
        GraderError: there is no trained model, or a module of the learner's failed.
    """
    sizes = sizes or InstructSizes()
    task = Task(parts, order, device, MODULES, sizes)
    task.say("Your assistant is made of:")
    order.console.print(parts_table(parts, MODULES))
    work = _Work(task, sizes)
    result = task.run.read(files.RESULT)
    if result is None:
        report = work.finish()
        task.run.write(files.RESULT, json.dumps(dataclasses.asdict(report), indent=1))
    else:
        report = Report.from_data(result)
        task.say("This run was already finished; --restart trains again.")
        task.redraw()
    _show(task, report, work.kept)
    return report


class TemplateTokenizer:
    """The learner's tokenizer, in which each fixed piece of the template is a single token.

    The pieces get the ids of bytes that no text has. That is how the models of today mark who says what, and with
    a vocabulary that was learned from stories it makes the texts half as long.

    Args:
        tokens: the learner's tokenizer.
        pieces: the fixed pieces.
    """

    def __init__(self, tokens: Tokens, pieces: Sequence[str]) -> None:
        self._tokens = tokens
        self.n_vocab = len(tokens)
        ids = {token: number for number, token in tokens.vocab.items()}
        self.end = ids[b"\0"]
        self._special = {piece: ids[bytes([number])] for number, piece in enumerate(pieces, start=1)}

    @property
    def special(self) -> list[int]:
        """The ids of the end token and of the pieces."""
        return [self.end, *self._special.values()]

    def encode(self, text: str, *, allowed_special: object = (), disallowed_special: object = ()) -> list[int]:
        """Return the ids of a text."""
        begins = {text.index(piece): piece for piece in self._special if piece and piece in text}
        ids: list[int] = []
        position = 0
        for begin, piece in sorted(begins.items()):
            if begin >= position:
                ids += [*self._tokens.encode(text[position:begin]), self._special[piece]]
                position = begin + len(piece)
        return ids + self._tokens.encode(text[position:])

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of ids, up to the end token."""
        known = {number: piece for piece, number in self._special.items()}
        pieces = []
        for number in ids:
            if number == self.end:
                break
            pieces.append(known[number] if number in known else self._tokens.vocab[number].decode("latin-1"))
        return "".join(pieces).encode("latin-1", "replace").decode("utf-8", "replace")


class _Work:
    """The three trainings, and the questions."""

    def __init__(self, task: Task, sizes: InstructSizes) -> None:
        self._task, self._sizes = task, sizes
        parts = task.parts
        self._format: Callable[[Mapping[str, str]], str] = parts.take(DATA, "format_input")
        with parts.running():
            pieces = self._pieces()
        self.tokenizer = TemplateTokenizer(task.pretrained.tokens, pieces)
        self._context = task.pretrained.config["context_length"]
        draw = random.Random(0)
        asked = ask(draw, sizes.questions)
        with parts.running():
            # With the token that ends it.
            self._longest = 1 + max(len(self.tokenizer.encode(question.output)) for question in asked)
        self.train = self._fitting(asked)
        known = {question.input for question in self.train}
        self.kept = self._fitting(ask(draw, sizes.kept, known))
        known |= {question.input for question in self.kept}
        self._others = self._fitting(ask(draw, sizes.drawn, known))
        if not (self.train and self.kept and self._others):
            raise NoModel("The model's context is too short for the questions. Train another one: grader capstone")

    def _pieces(self) -> list[str]:
        """Return the fixed pieces of the template, found by formatting an entry of marks."""
        marks = {"instruction": "\1", "input": "\2", "output": "\3"}
        before, _, rest = self._format(marks).partition("\1")
        return [before, rest.partition("\2")[0], ANSWER]

    def _fitting(self, questions: Sequence[Question]) -> list[Question]:
        """Keep the questions that fit into the model's context."""
        with self._task.parts.running():
            return [question for question in questions if len(self._ids(question)) + self._longest <= self._context]

    def _ids(self, question: Question) -> list[int]:
        return self.tokenizer.encode(self._format(question.entry()) + ANSWER)

    def finish(self) -> Report:
        """Train three times, and let each model answer all held-out questions."""
        task, sizes, parts = self._task, self._sizes, self._task.parts
        model = self._fresh_model()
        self._say_sizes(model)
        guessed = guessed_right(self.train, self.kept)
        answers = {BEFORE: self._answered(model)}
        rows = _Rows(task, self.train, self.kept, self.tokenizer, self._context)
        if not rows.padded:
            task.say(
                f"Your {TRAIN} doesn't leave out targets of {IGNORED}, which its exercise doesn't ask for. "
                "So all texts of a batch have the same length here."
            )
        baseline = f"guessing {guessed:.0%}"

        def tuned(name: str, model: nn.Module, plan: Plan) -> Tuning[Batch]:
            training = _Tuning(
                parts, model, task.device, task.seed(name), task.plan(plan), rows, lambda: self._right(model)
            )
            task.trained(task.begun(task.folder / name), training, name, baseline)
            answers[_NAMES[name]] = self._answered(model)
            return training

        full = tuned("tuned", model, sizes.plan)
        with_lora = self._with_lora()
        thin = tuned("lora", with_lora, sizes.lora)
        pairs = self._pairs(model)
        trained = {
            TUNED: count_parameters(model),
            WITH_LORA: _trained_in(with_lora),
            AFTER_DPO: count_parameters(model),
        }
        curves = {"fine-tuning": full.curve, f"LoRA, {trained[WITH_LORA]:,} parameters": thin.curve}
        losses: list[float] = []
        if len(pairs) > 1:
            policy, reference = copy.deepcopy(model), model.requires_grad_(False).eval()
            plan = task.plan(sizes.dpo, sizes.dpo.steps / sizes.plan.steps)
            better = _Preference(
                parts,
                policy.requires_grad_(True),
                reference,
                task,
                plan,
                pairs,
                sizes.beta,
                lambda: self._right(policy),
            )
            task.trained(task.begun(task.folder / "dpo"), better, "dpo", baseline)
            answers[AFTER_DPO] = self._answered(policy)
            losses = [better.curve[-1].train, better.curve[-1].kept]
            curves["DPO after it"] = [
                dataclasses.replace(point, step=full.plan.steps + point.step) for point in better.curve
            ]
        else:
            task.say("Your GPT made too few mistakes to learn from with DPO.")
        task.draw(curves, {"guessing by the instruction": guessed}, "Your GPT, learning to follow instructions")
        return Report(guessed, answers, trained, count_parameters(model), len(pairs), len(self._others), losses)

    def _say_sizes(self, model: nn.Module) -> None:
        task = self._task
        task.say(f"  entries {len(self.train):,} to learn from, {len(self.kept)} held out")
        task.say(f"  model   {count_parameters(model):,} parameters; on {task.device.type}")

    def _fresh_model(self) -> nn.Module:
        """Return the pretrained model; the new tokens' vectors become as long as those of the others."""
        model = self._task.pretrained.model(self._task.parts, self._task.device)
        table = model.get_parameter("tok_emb.weight")
        generator = torch.Generator().manual_seed(self._task.seed("new tokens"))
        with torch.no_grad():
            new = torch.randn(len(self.tokenizer.special), table.shape[1], generator=generator)
            used = table.norm(dim=1).median() / math.sqrt(table.shape[1])
            table[self.tokenizer.special] = (used.cpu() * new).to(table)
        return model

    def _with_lora(self) -> nn.Module:
        """Return the pretrained model with LoRA in all its linear layers, and nothing else trainable."""
        task, rank = self._task, self._sizes.rank
        model = self._fresh_model().requires_grad_(False)
        layer = task.parts.take(LORA, "LoRALayer")
        replace = task.parts.take(LORA, "replace_linear_with_lora")
        task.seeded("lora")
        with task.parts.running():
            # The factor is alpha in the book, and alpha / rank in its repository. Measure it, and choose alpha.
            probe = layer(in_dim=1, out_dim=1, rank=rank, alpha=1)
            with torch.no_grad():
                for name in ("A", "B"):
                    probe.get_parameter(name).fill_(1.0)
                factor = float(probe(torch.ones(1, 1))) / rank
            task.seeded("lora")
            alpha = SCALE / factor
            replace(model, rank=rank, alpha=int(alpha) if alpha == int(alpha) else alpha)
        return model.to(task.device)

    def _right(self, model: nn.Module) -> float:
        some = self.kept[: self._sizes.looked_at]
        return sum(
            answer == question.output for answer, question in zip(self._answers(model, some), some, strict=True)
        ) / len(some)

    def _answered(self, model: nn.Module) -> Answers:
        """Let a model answer all held-out questions."""
        given = self._answers(model, self.kept)
        by_kind: dict[str, list[bool]] = {}
        for answer, question in zip(given, self.kept, strict=True):
            by_kind.setdefault(question.kind, []).append(answer == question.output)
        right = [hit for hits in by_kind.values() for hit in hits]
        kinds = {kind: sum(hits) / len(hits) for kind, hits in by_kind.items()}
        return Answers(sum(right) / len(right), kinds, given[:SHOWN])

    def _answers(self, model: nn.Module, questions: Sequence[Question], temperature: float = 0.0) -> list[str]:
        """Let a model answer questions, as many at once as have prompts of the same length."""
        by_length: dict[int, list[int]] = {}
        with self._task.parts.running():
            prompts = [self._ids(question) for question in questions]
        for number, prompt in enumerate(prompts):
            by_length.setdefault(len(prompt), []).append(number)
        answers = [""] * len(questions)
        for length, numbers in sorted(by_length.items()):
            rows = torch.tensor([prompts[number] for number in numbers], device=self._task.device)
            seed = self._task.seed(f"answers {length}")
            written = continued(self._task.parts, model, rows, self._longest, self._context, temperature, seed)
            for number, ids in zip(numbers, written, strict=True):
                answers[number] = self.tokenizer.decode(ids)
        return answers

    def _pairs(self, model: nn.Module) -> list[tuple[list[int], list[int], list[int]]]:
        """Return prompts, right answers, and wrong ones that the model gave to them at temperature 1."""
        with progress_bar(self._task.order) as bar:
            bar.add_task("asking for mistakes", total=None, status="")
            given = self._answers(model, self._others, temperature=1.0)
        encode, end = self.tokenizer.encode, [self.tokenizer.end]
        with self._task.parts.running():
            return [
                (self._ids(question), encode(question.output) + end, encode(answer)[: self._longest] + end)
                for answer, question in zip(given, self._others, strict=True)
                if answer != question.output
            ]


_NAMES = {"tuned": TUNED, "lora": WITH_LORA}


class _Rows:
    """The entries as the learner's `InstructionDataset` makes them, and batches as their collate function does."""

    def __init__(
        self,
        task: Task,
        train: Sequence[Question],
        kept: Sequence[Question],
        tokenizer: TemplateTokenizer,
        context: int,
    ) -> None:
        parts = task.parts
        self._parts, self._device, self._context, self.tokenizer = parts, task.device, context, tokenizer
        kind = parts.take(DATA, "InstructionDataset")
        self._collate: Any = parts.take(DATA, "custom_collate_fn")
        self.padded = _leaves_padding_out(parts, tokenizer)
        with parts.running():
            self._train, self._kept = (self._items(kind, side) for side in (train, kept))
        self._alike: dict[int, list[int]] = {}
        for number, item in enumerate(self._train):
            self._alike.setdefault(len(item), []).append(number)

    def _items(self, kind: Any, questions: Sequence[Question]) -> list[list[int]]:
        dataset = kind([question.entry() for question in questions], self.tokenizer)
        return [list(dataset[number]) for number in range(len(dataset))]

    def drawn(self, count: int, size: int, seed: int) -> list[Batch]:
        """Draw batches of the training entries."""
        draw = random.Random(seed)
        batches = []
        for _ in range(count):
            numbers = [draw.randrange(len(self._train)) for _ in range(size)]
            if not self.padded:
                alike = self._alike[len(self._train[numbers[0]])]
                numbers = [draw.choice(alike) for _ in range(size)]
            batches.append(self._batch([self._train[number] for number in numbers]))
        return batches

    def kept(self, count: int, size: int) -> list[Batch]:
        """Return batches of held-out entries, always the same ones; their lengths differ as little as possible."""
        size = size if self.padded else 1
        step = max(1, len(self._kept) // (count * size))
        some = self._kept[::step][: count * size]
        return [self._batch(some[first : first + size]) for first in range(0, len(some), size)]

    def _batch(self, items: list[list[int]]) -> Batch:
        inputs, targets = self._collate(
            items,
            pad_token_id=self.tokenizer.end,
            ignore_index=IGNORED,
            allowed_max_length=self._context,
            device=self._device,
        )
        return inputs, targets


class _Tiny(nn.Module):
    """A model that knows which token follows which, for a look at a loop."""

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self.tok_emb, self.pos_emb = nn.Embedding(tokens, 4), nn.Embedding(8, 4)
        self.out_head = nn.Linear(4, tokens, bias=False)

    def forward(self, ids: Tensor) -> Tensor:
        logits: Tensor = self.out_head(self.tok_emb(ids))
        return logits


def _leaves_padding_out(parts: Parts, tokenizer: TemplateTokenizer) -> bool:
    """Say whether the learner's loop leaves out targets of -100: it may compute its loss by itself."""
    torch.manual_seed(0)
    model = _Tiny(tokenizer.n_vocab)
    inputs, targets = torch.tensor([[1, 2, 3], [4, 5, 6]]), torch.tensor([[2, 3, 7], [5, IGNORED, IGNORED]])
    with torch.no_grad():
        expected = nn.functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten()).item()
    loop = parts.take(LOOP, TRAIN)
    loader = [(inputs, targets)]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    try:
        with parts.running(), contextlib.redirect_stdout(io.StringIO()):
            returned = loop(model, loader, loader, optimizer, torch.device("cpu"), 1, 1, 1, "a", tokenizer)
            return abs(float(returned[1][0]) - expected) < 1e-3
    except Exception:
        return False


class _Tuning(Tuning[Batch]):
    """The legs of the learner's `train_model_simple`."""

    def __init__(
        self,
        parts: Parts,
        model: nn.Module,
        device: torch.device,
        seed: int,
        plan: Plan,
        rows: _Rows,
        right: Callable[[], float],
    ) -> None:
        super().__init__(parts, model, device, seed, plan, rows.drawn, right, (LOOP, TRAIN))
        self._kept, self._tokenizer = rows.kept(plan.looks, plan.batch), rows.tokenizer
        self._loop = parts.take(LOOP, TRAIN)

    def _take(self, batches: list[Batch], begun: Callable[[], None]) -> tuple[float, float]:
        every = max(1, len(batches) - 1)
        loaders = Loader(batches, begun), Loader(self._kept)
        given = (Trained(self.model), *loaders, self.optimizer, self._device)
        returned = self._loop(*given, 1, every, len(self._kept), "Once", self._tokenizer)
        count = len(range(0, len(batches), every))
        what = "three lists of numbers"
        return self._last(returned, count, 0, what), self._last(returned, count, 1, what)


Preferences = dict[str, Tensor]


class _Preference(Tuning[Preferences]):
    """Legs of DPO: each step lowers the loss that the learner's `compute_dpo_loss_batch` computes."""

    def __init__(
        self,
        parts: Parts,
        policy: nn.Module,
        reference: nn.Module,
        task: Task,
        plan: Plan,
        pairs: Sequence[tuple[list[int], list[int], list[int]]],
        beta: float,
        right: Callable[[], float],
    ) -> None:
        held = max(1, len(pairs) // 10)
        learned = pairs[held:]

        def drawn(count: int, size: int, seed: int) -> list[Preferences]:
            draw = random.Random(seed)
            return [_preferences([draw.choice(learned) for _ in range(size)], task.device) for _ in range(count)]

        super().__init__(
            parts, policy, task.device, task.seed("dpo"), plan, drawn, right, (DPO, "compute_dpo_loss_batch")
        )
        self._reference, self._beta = reference, beta
        self._kept = [
            _preferences(pairs[first : min(first + plan.batch, held)], task.device)
            for first in range(0, held, plan.batch)
        ]
        self._loss = parts.take(DPO, "compute_dpo_loss_batch")
        self._measure = parts.take(DPO, "compute_dpo_loss_loader")

    def _take(self, batches: list[Preferences], begun: Callable[[], None]) -> tuple[float, float]:
        losses = []
        self.model.train()
        for batch in batches:
            begun()
            self.optimizer.zero_grad()
            loss = self._loss(batch, self.model, self._reference, self._beta)[0]
            if not isinstance(loss, Tensor) or loss.shape != ():
                raise self._at_fault("returned no scalar loss")
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimizer.step()
            losses.append(loss.item())
        self.model.eval()
        kept = self._measure(self._kept, self.model, self._reference, self._beta)[0]
        return sum(losses) / len(losses), float(kept)


def _preferences(pairs: Sequence[tuple[list[int], list[int], list[int]]], device: torch.device) -> Preferences:
    """Make a batch: right and wrong answers after their prompts, and masks that select the answers."""
    length = max(len(prompt) + max(len(right), len(wrong)) for prompt, right, wrong in pairs)
    batch = {}
    for side, which in (("chosen", 1), ("rejected", 2)):
        rows, masks = [], []
        for pair in pairs:
            prompt, answer = pair[0], pair[which]
            rest = length - len(prompt) - len(answer)
            rows.append([*prompt, *answer, *[answer[-1]] * rest])
            masks.append([False] * len(prompt) + [True] * len(answer) + [False] * rest)
        batch[side] = torch.tensor(rows, device=device)
        batch[f"{side}_mask"] = torch.tensor(masks, device=device)
    return batch


def _trained_in(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def compared(before: float, after: float, count: int) -> str:
    """Say whether a share of right answers to a number of questions has changed by more than chance."""
    more = round((after - before) * count)
    if abs(more) <= 2 * math.sqrt(count * before * (1 - before)):
        return f"A difference of {abs(more)} in {count} answers may be chance."
    return "That helped." if more > 0 else "That didn't help."


def _show(task: Task, report: Report, kept: Sequence[Question]) -> None:
    console = task.order.console
    console.print()
    table = Table(title=f"Right answers to {len(kept)} held-out instructions", title_justify="left", box=None)
    table.add_column("")
    table.add_column("right", justify="right")
    table.add_column("trained parameters", justify="right")
    table.add_column("", no_wrap=True)
    table.add_row("the most frequent answer", f"{report.guessed:.1%}", "", bar_of(console, report.guessed))
    for name, answers in report.answers.items():
        count = f"{report.trained[name]:,}" if name in report.trained else ""
        table.add_row(f"your GPT, {name}", f"{answers.right:.1%}", count, bar_of(console, answers.right))
    console.print(table)
    console.print()
    kinds = Table(title="By kind", title_justify="left", box=None)
    kinds.add_column("")
    for name in report.answers:
        kinds.add_column(name, justify="right")
    for kind in next(iter(report.answers.values())).kinds:
        kinds.add_row(kind, *(f"{answers.kinds[kind]:.0%}" for answers in report.answers.values()))
    console.print(kinds)
    console.print()
    if AFTER_DPO in report.answers:
        before, after = report.answers[TUNED].right, report.answers[AFTER_DPO].right
        verdict = compared(before, after, len(kept))
        task.say(
            f"DPO learned from {report.mistakes} wrong answers that your fine-tuned GPT gave to {report.asked:,} other "
            f"instructions at temperature 1: {before:.1%} before, {after:.1%} after. {verdict}"
        )
        learned, other = report.losses
        task.say(
            f"Without a preference its loss is ln 2 = {math.log(2):.3f}. At the end it is {learned:.3f} on the pairs "
            f"that it learned from, and {other:.3f} on others."
        )
    lines = []
    for number, question in enumerate(kept[:SHOWN]):
        given = "\n".join(f"  {name}: {answers.shown[number]}" for name, answers in report.answers.items())
        lines.append(
            f"--- {question.instruction} {question.input}".rstrip() + f"\n  right: {question.output}\n{given}\n"
        )
    task.run.write(files.SAMPLES, "\n".join(lines))
    task.say("\n" + "\n".join(lines))
    task.say_files()
