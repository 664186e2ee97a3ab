"""What an exercise leaves free may fail: the rest of the function goes on, and the report says what failed."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from grader.checks.outcome import PASSED, Outcome
from grader.checks.policy import run_check
from grader.checks.under_test import SubmissionUnderTest
from grader.course import Course
from grader.learner.free_code import NAME, guard_free_code
from grader.learner.source import Source
from grader.port import InProcess, LearnerRaised, OtherProcess, Port, Transport, Workspace
from grader.wire.free import EARLIER, Free

FREE = Free(names=("prompt", "tokenizer"), unless=("loader", "optimizer"), calls=("print", "open", "torch.save", "plt"))


def guarded_lines(text: str) -> list[str]:
    """List the first lines of the statements that may fail."""
    tree = ast.parse(textwrap.dedent(text))
    guard_free_code(tree, FREE)
    return [
        ast.unparse(node.body[0]).partition("\n")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.With) and ast.unparse(node.items[0]) == NAME
    ]


@pytest.mark.parametrize(
    ("text", "free"),
    [
        ("sample(model, tokenizer, prompt)", ["sample(model, tokenizer, prompt)"]),
        ("self.show(self.tokenizer)", ["self.show(self.tokenizer)"]),
        ("ids = tokenizer.encode(prompt)\nshow(ids)", ["ids = tokenizer.encode(prompt)", "show(ids)"]),
        ("size = model.cfg['size']\nshow(prompt, size)", ["size = model.cfg['size']", "show(prompt, size)"]),
        ("from other import show\nshow(prompt)", ["from other import show", "show(prompt)"]),
        ("for _ in range(3):\n    sample(prompt)", ["sample(prompt)"]),
        ("if tokenizer:\n    model.eval()\n    sample(prompt)", ["if tokenizer:", "sample(prompt)"]),
        ("torch.save(optimizer, 'a.pt')", ["torch.save(optimizer, 'a.pt')"]),
        ("figure, axis = plt.subplots()\naxis.plot(losses)", ["figure, axis = plt.subplots()", "axis.plot(losses)"]),
        ("with open('a') as file:\n    file.write(text)", ["with open('a') as file:", "file.write(text)"]),
        ("print(loss)", ["print(loss)"]),
        ("def show():\n    return tokenizer.decode([1])\nshow()", ["show()"]),
    ],
)
def test_what_only_serves_the_sample_may_fail(text: str, free: list[str]) -> None:
    """Statements that use a free name are free, and so are those before and after that only serve them, and tools."""
    function = f"def train(model, loader, optimizer, prompt, tokenizer):\n{textwrap.indent(text, '    ')}\n"
    assert sorted(guarded_lines(function)) == sorted(free)


@pytest.mark.parametrize(
    "text",
    [
        "train_epoch(model, loader, tokenizer)",
        "trainer = Trainer(model, optimizer, tokenizer)\ntrainer.run()",
        "for x, y in loader:\n    loss = step(x, y, tokenizer)\n    loss.backward()",
        "return fit(model, tokenizer, prompt)",
        "losses = []\nlosses.append(step(model))\nreturn losses",
        "losses = [step(batch) for batch in model.batches]\nreturn losses",
        "for x in loader:\n    optimizer.step()",
        "state = torch.load('a.pt')\nmodel.load_state_dict(state)",
    ],
)
def test_what_training_needs_may_not_fail(text: str) -> None:
    """A statement that trains is never free, and neither is one whose result is needed elsewhere."""
    function = f"def train(model, loader, optimizer, prompt, tokenizer):\n{textwrap.indent(text, '    ')}\n"
    assert guarded_lines(function) == []


def test_a_loop_that_waits_for_the_sample_fails_as_a_whole() -> None:
    """If a statement in a `while` loop were skipped, the loop could wait for it without end."""
    text = """
        def sample(model, prompt):
            while len(prompt) < 9:
                prompt = prompt + model(prompt)

        def until(model, tokenizer):
            while True:
                text = tokenizer.decode(model())
                if text == "end":
                    break
    """
    assert guarded_lines(text) == ["while len(prompt) < 9:"]


def test_code_outside_of_functions_is_not_free() -> None:
    """What stands at the top level of a module isn't changed."""
    assert guarded_lines("print(tokenizer.decode([1]))\n") == []


