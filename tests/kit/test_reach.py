"""Code that can reach a torch function is watched; code that names nothing leading there is not."""

from __future__ import annotations

import textwrap
import warnings
from pathlib import Path

import pytest
import torch

from grader.course import VISIBILITIES, Course
from grader.course.mistakes import misconceptions, right_answers, with_misconception
from grader.diagnosis.cases import ask, load
from grader.learner import reach
from grader.learner.far import Far
from grader.learner.reach import can_reach
from grader.port import InProcess, Workspace
from grader.wire.requests import Answer, Call, Load, Used, Watch

NAMES = ["torch.nn.functional.layer_norm", "torch.layer_norm"]
REACHING = {
    "by its name": "import torch\ndef f(x): return torch.nn.functional.layer_norm(x, (2,))",
    "imported": "from torch.nn.functional import layer_norm as own\ndef f(x): return own(x, (2,))",
    "everything imported": "from torch import *\ndef f(x): return layer_norm(x, (2,))",
    "torch's class": "from torch import nn\nclass Own(nn.LayerNorm): pass\ndef f(x): return Own(2)(x)",
    "a class that uses it": (
        "from torch import nn\ndef f(x):\n"
        "    return nn.TransformerEncoderLayer(2, 1, 4, 0.0, batch_first=True)(x[None])"
    ),
    "a name put together": ("import torch.nn.functional as F\ndef f(x): return getattr(F, 'layer' + '_norm')(x, (2,))"),
    "a module found by its name": (
        "import sys\ndef f(x): return sys.modules['torch'].nn.functional.layer_norm(x, (2,))"
    ),
    "another module of torch": "import torch\ndef f(x): return torch.functional.F.layer_norm(x, (2,))",
    "a pattern": (
        "from torch import nn\nclass Kind(type):\n    def __instancecheck__(self, one): return True\n"
        "class Any(metaclass=Kind): pass\n"
        "def f(x):\n    match nn.functional:\n        case Any(layer_norm=own):\n            return own(x, (2,))"
    ),
    "a pattern without names": (
        "from torch import nn\nclass Kind(type):\n    def __instancecheck__(self, one): return True\n"
        "class Any(metaclass=Kind): __match_args__ = ('layer' + '_norm',)\n"
        "def f(x):\n    match nn.functional:\n        case Any(own):\n            return own(x, (2,))"
    ),
    "a frame's names": (
        "import torch\ndef f(x):\n    frame = (0 for _ in ()).gi_frame\n"
        "    return frame.f_builtins['ge' + 'tattr'](torch, 'layer' + '_norm')(x, (2,))"
    ),
    "what a function knows": (
        "from torch.nn.functional import dropout\ndef f(x): return dropout.__globals__['layer_norm'](x, (2,))"
    ),
    "text": "import torch\ndef f(x): return eval('torch.layer_norm(x, (2,))', {'torch': torch, 'x': x})",
    "a neighbor": "from .near import norm\ndef f(x): return norm(x)",
    "a neighbor's neighbor": "from . import further\ndef f(x): return further.norm(x)",
    "when it is imported": "import torch\nONE = torch.layer_norm(torch.ones(2), (2,))\ndef f(x): return ONE",
}
NOT_REACHING = {
    "arithmetic": (
        "from __future__ import annotations\nimport math\nimport torch\nfrom torch import nn\n"
        "class LayerNorm(nn.Module):\n    def __init__(self, d: int) -> None:\n        super().__init__()\n"
        "        self.scale = nn.Parameter(torch.ones(d))\n"
        "    def forward(self, x): return self.scale * (x - x.mean(-1, keepdim=True)) / math.sqrt(2)\n"
        "def f(x): return LayerNorm(2)(x)\nif __name__ == '__main__': print(f(torch.ones(2)))"
    ),
    "the book's own name": (
        "from .plain import LayerNorm\nfrom torch.nn import Linear\ndef f(x): return Linear(2, 2)(LayerNorm(x))"
    ),
    "a backward pass of its own": (
        "import torch\nclass Own(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x): return x * 2\n"
        "    @staticmethod\n    def backward(ctx, g): return g * 2\ndef f(x): return Own.apply(x)"
    ),
}
NEIGHBORS = {
    "near": "import torch\ndef norm(x): return torch.layer_norm(x, (2,))",
    "further": "from .near import *",
    "plain": "class LayerNorm:\n    def __new__(cls, x): return x - x.mean()",
}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Return the module under test and its neighbors, which are already written."""
    paths = {name: tmp_path / f"{name}.py" for name in (*NEIGHBORS, "own")}
    for name, text in NEIGHBORS.items():
        paths[name].write_text(text, encoding="utf-8")
    return paths


def used(files: dict[str, Path], names: list[str]) -> list[str]:
    """Call `own.f` on a tensor; return the names whose use was noticed."""
    transport = InProcess(Workspace(files))
    try:
        called = transport.ask([Watch(names), Load("own"), Call(0, "own", "f", [torch.ones(3, 2)], {}, 0)], 20)
        assert all(isinstance(reply, Answer) for reply in called), called
        (answer,) = transport.ask([Used()], 20)
        assert isinstance(answer, Answer)
        return list(answer.value)
    finally:
        transport.close()


@pytest.mark.parametrize("example", REACHING)
def test_code_that_reaches_a_function_is_watched(files: dict[str, Path], example: str) -> None:
    """However code gets hold of torch's function, the call is noticed."""
    files["own"].write_text(textwrap.dedent(REACHING[example]), encoding="utf-8")
    assert can_reach(NAMES, "own", files)
    assert used(files, NAMES)


