"""A training run that is saved and loaded, for the checks of `checkpointing`."""

from typing import Any

import torch

from grader.checks import Handle, Port, expect, expect_equal, expect_number
from grader.port import LearnerRaised
from grader.text import printable


class Run:
    """A model with its optimizer, which were trained for some steps.

    Args:
        port: where they live.
        seed: seed for the model's weights.
        steps: how many steps of training they have had.
        width: of the model; another one has other shapes.
        turned: whether one of its weights has the same number of values in another shape.
    """

    def __init__(self, port: Port, seed: int = 1, steps: int = 0, width: int = 32, turned: bool = False) -> None:
        self.port = port
        self.model = port.probe("Trainee", seed=seed, width=width, **({"turned": True} if turned else {}))
        self.optimizer = self.model.keep("make_optimizer")
        if steps:
            self.practice(steps)

    def practice(self, steps: int) -> list[float]:
        """Train, and return the losses."""
        losses: list[float] = self.model.call("practice", self.optimizer, steps)
        return losses

    def save(self, path: Handle, step: int = 3) -> None:
        """Have the learner's code save this run. What it returns is free, so it stays on the far side."""
        self.port.keep("save_checkpoint", path, self.model, self.optimizer, step)
        self.port.flush()

    def saves(self, path: Handle, step: int) -> bool:
        """Try to save this run; say whether that returned without an exception."""
        self.port.keep("save_checkpoint", path, self.model, self.optimizer, step)
        return self._returned()

    def loads(self, path: Handle) -> bool:
        """Try to load a checkpoint into this run; say whether that returned without an exception."""
        self.port.keep("load_checkpoint", path, self.model, self.optimizer)
        return self._returned()

    def _returned(self) -> bool:
        """Say whether a queued call returns.

        It may raise any exception, so recorded answers don't tell what it raises. But they tell whether the question
        that was sent with it got an answer.
        """
        try:
            self.average()
        except LearnerRaised:
            return False
        return True

    def load(self, path: Handle) -> Any:
        """Have the learner's code load a checkpoint into this run; return what came back."""
        return self.port.call("load_checkpoint", path, self.model, self.optimizer)

    def weights(self, trainable: bool = True) -> dict[str, torch.Tensor]:
        """Return the model's weights by name: the trainable ones, or the frozen ones."""
        parameters = self.model.parameters()
        return {name: info.value for name, info in parameters.items() if info.trainable == trainable}

    def average(self) -> torch.Tensor:
        """Return the model's buffer."""
        value: torch.Tensor = self.model.attribute("average")
        return value

    def everything(self) -> dict[str, torch.Tensor]:
        """Return all weights by name, and the buffer."""
        return {**self.weights(), **self.weights(trainable=False), "average": self.average()}


def disk_of(port: Port) -> Handle:
    """Make a folder for files."""
    return port.probe("Disk")


def path_on(disk: Handle, name: str = "run.pt") -> Handle:
    """Return the path of a file on a disk."""
    return disk.keep("path", name)


def expect_same(got: dict[str, torch.Tensor], expected: dict[str, torch.Tensor], when: str) -> None:
    """Fail unless tensors have the same names and, bit for bit, the same values."""
    for name, value in expected.items():
        expect(name in got, got=f"no {name} {when}", expected=f"{name}, as it was")
        expect_identical(got[name], value, f"{name} {when}")


def expect_identical(got: Any, expected: torch.Tensor, what: str) -> None:
    """Fail unless a tensor is, bit for bit, the expected one."""
    expect_equal(got, expected, what)
    largest = float((got - expected).abs().max())
    expect(largest == 0.0, got=f"{what}: up to {largest:.2g} more or less", expected="every bit as before")


def expect_step(got: Any, expected: int) -> None:
    """Fail unless a learner's code returns the step that was saved, as a number of any kind."""
    step = expect_number(got, "the step")
    expect(step == expected, got=f"step {step:g}", expected=f"step {expected}, the one that was saved")


def rates(run: Run) -> list[Any]:
    """Return the learning rate of each of the optimizer's groups."""
    return [group.get("lr") for group in _state(run)["param_groups"]]


def moments(run: Run) -> dict[str, torch.Tensor]:
    """Return what the optimizer remembers about each of its parameters, by a name for each tensor."""
    remembered = _state(run)["state"]
    return {
        f"{name} of parameter {number}": torch.as_tensor(value, dtype=torch.float32)
        for number, of_parameter in remembered.items()
        for name, value in of_parameter.items()
    }


def _state(run: Run) -> dict[str, Any]:
    state: dict[str, Any] = run.optimizer.call("state_dict")
    return state


def failed_save(port: Port, hinder: str, room: int = 1000, apart: bool = False) -> tuple[bool, dict[str, Any]]:
    """Save a run, train on, and have a second save to the same file fail; then load the file into another run.

    Args:
        port: where to do it.
        hinder: `disk` fills up the disk, `value` gives the optimizer an option that can't be written to a file.
        room: how many bytes still fit into a file on the full disk.
        apart: whether files can't be renamed onto the disk from elsewhere.

    Returns:
        Whether the second save returned without an exception although the file has the first; and the step and weights
        that were loaded (`got`), and those of the checkpoint that should be there (`expected`): the first, or a second
        that is complete.
    """
    disk, run = disk_of(port), Run(port, steps=2)
    path = path_on(disk)
    run.save(path, step=2)
    expected: dict[str, Any] = {"step": 2, "weights": run.weights()}
    run.practice(1)
    if hinder == "value":
        run.model.call("make_unwritable", run.optimizer)
    if apart:
        disk.call("set_apart")
    if hinder == "disk":
        disk.call("fill_up", room)
    try:
        returned = run.saves(path, step=3)
    finally:
        disk.call("make_room")
    second = {"step": 3, "weights": run.weights()}
    other = Run(port, seed=2)
    try:
        step = other.load(path)
    except LearnerRaised as error:
        came = printable(f"a file that can't be loaded any more ({error})")
        expect(False, got=came, expected=f"the checkpoint of step {expected['step']}")
    # Whoever leaves out the value that can't be written, or writes elsewhere on the same disk, may save.
    is_saved = returned and step == second["step"]
    expected = second if is_saved else expected
    return returned and not is_saved, {"got": {"step": step, "weights": other.weights()}, "expected": expected}


def expect_whole_file(loaded: dict[str, Any]) -> None:
    """Fail unless a file, after a save that failed, still has the checkpoint that it had before."""
    expect_step(loaded["got"]["step"], loaded["expected"]["step"])
    expect_same(loaded["got"]["weights"], loaded["expected"]["weights"], "in the file after the save that failed")
