"""The losses of training that the learner's code interrupts, next to those of training that never stops."""

from grader.checks import Port
from grader.pictures import Curve, Curves, Picture
from tests.visible.checkpoints import Run, disk_of, path_on

BEFORE, AFTER = 4, 8
ABOUT = f"Training is saved after step {BEFORE}, and goes on in another model. Both curves should be one."


def pictures(learner: Port) -> list[Picture]:
    """Train without and with a break, and draw both."""
    expected = Run(learner).practice(BEFORE + AFTER)
    learner.begin()
    run, path = Run(learner), path_on(disk_of(learner))
    got = run.practice(BEFORE)
    run.save(path, BEFORE)
    run.practice(1)
    other = Run(learner, seed=2, steps=1)
    other.load(path)
    got += other.practice(AFTER)
    curves = (Curve("yours, with a break", points(got)), Curve("expected, without", points(expected)))
    panel = Curves("", curves, (), "steps", "loss")
    return [Picture("Losses before and after a break", (panel,), sentences(got, expected), ABOUT)]


def points(losses: list[float]) -> tuple[tuple[float, float], ...]:
    """Give each loss the number of its step, from 1 on."""
    return tuple((float(number), loss) for number, loss in enumerate(losses, 1))


def sentences(got: list[float], expected: list[float]) -> tuple[str, ...]:
    """Say from which step on the losses differ, and what can cause that."""
    for step, (loss, right) in enumerate(zip(got, expected, strict=True), 1):
        if loss != right:
            first = "the weights, the buffer or the random numbers" if step <= BEFORE + 1 else "the optimizer"
            return (f"from step {step} on: got loss {loss:.4f}, expected {right:.4f}. Look at {first}.",)
    return ()
