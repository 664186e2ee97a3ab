"""Hidden checks of `checkpointing`: many runs, sizes, paths, and disks that fill up sooner or later."""

from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, expect, sizes
from tests.visible.checkpoints import (
    Run,
    disk_of,
    expect_same,
    expect_step,
    expect_whole_file,
    failed_save,
    path_on,
)

NAMES = st.sampled_from(["a", "run.pt", "final.ckpt", "step_10.bin", "my run", "a.b.c", "größe.pt"])


@given(steps=st.lists(sizes(1, 2), min_size=2, max_size=3), lr=st.sampled_from([0.01, 0.003, 0.1]))
def test_training_with_any_number_of_breaks_equals_training_without(learner: Port, steps: list[int], lr: float) -> None:
    """However often training is saved, losses and weights are those without a break: in this run, and after loading."""

    def set_rate(run: Run) -> None:
        learner.probe("param_group", optimizer=run.optimizer, index=1).keep("update", {"lr": lr})

    run = Run(learner)
    set_rate(run)
    losses, weights, one_more = run.practice(sum(steps)), run.weights(), run.practice(1)
    learner.begin()
    path, run = path_on(disk_of(learner)), Run(learner)
    set_rate(run)
    got = run.practice(steps[0])
    for number, count in enumerate(steps[1:], 1):
        run.save(path, step=number)
        after, expected = run.practice(2), (losses + one_more)[len(got) :][:2]
        expect(after == expected, got=f"losses {after} after saving", expected=f"{expected}, as without saving")
        run = Run(learner, seed=number + 1)
        expect_step(run.load(path), number)
        got += run.practice(count)
    expect(got == losses, got=f"losses {got} with breaks", expected=f"{losses}, as without a break")
    expect_same(run.weights(), weights, "in the end")


@given(width=sizes(1, 31))
def test_every_model_of_other_shapes_is_refused_and_stays(learner: Port, width: int) -> None:
    """A model of any other width is refused, and stays as it was."""
    run, other, path = Run(learner, steps=1), Run(learner, seed=2, width=width), path_on(disk_of(learner))
    run.save(path)
    before = other.everything()
    expect(not other.loads(path), got="no exception", expected="one, because the shapes differ")
    expect_same(other.everything(), before, "of the model that didn't fit")


@given(width=sizes(1, 31))
def test_the_same_numbers_in_another_shape_are_refused(learner: Port, width: int) -> None:
    """A model that has as many numbers, but one of its weights in another shape, is refused, and stays as it was."""
    run, path = Run(learner, steps=1, width=width), path_on(disk_of(learner))
    other = Run(learner, seed=2, width=width, turned=True)
    run.save(path)
    before = other.everything()
    expect(not other.loads(path), got="no exception", expected="one, because the weight of `second` has another shape")
    expect_same(other.everything(), before, "of the model that didn't fit")


@given(hinder=st.sampled_from(["disk", "value"]), room=st.sampled_from([0, 1, 100, 3000]), apart=st.booleans())
def test_whatever_fails_the_earlier_file_is_whole(learner: Port, hinder: str, room: int, apart: bool) -> None:
    """However soon the disk is full, and whatever can't be written, the file has a whole checkpoint: the earlier one.

    Only a save that returned without an exception may have replaced it.
    """
    is_silent, loaded = failed_save(learner, hinder, room, apart and hinder == "disk")
    expect(not is_silent, got="no exception, and no new checkpoint", expected="an exception of any kind")
    expect_whole_file(loaded)


@given(name=NAMES, step=sizes(0, 10**6), apart=st.booleans())
def test_every_path_and_every_step_will_do(learner: Port, name: str, step: int, apart: bool) -> None:
    """Two paths of any name have two checkpoints, also on a disk apart, and every step comes back."""
    disk, run, other = disk_of(learner), Run(learner), Run(learner, seed=2)
    if apart:
        disk.call("set_apart")
    run.save(path_on(disk, name), step=step)
    other.save(path_on(disk, f"other {name}"), step=step + 1)
    for number, expected in ((step, run.weights()), (step + 1, other.weights())):
        loaded = Run(learner, seed=3)
        prefix = "" if number == step else "other "
        expect_step(loaded.load(path_on(disk, f"{prefix}{name}")), number)
        expect_same(loaded.weights(), expected, f"from the file with step {number}")
