"""Visible checks of `checkpointing`: what a file must hold, and what becomes of it if a save fails."""

from grader.checks import Port, expect
from tests.visible.checkpoints import (
    Run,
    disk_of,
    expect_identical,
    expect_same,
    expect_step,
    expect_whole_file,
    failed_save,
    moments,
    path_on,
    rates,
)


def test_the_step_comes_back(learner: Port) -> None:
    """`load_checkpoint` returns the step that was saved."""
    run, path = Run(learner, steps=1), path_on(disk_of(learner))
    for step in (7, 0):
        run.save(path, step=step)
        expect_step(run.load(path), step)


def test_trained_weights_come_back(learner: Port) -> None:
    """After loading, the model that you passed has the weights of the saved one, in full precision."""
    run, other, path = Run(learner, steps=2), Run(learner, seed=2), path_on(disk_of(learner))
    run.save(path)
    other.load(path)
    expect_same(other.weights(), run.weights(), "after loading")


def test_frozen_weights_come_back(learner: Port) -> None:
    """Weights that aren't trained come back, too: the model needs them just as much.

    What do you list, all parameters or only those that require a gradient?
    """
    run, other, path = Run(learner, steps=2), Run(learner, seed=2), path_on(disk_of(learner))
    run.save(path)
    other.load(path)
    expect_same(other.weights(trainable=False), run.weights(trainable=False), "after loading")


def test_buffers_come_back(learner: Port) -> None:
    """Buffers, such as running averages, come back: they aren't parameters, but they belong to the model."""
    run, other, path = Run(learner, steps=2), Run(learner, seed=2), path_on(disk_of(learner))
    run.save(path)
    other.load(path)
    expect_identical(other.average(), run.average(), "the buffer after loading")


def test_the_optimizers_memory_comes_back(learner: Port) -> None:
    """The optimizer gets back what it remembers of earlier gradients, and how many steps it has taken."""
    run, other, path = Run(learner, steps=2), Run(learner, seed=2), path_on(disk_of(learner))
    run.save(path)
    other.load(path)
    expect_same(moments(other), moments(run), "in the optimizer after loading")


def test_learning_rates_come_back(learner: Port) -> None:
    """Each group of the optimizer gets back its learning rate, even if a schedule has changed it since the start."""
    run, other, path = Run(learner, steps=1), Run(learner, seed=2), path_on(disk_of(learner))
    group = learner.probe("param_group", optimizer=run.optimizer, index=0)
    group.keep("update", {"lr": 0.0025})
    run.save(path)
    other.load(path)
    got, expected = rates(other), rates(run)
    expect(got == expected, got=f"learning rates {got}", expected=f"{expected}")


def test_random_numbers_go_on(learner: Port) -> None:
    """After loading, torch draws the numbers that it would have drawn after the save."""
    run, path = Run(learner, steps=1), path_on(disk_of(learner))
    run.save(path)
    expected = run.model.call("draw")
    run.model.call("draw")
    run.load(path)
    expect_identical(run.model.call("draw"), expected, "the first random numbers after loading")


def test_saving_changes_nothing(learner: Port) -> None:
    """Training that saves in between goes on as training that doesn't: saving leaves everything as it was."""
    expected = Run(learner, steps=2).practice(2)
    learner.begin()
    run = Run(learner, steps=2)
    run.save(path_on(disk_of(learner)))
    got = run.practice(2)
    expect(got == expected, got=f"losses {got} after saving", expected=f"{expected}, as without saving")


def test_the_optimizer_trains_the_loaded_model(learner: Port) -> None:
    """After loading, the optimizer that you passed still moves the weights of the model that you passed.

    If you give the model new parameters, the optimizer still has the old ones.
    """
    run, other, path = Run(learner, steps=1), Run(learner, seed=2), path_on(disk_of(learner))
    run.save(path)
    other.load(path)
    before = other.weights()
    other.practice(1)
    after = other.weights()
    still = [name for name, value in before.items() if name in after and bool((after[name] == value).all())]
    expect(not still, got=f"no change of {', '.join(still)} in a step of training", expected="a change of every weight")


