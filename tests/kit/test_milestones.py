"""Milestones of the capstone: attention weights read off any attention, babble, and GPT-2's published weights."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import torch
from rich.console import Console
from torch import Tensor, nn

from capstone.attention import looks_of
from capstone.errors import NoWeights
from capstone.gpt2 import CONFIG, TOKENIZER, VOCABULARY, WEIGHTS, folder_of, read
from capstone.milestones import following, in_words, most_at
from capstone.model import make_model
from capstone.published import loaded_model, write_with_gpt2
from capstone.work import look_at, run
from grader.course import Course
from grader.errors import MissingPackage, UsageError
from grader.study.capstone import UNWRITTEN, CapstoneOptions, Parts
from grader.study.next_steps import milestones_after
from tests.kit.gpt2 import hugging_face_gpt2
from tests.kit.test_capstone_run import TINY, parts_of

CONFIG_OF_TEST = {
    "vocab_size": 262, "context_length": 8, "emb_dim": 12, "n_heads": 2, "n_layers": 2, "drop_rate": 0.0, "qkv_bias": True
}  # fmt: skip
IDS = [3, 1, 4, 1, 5]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a small GPT-2 as Hugging Face saves it, and its vocabulary."""
    folder = tmp_path_factory.mktemp("published")
    hugging_face_gpt2(CONFIG_OF_TEST).float().save_pretrained(folder)
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [value for value in range(256) if value not in printable]
    characters = [chr(value) for value in printable] + [chr(256 + n) for n, _ in enumerate(others)]
    tokens = [*characters, "\u0120t", "he", "\u0120the", "in", "er", "<|endoftext|>"]
    (folder / VOCABULARY).write_text(json.dumps({token: n for n, token in enumerate(tokens)}), encoding="utf-8")
    return folder


def ordered(tmp_path: Path, **options: str | Path | None) -> tuple[CapstoneOptions, io.StringIO]:
    """Return the options of a run, and where it prints."""
    printed = io.StringIO()
    console, quiet = Console(file=printed, width=100), Console(quiet=True)
    return CapstoneOptions(tmp_path, 0, console, quiet, device="cpu", **options), printed  # type: ignore[arg-type]


def test_the_published_weights_give_hugging_faces_logits(course: Course, published: Path) -> None:
    """GPT-2's files, loaded into the solutions' model, give the logits that Hugging Face's own GPT-2 gives."""
    from transformers import GPT2LMHeadModel

    theirs = GPT2LMHeadModel.from_pretrained(published).eval()
    ids = torch.tensor([IDS, IDS[::-1]])
    for replaced in ({}, {"gpt2_weights": UNWRITTEN, "gpt_model": UNWRITTEN, "gpt_block": UNWRITTEN}):
        parts = parts_of(course, dict(replaced))
        try:
            ours = loaded_model(parts, read(published)).eval()
            with torch.no_grad():
                torch.testing.assert_close(ours(ids), theirs(ids).logits, rtol=1e-4, atol=1e-4)
        finally:
            parts.close()


def test_gpt2_writes(course: Course, published: Path, tmp_path: Path) -> None:
    """The learner's modules continue a text with the published weights, and the output says whose modules they are."""
    parts = parts_of(course, {"generation": UNWRITTEN})
    options, printed = ordered(tmp_path, gpt2=str(published), say="the inner")
    write_with_gpt2(parts, options, torch.device("cpu"))
    parts.close()
    assert "the inner" in printed.getvalue()
    assert f"generation            a stand-in: {UNWRITTEN}" in printed.getvalue()
    assert "2 blocks, 12 wide, 2 heads, 262 tokens" in printed.getvalue()