@pytest.mark.parametrize("example", NOT_REACHING)
def test_code_that_cannot_reach_a_function_is_not_watched(
    files: dict[str, Path], example: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ordinary code isn't watched, and watching it would find no use of torch's function."""
    files["own"].write_text(textwrap.dedent(NOT_REACHING[example]), encoding="utf-8")
    assert not can_reach(NAMES, "own", files)
    assert used(files, NAMES) == []
    monkeypatch.setattr(Far, "_watched", lambda far: far._watch)
    assert used(files, NAMES) == []


def test_a_harmless_name_is_watched_if_it_is_the_exercise(files: dict[str, Path]) -> None:
    """A course may name any torch function; a class that calls the function counts like its name."""
    files["own"].write_text("from torch import nn\ndef f(x): return nn.Linear(2, 2)(x).tolist()", encoding="utf-8")
    linear = ["torch.nn.functional.linear"]
    assert can_reach(linear, "own", files)
    assert used(files, linear) == linear
    assert not can_reach(NAMES, "own", files)


@pytest.mark.parametrize("text", ["def f(x:\n", "\0", "x = " + "(" * 5000, "# " + "a" * 300_000])
def test_unreadable_code_is_watched(files: dict[str, Path], text: str) -> None:
    """Text that isn't Python, or is far too long, counts as reaching everything."""
    files["own"].write_text(text, encoding="utf-8")
    assert can_reach(NAMES, "own", files)


def test_a_warning_is_not_given_twice(files: dict[str, Path]) -> None:
    """Python warns about a text when it's imported, not already when its names are looked up."""
    files["own"].write_text("def f(x): return '\\d'", encoding="utf-8")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert not can_reach(NAMES, "own", files)
    assert caught == []


@pytest.mark.parametrize("exercise", ["causal_attention", "multi_head_attention", "layer_norm", "gpt_block"])
def test_nothing_of_the_course_escapes_the_watch(
    course: Course, exercise: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No correct answer or known mistake calls torch's function unnoticed, and most don't need to be watched."""
    names = [name for name in course.by_id[exercise].builtins.names if name.startswith("torch.")]
    cases = [case for kind in VISIBILITIES for case in load(course.cases(kind) / f"{exercise}.json").cases]
    cases = [case for case in cases if not case.random][::8]
    texts = [path.read_text(encoding="utf-8") for path in right_answers(course, exercise)]
    texts += [with_misconception(course, exercise, mistake) for mistake in misconceptions(course, exercise)]
    files = {need: course.standins / f"{need}.py" for need in course.all_needs(exercise)}
    monkeypatch.setattr(Far, "_watched", lambda far: far._watch)
    unwatched = 0
    for number, text in enumerate(texts):
        path = tmp_path / f"{exercise}_{number}.py"
        path.write_text(text, encoding="utf-8")
        reaching = can_reach(names, exercise, files | {exercise: path})
        unwatched += not reaching
        transport = InProcess(Workspace(files | {exercise: path}))
        try:
            transport.ask([Watch(names), Load(exercise)], 20)
            for case in cases:
                ask(transport, case, 5)
            (reply,) = transport.ask([Used()], 20)
        finally:
            transport.close()
        assert isinstance(reply, Answer)
        assert reaching or reply.value == [], text
    assert unwatched > len(texts) / 2


def test_torch_has_every_name_on_the_list() -> None:
    """Every harmless name exists in torch; docs/internals.md says what to do if a new version lacks one."""
    modules = [torch, torch.nn, torch.autograd, torch.nn.functional]
    holders = [*modules, torch.Tensor]
    missing = sorted(name for name in reach._HARMLESS if not any(hasattr(holder, name) for holder in holders))
    assert not missing, f"torch {torch.__version__} has no {', '.join(missing)}"