def test_a_second_save_replaces_the_first(learner: Port) -> None:
    """Saving to the same path again replaces the checkpoint that is there."""
    run, path = Run(learner, steps=1), path_on(disk_of(learner))
    run.save(path, step=1)
    run.practice(1)
    run.save(path, step=2)
    expected = run.weights()
    other = Run(learner, seed=2)
    expect_step(other.load(path), 2)
    expect_same(other.weights(), expected, "after loading the second save")


def test_a_file_holds_the_state_at_the_time_of_saving(learner: Port) -> None:
    """What is in a file doesn't change: neither by training on, nor by a save to another path."""
    disk, run = disk_of(learner), Run(learner, steps=1)
    run.save(path_on(disk, "first.pt"), step=1)
    expected = run.weights()
    run.practice(1)
    run.save(path_on(disk, "second.pt"), step=2)
    run.practice(1)
    expect_step(run.load(path_on(disk, "first.pt")), 1)
    expect_same(run.weights(), expected, "after loading the first of two files")


def test_a_model_of_other_shapes_is_refused(learner: Port) -> None:
    """Loading into a model of other shapes raises an exception."""
    run, other, path = Run(learner, steps=1), Run(learner, seed=2, width=16), path_on(disk_of(learner))
    run.save(path)
    because = "one, because the weights of `second` and `last` have other shapes"
    expect(not other.loads(path), got="no exception", expected=because)


def test_a_refused_model_stays_as_it_was(learner: Port) -> None:
    """If loading raises because of the shapes, nothing of the model has changed, not even the parts that fit.

    Look at all shapes before you copy the first number.
    """
    run, other, path = Run(learner, steps=1), Run(learner, seed=2, width=16), path_on(disk_of(learner))
    run.save(path)
    before = other.everything()
    if not other.loads(path):
        expect_same(other.everything(), before, "of the model that didn't fit")


def test_a_save_that_fails_raises(learner: Port) -> None:
    """If the disk is full, the save raises an exception: whoever trains has to know that nothing was saved."""
    disk, run = disk_of(learner), Run(learner, steps=1)
    path = path_on(disk)
    disk.call("fill_up")
    try:
        returned = run.saves(path, step=1)
    finally:
        disk.call("make_room")
    if returned:
        loads = Run(learner, seed=2).loads(path)
        expect(loads, got="no exception on a full disk, and no checkpoint", expected="an exception of any kind")


def test_a_full_disk_leaves_the_earlier_file(learner: Port) -> None:
    """If the disk fills up in the middle of a save, the earlier checkpoint is still there, complete.

    Opening a file for writing empties it. So write somewhere else first.
    """
    _, loaded = failed_save(learner, "disk")
    expect_whole_file(loaded)


def test_a_value_that_cannot_be_written_leaves_the_earlier_file(learner: Port) -> None:
    """If a value can't be written, the earlier checkpoint is still there, complete."""
    _, loaded = failed_save(learner, "value")
    expect_whole_file(loaded)


def test_the_folder_may_be_on_another_disk(learner: Port) -> None:
    """A checkpoint can be saved on a disk that is apart from all other folders, such as the one for temporary files.

    Between two disks, a file can't be renamed.
    """
    disk, run, other = disk_of(learner), Run(learner, steps=1), Run(learner, seed=2)
    path = path_on(disk)
    disk.call("set_apart")
    run.save(path, step=1)
    expect_step(other.load(path), 1)


def test_a_file_is_never_half_written_on_another_disk(learner: Port) -> None:
    """If that other disk is full, the earlier checkpoint is still there: copying a finished file can fail, too."""
    _, loaded = failed_save(learner, "disk", apart=True)
    expect_whole_file(loaded)


def test_training_goes_on_as_if_it_had_never_stopped(learner: Port) -> None:
    """All together: after loading, the losses and weights are, bit for bit, those of training that never stopped."""
    whole = Run(learner, steps=2)
    losses, weights = whole.practice(3), whole.weights()
    learner.begin()
    run, path = Run(learner, steps=2), path_on(disk_of(learner))
    run.save(path)
    run.practice(1)
    other = Run(learner, seed=2, steps=1)
    other.load(path)
    got = other.practice(3)
    expect(got == losses, got=f"losses {got} after loading", expected=f"{losses}, as without a break")
    expect_same(other.weights(), weights, "after three more steps")
