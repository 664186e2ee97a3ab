"""GPT-2 as it was published: reads its files into the layout that `load_weights_into_gpt` takes.

The layout of the files is that of Hugging Face: `config.json`, `model.safetensors`, and `vocab.json` or
`tokenizer.json`. Their weights are `(in, out)`, as OpenAI's are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import tiktoken
from safetensors import SafetensorError
from torch import Tensor

from capstone.errors import NoWeights
from capstone.model import Config
from grader.extras import require

CONFIG, WEIGHTS, VOCABULARY, TOKENIZER = "config.json", "model.safetensors", "vocab.json", "tokenizer.json"
END_OF_TEXT = "<|endoftext|>"
PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
"""What the name of a model on Hugging Face looks like, such as `openai-community/gpt2`."""
PREFIX = "transformer."
"""Some files have this before every name."""


@dataclass(frozen=True)
class Published:
    """A published model: its sizes under the book's names, its arrays in the book's layout, and its tokenizer."""

    config: Config
    params: dict[str, Any]
    tokenizer: tiktoken.Encoding


def folder_of(name: str) -> Path:
    """Return the folder with a model's files, which may have to be downloaded.

    Args:
        name: a folder, or the name of a model on Hugging Face.

    Raises:
        NoWeights: there is no such folder, or the files can't be downloaded.
        MissingPackage: the package that downloads them is not installed.
    """
    folder = Path(name)
    if folder.is_dir():
        return folder
    if not REPOSITORY.fullmatch(name) or folder.is_file():
        raise NoWeights(
            f"{name} is not a folder. Name the folder with {CONFIG} and {WEIGHTS}, or a model on Hugging Face: "
            "--gpt2 openai-community/gpt2"
        )
    require("Downloading GPT-2 needs", "gpt2", "huggingface_hub")
    import huggingface_hub

    try:
        files = [CONFIG, WEIGHTS, VOCABULARY, TOKENIZER]
        return Path(huggingface_hub.snapshot_download(name, allow_patterns=files, etag_timeout=5))
    except Exception as error:
        raise NoWeights(
            f"{name} is not a folder here, and it can't be downloaded from Hugging Face ({_in_short(error)}). Check "
            f"your connection, or download {CONFIG}, {WEIGHTS} and {VOCABULARY} elsewhere and name their folder: "
            "--gpt2 FOLDER"
        ) from None


def check_files(name: str) -> None:
    """Look for a model's files without reading the weights; the arguments and exceptions are those of `folder_of`."""
    folder = folder_of(name)
    _config(_json(folder / CONFIG))
    _tokenizer(folder)
    if not (folder / WEIGHTS).is_file():
        raise _missing(WEIGHTS, folder)


def read(folder: Path) -> Published:
    """Read a model's files.

    Raises:
        NoWeights: a file is missing, damaged, or of another kind of model.
    """
    config = _config(_json(folder / CONFIG))
    path = folder / WEIGHTS
    try:
        tensors = safetensors.torch.load_file(path)
    except FileNotFoundError:
        raise _missing(WEIGHTS, folder) from None
    except (OSError, SafetensorError) as error:
        raise NoWeights(f"{path} can't be read ({_in_short(error)}). Download it again.") from None
    params = _params({name.removeprefix(PREFIX): tensor for name, tensor in tensors.items()}, config, path)
    return Published(config, params, _tokenizer(folder))


def _config(data: Mapping[str, Any]) -> Config:
    """Return the sizes under the book's names."""
    needed = ("vocab_size", "n_positions", "n_embd", "n_layer", "n_head")
    missing = [name for name in needed if not isinstance(data.get(name), int)]
    if missing or data.get("model_type", "gpt2") != "gpt2":
        raise NoWeights(f"{CONFIG} isn't that of a GPT-2. Name the folder of a GPT-2: --gpt2 openai-community/gpt2")
    return {
        "vocab_size": data["vocab_size"],
        "context_length": data["n_positions"],
        "emb_dim": data["n_embd"],
        "n_heads": data["n_head"],
        "n_layers": data["n_layer"],
        "drop_rate": 0.0,
        "qkv_bias": True,
    }


