"""Each switch in docs/internals.md turns off the thing it names, in whichever process that runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.grading import GradingOptions
from grader.learner.far import Far
from grader.learner.workspace import Workspace
from grader.sandbox import large_pages, launch, worker
from grader.wire.requests import Load, Watch
from grader.wire.switches import SWITCHES, is_off

ROOT = Path(__file__).resolve().parents[2]


def test_a_switch_is_off_if_the_variable_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the variable, everything is on; commas and spaces separate the names in it."""
    monkeypatch.delenv("GRADER_OFF", raising=False)
    assert not any(is_off(switch) for switch in SWITCHES)
    monkeypatch.setenv("GRADER_OFF", "replay, large_pages")
    assert [switch for switch in SWITCHES if is_off(switch)] == ["replay", "large_pages"]
    assert not GradingOptions().replay


def test_a_mistyped_switch_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown switch is an error, because it would turn nothing off; the message lists the switches."""
    monkeypatch.setenv("GRADER_OFF", "replays")
    with pytest.raises(GraderError, match="GRADER_OFF names replays; the switches are replay, torch_names"):
        GradingOptions()


def test_without_torch_names_every_module_is_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that names no torch function is watched only if detection by names is off."""
    path = tmp_path / "own.py"
    path.write_text("def f(x): return x + 1\n", encoding="utf-8")

    def watches() -> bool:
        far = Far(Workspace({"own": path}))
        far.answer([Watch(["torch.nn.functional.layer_norm"]), Load("own")])
        return far._watching

    monkeypatch.delenv("GRADER_OFF", raising=False)
    assert not watches()
    monkeypatch.setenv("GRADER_OFF", "torch_names")
    assert watches()


def test_without_large_pages_memory_is_not_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's list of memory regions is read unless large pages are switched off."""
    read: list[str] = []

    def open_it(path: str, **options: object) -> object:
        read.append(path)
        raise OSError

    monkeypatch.setattr("builtins.open", open_it)
    monkeypatch.setattr("mmap.PAGESIZE", 4096)
    monkeypatch.setenv("GRADER_OFF", "large_pages")
    large_pages.collapse()
    assert read == []
    monkeypatch.delenv("GRADER_OFF")
    large_pages.collapse()
    assert read == ["/proc/self/maps"]


def test_the_switches_reach_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox inherits no environment variables, but GRADER_OFF is passed on if it is set."""
    monkeypatch.setenv("GRADER_OFF", "torch_names")
    command = launch._bubblewrap()
    position = command.index("GRADER_OFF")
    assert command[position - 1 : position + 2] == ["--setenv", "GRADER_OFF", "torch_names"]
    monkeypatch.delenv("GRADER_OFF")
    assert "GRADER_OFF" not in launch._bubblewrap()


def test_every_switch_is_documented() -> None:
    """docs/internals.md shows each switch the way you type it, and no others."""
    text = (ROOT / "docs" / "internals.md").read_text(encoding="utf-8")
    assert [switch for switch in SWITCHES if f"`GRADER_OFF={switch}`" not in text] == []
    assert set(re.findall(r"`GRADER_OFF=(\w+)`", text)) == set(SWITCHES)


@pytest.mark.parametrize("machine", sorted(worker._TABLES))
def test_every_refused_call_has_a_number_or_is_known_to_be_absent(machine: str) -> None:
    """Every system call in the sandbox's list has a number or is known to be absent, so a typo in the list shows."""
    numbers = worker._COMMON | worker._TABLES[machine]
    absent = set(worker._ABSENT.get(machine, ()))
    assert set(worker._REFUSED) == (set(numbers) - {"clone", "clone3"}) | absent
    assert not absent & set(numbers)


def test_a_mistyped_call_stops_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a call that should be refused has no number, the filter isn't built at all."""
    monkeypatch.setattr(worker, "_REFUSED", (*worker._REFUSED, "exceve"))
    with pytest.raises(KeyError, match="exceve"):
        worker.seccomp_program()