@pytest.fixture(params=[InProcess, OtherProcess])
def ask(request: pytest.FixtureRequest, write_module: Callable[..., Path]) -> Iterator[Callable[[str], Port]]:
    """Return a function that opens a port to a module in which some things are free."""
    transports: list[Transport] = []

    def opened(text: str) -> Port:
        path = write_module(textwrap.dedent(text))
        transports.append(request.param(Workspace({"thing": path}, {"thing": FREE})))
        port = Port(transports[-1], "thing")
        port.begin()
        port.watch([])
        return port

    yield opened
    for transport in transports:
        transport.close()


def test_a_failure_is_noted_and_the_function_goes_on(ask: Callable[[str], Port]) -> None:
    """The function returns its result, and the port lists the exception with its line in the file."""
    port = ask("""\
        def train(prompt):
            ids = encode(prompt)
            print(ids)
            return 7
    """)
    assert port.call("train", "ab") == 7
    (raised,) = port.failures()
    assert raised.types == ["NameError"]
    assert raised.text == "name 'encode' is not defined"
    assert [(frame.line, frame.source) for frame in raised.frames] == [(2, "ids = encode(prompt)")]


def test_failures_are_forgotten_with_the_next_check(ask: Callable[[str], Port]) -> None:
    """Each check gets only what failed since it began."""
    port = ask("def go(prompt):\n    show(prompt)\n")
    port.call("go", "ab")
    assert len(port.failures()) == 1
    port.watch([])
    port.load()
    assert port.failures() == []


def test_a_failure_leaves_modes_as_they_were(ask: Callable[[str], Port]) -> None:
    """A sample that fails between `eval` and `train` leaves the model in the mode it was in, and gradients on."""
    port = ask("""\
        import torch

        def sample(net, text):
            net.eval()
            torch.set_grad_enabled(False)
            unknown(text)
            net.train()

        def train(model, prompt):
            sample(model, prompt)
            return model.training, torch.is_grad_enabled()
    """)
    model = port.probe("LanguageModel", vocab_size=3, emb_dim=2, context_length=4).train()
    assert port.call("train", model, "ab") == (True, True)


def test_a_sample_that_works_leaves_the_mode_that_it_set(ask: Callable[[str], Port]) -> None:
    """Only a failure is undone: a sample that works and stays in evaluation mode is a mistake."""
    port = ask("""\
        def train(model, prompt):
            show(model, prompt)
            return model.training

        def show(net, text):
            net.eval()
    """)
    model = port.probe("LanguageModel", vocab_size=3, emb_dim=2, context_length=4).train()
    assert port.call("train", model, "ab") is False


def test_nothing_is_free_unless_the_course_says_so(write_module: Callable[..., Path]) -> None:
    """Without the course's word, a sample that fails ends the function."""
    path = write_module("def train(prompt):\n    sample(prompt)\n")
    port = Port(InProcess(Workspace({"thing": path})), "thing")
    with pytest.raises(LearnerRaised, match="name 'sample' is not defined"):
        port.call("train", "ab")


@pytest.mark.parametrize(("visibility", "shown"), [("visible", True), ("hidden", False)])
def test_a_hidden_check_gives_no_remark(
    course: Course, write_module: Callable[..., Path], visibility: str, shown: bool
) -> None:
    """What the learner's code raises could contain the inputs of a hidden check, so it gives none."""
    path = write_module("def train_model_simple(start_context):\n    raise_it(start_context)\n")
    exercise = course.by_id["training_loop"]
    check = next(check for check in exercise.checks if check.visibility == visibility)

    def run_over(port: Port) -> Outcome:
        port.begin()
        port.watch([])
        port.load()
        port.call("train_model_simple", "ab")
        return PASSED

    under_test = SubmissionUnderTest(course)
    under_test.load({exercise.id: path})
    try:
        assert bool(run_check(check, exercise, under_test, run_over).remarks) is shown
    finally:
        under_test.close()