def _params(tensors: Mapping[str, Tensor], config: Config, path: Path) -> dict[str, Any]:
    """Sort the tensors into the book's layout; each has the shape that the sizes say."""
    width = config["emb_dim"]

    def array(name: str, *shape: int) -> Any:
        if name not in tensors:
            raise NoWeights(f"{path} has no tensor {name!r}, so it isn't a GPT-2. Download it again.")
        if tuple(tensors[name].shape) != shape:
            raise NoWeights(
                f"In {path}, {name!r} has the shape {tuple(tensors[name].shape)}, but {CONFIG} says {shape}. "
                "Take both files from the same model."
            )
        return tensors[name].float().numpy()

    def linear(name: str, ins: int, outs: int) -> dict[str, Any]:
        return {"w": array(f"{name}.weight", ins, outs), "b": array(f"{name}.bias", outs)}

    def norm(name: str) -> dict[str, Any]:
        return {"g": array(f"{name}.weight", width), "b": array(f"{name}.bias", width)}

    blocks = [
        {
            "attn": {
                "c_attn": linear(f"h.{block}.attn.c_attn", width, 3 * width),
                "c_proj": linear(f"h.{block}.attn.c_proj", width, width),
            },
            "mlp": {
                "c_fc": linear(f"h.{block}.mlp.c_fc", width, 4 * width),
                "c_proj": linear(f"h.{block}.mlp.c_proj", 4 * width, width),
            },
            "ln_1": norm(f"h.{block}.ln_1"),
            "ln_2": norm(f"h.{block}.ln_2"),
        }
        for block in range(config["n_layers"])
    ]
    return {
        "wte": array("wte.weight", config["vocab_size"], width),
        "wpe": array("wpe.weight", config["context_length"], width),
        "blocks": blocks,
        **norm("ln_f"),
    }


def _tokenizer(folder: Path) -> tiktoken.Encoding:
    """Make the tokenizer from the vocabulary; a token's id is also its rank."""
    if (folder / VOCABULARY).is_file():
        vocabulary = _json(folder / VOCABULARY)
    elif (folder / TOKENIZER).is_file():
        vocabulary = _json(folder / TOKENIZER).get("model", {}).get("vocab", {})
    else:
        raise NoWeights(f"There is neither {VOCABULARY} nor {TOKENIZER} in {folder}. Download one of them, too.")
    byte_of = {character: bytes([value]) for value, character in _characters().items()}
    try:
        ranks = {
            b"".join(byte_of[character] for character in token): number
            for token, number in vocabulary.items()
            if token != END_OF_TEXT
        }
        special = {END_OF_TEXT: vocabulary[END_OF_TEXT]} if END_OF_TEXT in vocabulary else {}
        return tiktoken.Encoding("gpt2", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens=special)
    except (KeyError, ValueError, TypeError, AttributeError):
        raise NoWeights(f"The vocabulary in {folder} isn't GPT-2's. Download {VOCABULARY} again.") from None


def _characters() -> dict[int, str]:
    """Return the character by which the vocabulary writes each byte: itself if printable, else one from 256 on."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [value for value in range(256) if value not in printable]
    return {value: chr(value) for value in printable} | {value: chr(256 + n) for n, value in enumerate(others)}


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _missing(path.name, path.parent) from None
    except (OSError, ValueError) as error:
        raise NoWeights(f"{path} can't be read ({_in_short(error)}). Download it again.") from None
    if not isinstance(data, dict):
        raise NoWeights(f"{path} isn't what GPT-2 has there. Download it again.")
    return data


def _missing(name: str, folder: Path) -> NoWeights:
    return NoWeights(f"There is no {name} in {folder}. Download it, too.")


def _in_short(error: BaseException) -> str:
    first = str(error).strip().splitlines()[:1]
    return first[0][:120] if first else type(error).__name__