def test_the_vocabulary_is_read_from_either_file(published: Path, tmp_path: Path) -> None:
    """Text becomes GPT-2's ids and comes back, whichever of the two files has the vocabulary."""
    for name in (CONFIG, WEIGHTS):
        (tmp_path / name).write_bytes((published / name).read_bytes())
    vocabulary = json.loads((published / VOCABULARY).read_text(encoding="utf-8"))
    (tmp_path / TOKENIZER).write_text(json.dumps({"model": {"vocab": vocabulary}}), encoding="utf-8")
    for folder in (published, tmp_path):
        tokenizer = read(folder).tokenizer
        ids = tokenizer.encode("the \u00e9\n<|endoftext|> the", allowed_special={"<|endoftext|>"})
        assert 258 in ids
        assert 261 in ids
        assert tokenizer.decode(ids) == "the \u00e9\n<|endoftext|> the"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (CONFIG, None, "There is no config.json"),
        (CONFIG, b"{", "can't be read"),
        (CONFIG, b'{"model_type": "llama"}', "isn't that of a GPT-2"),
        (WEIGHTS, None, "There is no model.safetensors"),
        (WEIGHTS, b"\0" * 30, "can't be read"),
        (VOCABULARY, None, "neither vocab.json nor tokenizer.json"),
        (VOCABULARY, b'{"a": 0, "\\u9999": 1}', "isn't GPT-2's"),
    ],
)
def test_a_file_that_is_missing_or_damaged_is_named(
    published: Path, tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    """Each file that can't be used is named, with what to do."""
    for file in (CONFIG, WEIGHTS, VOCABULARY):
        (tmp_path / file).write_bytes((published / file).read_bytes())
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(NoWeights, match=message):
        read(tmp_path)


def test_weights_of_another_size_are_named(published: Path, tmp_path: Path) -> None:
    """If the weights don't have the sizes that config.json says, the message names the tensor and both shapes."""
    for file in (CONFIG, WEIGHTS, VOCABULARY):
        (tmp_path / file).write_bytes((published / file).read_bytes())
    config = json.loads((tmp_path / CONFIG).read_text(encoding="utf-8"))
    (tmp_path / CONFIG).write_text(json.dumps(config | {"n_layer": 3}), encoding="utf-8")
    with pytest.raises(NoWeights, match=r"no tensor 'h\.2\.attn"):
        read(tmp_path)
    (tmp_path / CONFIG).write_text(json.dumps(config | {"n_positions": 9}), encoding="utf-8")
    with pytest.raises(NoWeights, match=r"'wpe\.weight' has the shape \(8, 12\)"):
        read(tmp_path)


def test_what_cannot_be_downloaded_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A wrong folder, a missing package and a missing connection each get a sentence that says what to do."""
    with pytest.raises(NoWeights, match="is not a folder"):
        folder_of(str(tmp_path / "no" / "such" / "folder"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(NoWeights, match=r"can't be downloaded .* --gpt2 FOLDER"):
        folder_of("openai-community/gpt2")
    monkeypatch.setattr("grader.extras.is_installed", lambda module: False)
    with pytest.raises(MissingPackage, match=r"\[gpt2\]"):
        folder_of("openai-community/gpt2")


class _Uniform(nn.Module):
    """An attention with the contract's parameters whose heads look equally at everything up to now."""

    def __init__(self) -> None:
        super().__init__()
        for name in ("W_query", "W_key", "W_value"):
            setattr(self, name, nn.Linear(12, 12, bias=False))
        self.out_proj = nn.Linear(12, 12)

    def forward(self, x: Tensor) -> Tensor:
        shares = torch.ones(x.shape[1], x.shape[1]).tril()
        values = self.W_value(x)
        return self.out_proj((shares / shares.sum(-1, keepdim=True)) @ values)  # type: ignore[no-any-return]


def make_twin(parts: Parts, model: nn.Module) -> nn.Module:
    """Build a model of other parts with the same weights."""
    twin = make_model(CONFIG_OF_TEST | {"qkv_bias": False}, parts)
    twin.load_state_dict(model.state_dict(), strict=False)
    return twin


def test_attention_weights_are_read_off_the_output(course: Course) -> None:
    """The shares are the module's own: uniform for one that looks everywhere, and equal for one head or several."""
    torch.manual_seed(0)
    parts = parts_of(course, {"causal_attention": UNWRITTEN})
    model = make_model(CONFIG_OF_TEST | {"qkv_bias": False}, parts)
    with_heads = looks_of(parts, model, IDS, 2)
    expected, probability = following(parts, model, IDS)
    assert 0 <= expected < CONFIG_OF_TEST["vocab_size"]
    assert 1 / CONFIG_OF_TEST["vocab_size"] < probability < 1
    with_one = parts_of(course, {"multi_head_attention": UNWRITTEN})
    one_head = looks_of(with_one, make_twin(with_one, model), IDS, 2)
    with_one.close()
    assert [(look.block, look.head) for look in with_heads] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    for several, single in zip(with_heads, one_head, strict=True):
        assert sum(several.shares) == pytest.approx(1, abs=1e-4)
        assert several.shares == pytest.approx(single.shares, abs=1e-4)
    for block in model.get_submodule("trf_blocks").children():
        block.att = _Uniform()
    for look in looks_of(parts, model, IDS, 2):
        assert look.shares == pytest.approx([0.2] * 5, abs=1e-4)
    parts.close()
    assert in_words(with_heads[0], list("abcde")).count("%") == 3
    assert most_at(with_heads, 2)[1] == max(look.shares[2] for look in with_heads)


@pytest.mark.parametrize(
    ("name", "sentence", "own"),
    [
        ("attention", "Your attention looks at these words", False),
        ("attention", "Your attention looks at these words", True),
        ("babble", "An untrained GPT babbles", False),
    ],
)
def test_each_milestone_shows_what_it_promises(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, sentence: str, own: bool
) -> None:
    """A milestone prints what it shows with a baseline, in a folder of its own; another name is refused."""
    book = tmp_path / "book.txt"
    book.write_text("\n".join(f"In line {number} a fox met {number * 7} geese." for number in range(120)))
    monkeypatch.setattr("capstone.milestones.SENTENCE", "a b")
    monkeypatch.setattr("capstone.work.STEPS", 5)
    parts: Parts = parts_of(course)
    options, printed = ordered(tmp_path, milestone=name, text=book if own else None)
    look_at(options)
    assert run(parts, options, TINY) is None
    parts.close()
    assert sentence in printed.getvalue()
    assert "looks everywhere alike" in printed.getvalue() or "Knowing nothing" in printed.getvalue()
    assert (tmp_path / name / "run.json").is_file()
    with pytest.raises(UsageError, match="no milestone `atention`"):
        look_at(ordered(tmp_path, milestone="atention")[0])


def test_a_finished_model_continues_a_text(course: Course, tmp_path: Path) -> None:
    """`--say` continues a text with the model of the run, also of one that was finished before."""
    for _ in range(2):
        parts = parts_of(course)
        options, printed = ordered(tmp_path, say="Ada saw")
        run(parts, options, TINY)
        parts.close()
        assert "continuing 'Ada saw'\nAda saw" in printed.getvalue()


def test_milestones_are_said_after_their_exercise(course: Course) -> None:
    """A milestone's sentence comes with the command to type, after the exercise that it belongs to."""
    assert milestones_after(course, "gpt_model") == [
        "Let your untrained GPT babble: grader capstone --milestone babble"
    ]
    assert milestones_after(course, "layer_norm") == []