def test_nothing_of_an_exercise_is_given_away(course: Course) -> None:
    """What stands in for earlier chapters has no name that an exercise asks for whose code may take it."""
    path = course.standins / f"{EARLIER}.py"
    given = Source(path.read_bytes(), str(path)).definitions
    assert {"generate_text_simple", "GPTModel"} <= given
    free = [exercise for exercise in course.exercises if exercise.free != Free()]
    assert free
    for exercise in free:
        stub = course.stubs / f"{exercise.id}.py"
        assert given.isdisjoint(Source(stub.read_bytes(), str(stub)).definitions), exercise.id


def test_only_free_code_gets_earlier_chapters(course: Course, tmp_path: Path) -> None:
    """An exercise without free code can't import them, by any name, so they are nobody's answer."""
    path = tmp_path / "layer_norm.py"
    lines = [f"from {module} import GPTModel as {module}" for module in (EARLIER, "previous_chapters")]
    path.write_text(
        "\n".join([*lines, "def call(cfg):", f"    return str({EARLIER}), str(previous_chapters)"]), "utf-8"
    )
    under_test = SubmissionUnderTest(course)
    under_test.load({"layer_norm": path})
    try:
        port = under_test.port("layer_norm")
        port.begin()
        assert sorted(remark.name for remark in port.load()) == ["GPTModel", EARLIER]
    finally:
        under_test.close()


def test_the_stand_ins_of_earlier_chapters_work(course: Course) -> None:
    """A model is built, its data are cut into windows, and it writes as many tokens as it is asked for."""
    port = Port(InProcess(Workspace({EARLIER: course.standins / f"{EARLIER}.py"})), EARLIER)
    port.begin()
    sizes = {"vocab_size": 256, "context_length": 4, "emb_dim": 8, "n_heads": 2, "n_layers": 2, "drop_rate": 0.1}
    model = port.build("GPTModel", cfg=sizes).eval()
    loader = port.keep("create_dataloader_v1", "abcdefghij", batch_size=1, max_length=4, stride=2)
    assert loader.call("__len__") == 3
    written = port.call("generate_text_simple", model, torch.tensor([[1, 2]]), 7, 4)
    assert isinstance(written, torch.Tensor)
    assert written.shape == (1, 9)
    full = model(torch.tensor([[5, 6, 7]]))
    assert isinstance(full, torch.Tensor)
    short = model(torch.tensor([[5, 6]]))
    assert isinstance(short, torch.Tensor)
    assert torch.allclose(full[:, :2], short, atol=1e-5)
    drawn = port.call("generate", model, torch.tensor([[1]]), 3, 4, temperature=1.0, top_k=1)
    greedy = port.call("generate", model, torch.tensor([[1]]), 3, 4)
    assert isinstance(drawn, torch.Tensor)
    assert isinstance(greedy, torch.Tensor)
    assert torch.equal(drawn, greedy)
    tokenizer = port.probe("Tokenizer", vocab_size=256)
    printed = port.printed("generate_and_print_sample", model, tokenizer, port.probe("device"), "ab")
    assert len(printed) == 53


def test_a_model_takes_a_context_of_any_length(ask: Callable[[str], Port]) -> None:
    """A sample may be longer than `pos_emb`: its rows repeat, and shorter inputs get what they always got."""
    port = ask("")
    model = port.probe("LanguageModel", vocab_size=3, emb_dim=2, context_length=4).eval()
    ids = torch.tensor([[0, 1, 2, 0, 0, 1, 2, 0]])
    logits = model(ids)
    assert isinstance(logits, torch.Tensor)
    assert torch.equal(logits[:, :4], logits[:, 4:])
