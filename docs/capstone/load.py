"""Loads the GPT that `grader capstone` has trained, and lets it write.

Run it in the course's folder: python -m docs.capstone.load
"""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file

from exercises.bpe_tokenizer import BPETokenizer
from exercises.generation import generate
from exercises.gpt_model import GPTModel

FOLDER = Path("build/capstone")

cfg, data = (json.loads((FOLDER / name).read_text(encoding="utf-8")) for name in ("config.json", "tokenizer.json"))
model = GPTModel(cfg).eval()
model.load_state_dict(load_file(FOLDER / "model.safetensors"))
vocab = {number: token.encode("latin-1") for number, token in enumerate(data["vocab"])}
merges = [(left.encode("latin-1"), right.encode("latin-1")) for left, right in data["merges"]]
tokenizer = BPETokenizer(vocab, merges)

idx = torch.tensor([tokenizer.encode("Once there was")])
ids = generate(model, idx, max_new_tokens=40, context_size=cfg["context_length"], temperature=0.7, top_k=5)
print(tokenizer.decode(ids[0].tolist()))
