"""Build the demo class: a folder of submissions like those that a class hands in.

    python benchmarks/demo_class.py build/demo/class

One is perfect, one is untouched, and one is written in another style. Some can't be imported, never return or are
empty. Each of the others contains one realistic mistake from the catalog in `solutions/misconceptions/`. All of it is
made from `solutions/`, so what somebody has written in `exercises/` isn't part of it.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from grader.course import Course, load_course
from grader.course.mistakes import misconceptions, with_misconception, write_submission
from grader.course.stub import make_stub

ROOT = Path(__file__).resolve().parents[1]

MISTAKES = {
    "eps-outside-the-root": ("layer_norm", "eps_outside_the_root"),
    "scaled-by-the-wrong-width": ("multi_head_attention", "scale_by_d_out"),
    "sees-one-token-ahead": ("causal_attention", "one_token_ahead"),
    "post-norm": ("gpt_block", "post_norm"),
    "gradients-never-zeroed": ("training_loop", "gradients_not_cleared"),
    "ties-broken-the-other-way": ("bpe_tokenizer", "tie_to_the_first_seen"),
    "last-window-lost": ("data_loader", "last_window_lost"),
    "norm-forgotten": ("gpt_model", "final_norm_missing"),
    "first-ids-kept": ("generation", "first_ids_kept"),
    "positions-restart": ("kv_cache", "positions_restart"),
    "decay-in-the-gradient": ("adamw", "decay_in_the_gradient"),
    "mean-of-means": ("accumulation", "mean_of_means"),
    "cosine-over-all-steps": ("lr_schedule", "cosine_over_all_steps"),
    "optimizer-left-out": ("checkpointing", "optimizer_left_out"),
    "weights-not-transposed": ("gpt2_weights", "projections_not_transposed"),
    "padded-on-the-left": ("spam_data", "padded_on_the_left"),
    "new-head-frozen": ("classifier_head", "head_frozen"),
    "end-token-ignored": ("instruction_data", "end_token_ignored"),
    "adapter-changes-at-once": ("lora", "b_does_not_start_at_zero"),
    "mask-not-shifted": ("dpo", "mask_not_shifted_with_the_labels"),
}
STYLES = {
    "layer_norm": "standins/layer_norm",
    "causal_attention": "styles/causal_attention/einsum_and_finfo_min",
    "multi_head_attention": "styles/multi_head_attention/loop_over_heads",
}


def make_class(course: Course, folder: Path) -> None:
    """Empty a folder, and write the submissions of the demo class into it."""
    shutil.rmtree(folder, ignore_errors=True)
    write_submission(course, folder / "perfect", {})
    write_submission(course, folder / "untouched", untouched(course))
    write_submission(course, folder / "another-style", {name: _style(style) for name, style in STYLES.items()})
    write_submission(
        course, folder / "syntax-error", {"causal_attention": "class CausalAttention(nn.Module:\n    pass\n"}
    )
    write_submission(course, folder / "never-returns", {"layer_norm": _endless(course, "layer_norm")})
    (folder / "empty").mkdir(parents=True)
    for name, (exercise, mistake) in MISTAKES.items():
        chosen = next(entry for entry in misconceptions(course, exercise) if entry.name == mistake)
        write_submission(course, folder / name, {exercise: with_misconception(course, exercise, chosen)})


def untouched(course: Course) -> dict[str, str]:
    """Return the stub of each exercise, whatever somebody has made of it in `exercises/`."""
    solutions = {name: (course.solutions / f"{name}.py").read_text(encoding="utf-8") for name in course.by_id}
    return {name: make_stub(text, f"solutions/{name}.py") for name, text in solutions.items()}


def _style(name: str) -> str:
    return (ROOT / "solutions" / f"{name}.py").read_text(encoding="utf-8")


def _endless(course: Course, exercise: str) -> str:
    """Put an endless loop at the start of every forward pass."""
    solution = (course.solutions / f"{exercise}.py").read_text(encoding="utf-8")
    mark = "        ### BEGIN SOLUTION: Start with"
    return solution.replace(mark, f"        while True:\n            x = x + 0\n{mark}")


def main() -> None:
    """Build the demo class in the folder that the command line names."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python benchmarks/demo_class.py FOLDER")
    folder = Path(sys.argv[1])
    make_class(load_course(ROOT / "course.yaml"), folder)
    count = len(list(folder.iterdir()))
    print(f"Built the demo class: {count} submissions in {folder}, made from solutions/. Your exercises/ isn't graded.")


if __name__ == "__main__":
    main()
