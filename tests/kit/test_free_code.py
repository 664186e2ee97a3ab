"""What an exercise leaves free may fail: the rest of the function goes on, and the report says what failed."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from grader.learner.free_code import NAME, guard_free_code
from grader.port import InProcess, LearnerRaised, OtherProcess, Port, Transport, Workspace
from grader.wire.free import Free

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


def test_a_model_takes_a_context_of_any_length(ask: Callable[[str], Port]) -> None:
    """A sample may be longer than `pos_emb`: its rows repeat, and shorter inputs get what they always got."""
    port = ask("")
    model = port.probe("LanguageModel", vocab_size=3, emb_dim=2, context_length=4).eval()
    ids = torch.tensor([[0, 1, 2, 0, 0, 1, 2, 0]])
    logits = model(ids)
    assert isinstance(logits, torch.Tensor)
    assert torch.equal(logits[:, :4], logits[:, 4:])
