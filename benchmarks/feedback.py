"""Compare what a learner reads here with what a bare assertion says about the same mistake: writes `docs/feedback.md`.

python -m benchmarks.feedback
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from grader.checks.runner import Runner, visible
from grader.checks.summary import in_full, on_a_terminal
from grader.checks.under_test import SubmissionUnderTest
from grader.course import Course, find_course, load_course
from grader.course.mistakes import misconception, with_misconception, write_submission
from grader.failures.as_text import message

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "feedback.md"

CHOSEN = (
    ("layer_norm", "unbiased_variance"),
    ("layer_norm", "eps_outside_the_root"),
    ("causal_attention", "scale_by_d_in"),
    ("causal_attention", "diagonal_masked"),
    ("causal_attention", "mask_after_softmax"),
    ("multi_head_attention", "heads_by_view_alone"),
    ("gpt_block", "post_norm"),
    ("bpe_tokenizer", "tie_by_id"),
    ("training_loop", "gradients_not_cleared"),
    ("training_loop", "steps_counted_from_one"),
)

# The tests that you'd write first, with fixed seeds, as in most courses.
BARE = {
    "layer_norm": """\
        import torch, torch.nn.functional as F
        from right.layer_norm import LayerNorm
        def test_layer_norm():
            torch.manual_seed(123)
            x = 1e-3 * torch.randn(2, 5)
            assert torch.allclose(LayerNorm(5)(x), F.layer_norm(x, (5,)), atol=1e-4)
        """,
    "causal_attention": """\
        import torch
        from right.causal_attention import CausalAttention as Right
        from wrong.causal_attention import CausalAttention as Wrong
        def test_causal_attention():
            torch.manual_seed(123)
            x, right, wrong = torch.randn(2, 6, 3), Right(3, 2, 6, 0.0), Wrong(3, 2, 6, 0.0)
            wrong.load_state_dict(right.state_dict())
            assert torch.allclose(wrong(x), right(x), atol=1e-4)
        """,
    "multi_head_attention": """\
        import torch
        from right.multi_head_attention import MultiHeadAttention as Right
        from wrong.multi_head_attention import MultiHeadAttention as Wrong
        def test_multi_head_attention():
            torch.manual_seed(123)
            x, right, wrong = torch.randn(2, 6, 3), Right(3, 4, 6, 0.0, 2), Wrong(3, 4, 6, 0.0, 2)
            wrong.load_state_dict(right.state_dict())
            assert torch.allclose(wrong(x), right(x), atol=1e-4)
        """,
    "gpt_block": """\
        import torch
        from right.gpt_block import TransformerBlock as Right
        from wrong.gpt_block import TransformerBlock as Wrong
        CFG = {"emb_dim": 4, "context_length": 6, "n_heads": 2, "drop_rate": 0.0, "qkv_bias": False}
        def test_transformer_block():
            torch.manual_seed(123)
            x, right, wrong = torch.randn(2, 6, 4), Right(CFG), Wrong(CFG)
            wrong.load_state_dict(right.state_dict())
            assert torch.allclose(wrong(x), right(x), atol=1e-4)
        """,
    "bpe_tokenizer": """\
        from right.bpe_tokenizer import train_bpe as right
        from wrong.bpe_tokenizer import train_bpe as wrong
        def test_train_bpe():
            text = "the cat sat on the mat, the bat on the hat"
            assert wrong(text, 270) == right(text, 270)
        """,
    "training_loop": """\
        import torch
        from grader.learner.probes import LanguageModel, Loader, Tokenizer
        from right.training_loop import train_model_simple as right
        from wrong.training_loop import train_model_simple as wrong
        def test_training():
            torch.manual_seed(123)
            batches = [tuple(torch.randint(5, (2, 2, 4))) for _ in range(3)]
            losses = []
            for train in (wrong, right):
                model = LanguageModel(5, 3, 8)
                optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
                loader = Loader(batches)
                result = train(model, loader, loader, optimizer, "cpu", 2, 2, 1, "a", Tokenizer(5))
                losses.append(torch.tensor(result[0]))
            assert torch.allclose(*losses, atol=1e-4)
        """,
}

INTRODUCTION = """\
# What a learner reads

Here are ten mistakes from the catalog, each handed in with modules that are otherwise correct.
For each one you see what `pytest` prints here.
After that comes what an assertion with `torch.allclose` (or `==`) prints for the very same module.
Both come from real runs; `python -m benchmarks.feedback` writes this page.

[diagnosis.md](diagnosis.md) explains how the grader names mistakes, and how often it's right.
"""


def page(course: Course) -> str:
    """Write the page."""
    parts = [INTRODUCTION]
    for number, (exercise, name) in enumerate(CHOSEN, start=1):
        mistake = misconception(course, exercise, name)
        text = with_misconception(course, exercise, mistake)
        with tempfile.TemporaryDirectory() as folder:
            ours, bare = failure(course, exercise, text, Path(folder)), assertion(course, exercise, text, Path(folder))
        parts.append(
            f"## {number}. `{exercise}`: {name.replace('_', ' ')}\n\nHere:\n\n```text\n{ours}\n```\n\n"
            f"A bare assertion:\n\n```text\n{bare}\n```\n"
        )
    return "\n".join(parts)


def failure(course: Course, exercise: str, text: str, folder: Path) -> str:
    """Run the visible checks as a student's `pytest` does, and return the failure that it shows in full."""
    submission = write_submission(course, folder / "submission", {exercise: text})
    under_test = SubmissionUnderTest(course)
    checks = visible(course, exercise)
    with Runner(course, under_test, checks) as runner:
        under_test.load({e.id: submission / f"{e.id}.py" for e in course.exercises})
        tried = ((check, *runner.run(check)) for check in checks)
        check, outcome, printed = next(attempt for attempt in tried if attempt[1].status != "passed")
    lines = in_full("FAILED", message(on_a_terminal(check, outcome)), printed)
    return "\n".join(line.text.removeprefix("  ") for line in lines)


def assertion(course: Course, exercise: str, text: str, folder: Path) -> str:
    """Run a test that only asserts, and return the lines in which pytest shows its failure."""
    for name, replaced in (("right", {}), ("wrong", {exercise: text})):
        write_submission(course, folder / name, replaced)
        (folder / name / "__init__.py").write_text("", encoding="utf-8")
    lines = BARE[exercise].replace("from right.layer_norm", "from wrong.layer_norm").splitlines()
    (folder / "test_bare.py").write_text("\n".join(line[8:] for line in lines) + "\n", encoding="utf-8")
    shown = run_pytest(folder, "-p", "no:grader.checks.plugin", "-o", "addopts=", "--tb=short", "test_bare.py")
    lines = [line for line in shown.splitlines() if line.startswith("E ")]
    if not lines:
        return shown.splitlines()[-1].strip("= ") + ": the test misses the mistake"
    return "\n".join(re.sub(r"0x[0-9a-f]+", "0x…", line) for line in lines[:16])


def run_pytest(folder: Path, *options: str) -> str:
    command = [sys.executable, "-m", "pytest", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


if __name__ == "__main__":
    PAGE.write_text(page(load_course(find_course(ROOT))), encoding="utf-8")
