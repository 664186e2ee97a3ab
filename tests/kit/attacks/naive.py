"""A grader like many others: it imports a submission into the process of its reference and checks.

It stands here so that an attack can be seen to succeed. `naive.py RUN EXERCISE` grades RUN/submissions/attack, then
RUN/submissions/honest, prints a score for each and writes RUN/results.json.
"""

from __future__ import annotations

import importlib.util
import json
import math
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

REAL: dict[str, tuple[str, dict[str, Any], tuple[int, ...]]] = {
    "layer_norm": ("LayerNorm", {"emb_dim": 4}, (2, 3, 4)),
    "causal_attention": (
        "CausalAttention", {"d_in": 3, "d_out": 2, "context_length": 5, "dropout": 0.0}, (2, 5, 3),
    ),
    "multi_head_attention": (
        "MultiHeadAttention",
        {"d_in": 4, "d_out": 4, "context_length": 5, "dropout": 0.0, "num_heads": 2},
        (2, 5, 4),
    ),
}  # fmt: skip


def load(path: Path, name: str) -> ModuleType:
    """Import a file."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def same(got: Any, due: Any) -> bool:
    """Compare numbers as checks do that were written in a hurry."""
    if "pytest" in sys.modules and got == sys.modules["pytest"].approx(due):
        return True
    return bool(got == due or math.isclose(got, due))


def check_numbers(learner: Any, reference: Any) -> None:
    """Compare with the reference at a few points."""
    for x in (3.0, 4.25):
        assert same(learner.double(x), reference.double(x))


def check_tensors(learner: Any, reference: Any, exercise: str) -> None:
    """Compare with a reference that is given the learner's own parameters and input, after the call."""
    import torch

    name, kwargs, shape = REAL[exercise]
    torch.manual_seed(0)
    x = torch.rand(shape)
    module = getattr(learner, name)(**kwargs)
    got = module(x)
    right = getattr(reference, name)(**kwargs)
    right.load_state_dict(module.state_dict(), strict=False)
    assert torch.allclose(got, right(x), atol=1e-4)


def main(run: Path, exercise: str) -> None:
    """Grade the attack and the honest submission."""
    scores = {}
    reference = load(run / "solutions" / f"{exercise}.py", f"solutions.{exercise}")
    checks = load(run / "tests" / "checks.py", "tests.checks")
    checks.CHECKS = [check_numbers if exercise == "double" else lambda *two: check_tensors(*two, exercise)]
    for name in ("attack", "honest"):
        folder = run / "submissions" / name
        os.chdir(folder)
        passed = 0
        try:
            learner = load(folder / f"{exercise}.py", exercise)
            for check in checks.CHECKS:
                check(learner, reference)
                passed += 1
        except Exception as error:
            print(f"{type(error).__name__}: {error}")
        scores[name] = [passed, 1]
        print(f"SCORE {name} {passed}/1", flush=True)
    (run / "results.json").write_text(json.dumps(scores))


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    main(Path(sys.argv[1]), sys.argv[2])
