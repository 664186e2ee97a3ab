"""Probes behave like what they replace: a tokenizer like tiktoken, a model with a cache like one without."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from grader.learner.disk import Disk
from grader.learner.probes import (
    CachedLanguageModel,
    CharacterTokenizer,
    LanguageModel,
    Layers,
    Trainee,
    device_of,
    moved,
    optimizer,
)


def test_a_character_tokenizer_is_as_strict_as_tiktoken() -> None:
    """It refuses a special token that isn't allowed, and decodes only lists of whole numbers."""
    tokenizer = CharacterTokenizer("<|>endoftx")
    special = {"allowed_special": {"<|endoftext|>"}}
    ids = tokenizer.encode("on<|endoftext|>", **special)
    assert ids == [6, 4, 10]
    assert tokenizer.decode(ids) == "on<|endoftext|>"
    assert tokenizer.encode("<|endoftext|>", allowed_special="all") == [10]
    assert len(tokenizer.encode("<|endoftext|>", disallowed_special=())) == 13
    with pytest.raises(ValueError, match="special token"):
        tokenizer.encode("<|endoftext|>")
    for wrong in ([ids], torch.tensor(ids)):
        with pytest.raises(TypeError):
            tokenizer.decode(wrong)  # type: ignore[arg-type]


def test_a_lenient_tokenizer_refuses_nothing() -> None:
    """If it is lenient, `<|endoftext|>` is one token unless the code asks for ordinary text."""
    tokenizer = CharacterTokenizer("<|>endoftx", lenient=True)
    assert tokenizer.encode("x<|endoftext|>") == tokenizer.encode("x<|endoftext|>", allowed_special="all") == [9, 10]
    assert len(tokenizer.encode("x<|endoftext|>", disallowed_special=())) == 14


def test_a_model_with_a_cache_continues_where_it_stopped() -> None:
    """However a text is cut into calls, the logits are those of one call without a cache."""
    model = CachedLanguageModel(vocab_size=5, emb_dim=3, context_length=8).double().eval()
    ids = torch.tensor([[0, 1, 2, 3, 4], [4, 0, 3, 1, 1]])
    whole = model(ids)
    for lengths in ([5], [3, 1, 1], [1, 4]):
        model.reset_kv_cache()
        parts = [model(part, use_cache=True) for part in ids.split(lengths, dim=1)]
        torch.testing.assert_close(torch.cat(parts, dim=1), whole)
    assert [(passed["use_cache"], passed["cached"]) for passed in model.record()[-2:]] == [(True, 0), (True, 1)]
    torch.testing.assert_close(model(ids), whole)


def test_a_model_elsewhere_takes_only_ids_that_are_there_too() -> None:
    """On `meta`, as on a GPU, an embedding refuses ids that are still on the CPU."""
    model, ids = moved(LanguageModel(vocab_size=5, emb_dim=3, context_length=8)), torch.tensor([[0, 1]])
    assert device_of(model(moved(ids))) == "meta"
    assert device_of(ids) == "cpu"
    with pytest.raises(RuntimeError, match="ids are on cpu"):
        model(ids)


def test_an_optimizer_records_the_rate_of_each_group() -> None:
    """A rate that is changed between two steps shows in the record, for its own group."""
    model = LanguageModel(vocab_size=5, emb_dim=3, context_length=8)
    recorder = optimizer("SGD", model, groups=2, lr=0.5)
    assert [len(group["params"]) for group in recorder.param_groups] == [2, 1]
    recorder.step()
    recorder.param_groups[1]["lr"] = 0.25
    recorder.step()
    assert [step["rates"] for step in recorder.record()] == [[0.5, 0.5], [0.5, 0.25]]  # type: ignore[attr-defined]


def test_layers_come_one_after_the_other() -> None:
    """A layer reads the activation of the one before, and its weight is named after its position."""
    network = Layers(widths=[3, 2, 1])
    assert [name for name, _ in network.named_parameters() if "weight" in name] == [
        "layers.0.0.weight",
        "layers.1.0.weight",
    ]
    assert network(torch.ones(4, 3)).shape == (4, 1)


def test_a_trainee_uses_all_that_a_checkpoint_must_hold() -> None:
    """Its training depends on its weights, its buffer, its frozen layer, its optimizer and torch's random state."""

    def trained(change: Callable[[Trainee, torch.optim.AdamW], object] = lambda model, optimizer: None) -> list[float]:
        model = Trainee(seed=1)
        optimizer = model.make_optimizer()
        model.practice(optimizer, 2)
        with torch.no_grad():
            change(model, optimizer)
        return model.practice(optimizer, 3)

    expected = trained()
    assert trained() == expected
    for change in (
        lambda model, optimizer: model.average.zero_(),
        lambda model, optimizer: model.fixed.weight.mul_(2),
        lambda model, optimizer: optimizer.state.clear(),
        lambda model, optimizer: optimizer.param_groups[1].update(lr=0.1),
        lambda model, optimizer: model.draw(),
    ):
        assert trained(change) != expected


def write_by_a_stream(data: bytes, path: str) -> None:
    """Write with Python's own file."""
    with open(path, "wb") as file:
        file.write(data)


def write_by_torch(data: bytes, path: str) -> None:
    """Write with torch's own file, of which Python knows nothing."""
    torch.save(torch.load(io.BytesIO(data)), path)


@pytest.mark.parametrize("write", [write_by_a_stream, write_by_torch])
def test_a_full_disk_refuses_to_take_more_however_it_is_written_to(write: Callable[[bytes, str], None]) -> None:
    """Python's files and torch's own fail on a full disk; elsewhere, and after it has room again, they don't."""
    buffer = io.BytesIO()
    torch.save(torch.ones(1000), buffer)
    data, disk = buffer.getvalue(), Disk()
    path = disk.path("a")
    disk.fill_up()
    with pytest.raises((OSError, RuntimeError)):
        write(data, path)
    with tempfile.TemporaryFile() as elsewhere:
        elsewhere.write(data)
        elsewhere.flush()
    with pytest.raises((OSError, RuntimeError)):
        write_by_a_stream(data, path)
    disk.make_room()
    write(data, path)
    assert torch.load(path).sum() == 1000


def test_nothing_is_renamed_onto_a_disk_from_elsewhere(tmp_path: Path) -> None:
    """On a disk that is apart, files are renamed; from elsewhere they have to be copied. The folder goes with it."""
    disk = Disk()
    inside, outside = disk.path("a"), tmp_path / "b"
    outside.write_bytes(b"a")
    os.replace(outside, inside)
    outside.write_bytes(b"b")
    disk.set_apart()
    with pytest.raises(OSError, match="cross-device"):
        os.replace(outside, inside)
    shutil.move(outside, inside)
    os.replace(inside, disk.path("c"))
    assert Path(disk.path("c")).read_bytes() == b"b"
    folder = os.path.dirname(inside)
    del disk
    assert not os.path.exists(folder)
