"""Stand-ins for what the book's chapter 5 takes from earlier chapters, if a submission doesn't have it.

Exercises with free code get them from `previous_chapters`, or by their plain names; other exercises don't.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

END_OF_TEXT = "<|endoftext|>"


def text_to_token_ids(text: str, tokenizer: Any) -> Tensor:
    return torch.tensor([tokenizer.encode(text, allowed_special={END_OF_TEXT})])


def token_ids_to_text(token_ids: Tensor, tokenizer: Any) -> str:
    return str(tokenizer.decode(token_ids.flatten().tolist()))


@torch.no_grad()
def generate_text_simple(model: nn.Module, idx: Tensor, max_new_tokens: int, context_size: int) -> Tensor:
    return generate(model, idx, max_new_tokens, context_size)


@torch.no_grad()
def generate(
    model: nn.Module,
    idx: Tensor,
    max_new_tokens: int,
    context_size: int,
    temperature: float = 0.0,
    top_k: int | None = None,
    eos_id: int | None = None,
) -> Tensor:
    for _ in range(max_new_tokens):
        logits = model(idx[:, -context_size:])[:, -1]
        if top_k is not None:
            lowest = logits.topk(top_k).values.amin(dim=-1, keepdim=True)
            logits = logits.masked_fill(logits < lowest, -torch.inf)
        if temperature > 0:
            following = torch.distributions.Categorical(logits=logits / temperature).sample()[:, None]
        else:
            following = logits.argmax(dim=-1, keepdim=True)
        if eos_id is not None and bool((following == eos_id).all()):
            break
        idx = torch.cat([idx, following], dim=1)
    return idx


def generate_and_print_sample(model: nn.Module, tokenizer: Any, device: Any, start_context: str) -> None:
    model.eval()
    context_size = model.get_parameter("pos_emb.weight").shape[0]
    idx = text_to_token_ids(start_context, tokenizer).to(device)
    print(" ".join(token_ids_to_text(generate(model, idx, 50, context_size), tokenizer).splitlines()))
    model.train()


class GPTDatasetV1(Dataset[tuple[Tensor, Tensor]]):
    def __init__(self, txt: str, tokenizer: Any, max_length: int, stride: int) -> None:
        ids = torch.tensor(tokenizer.encode(txt))
        self.windows = ids.unfold(0, max_length + 1, stride) if len(ids) > max_length else ids.new_empty(0, 1)

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self.windows[index][:-1], self.windows[index][1:]


class _Bytes:
    """A tokenizer whose tokens are bytes."""

    def encode(self, text: str) -> Sequence[int]:
        return list(text.encode())


def create_dataloader_v1(
    txt: str,
    batch_size: int = 4,
    max_length: int = 256,
    stride: int = 128,
    shuffle: bool = True,
    drop_last: bool = True,
    num_workers: int = 0,
) -> DataLoader[tuple[Tensor, Tensor]]:
    windows = GPTDatasetV1(txt, _Bytes(), max_length, stride)
    return DataLoader(windows, batch_size, shuffle=shuffle and len(windows) > 0, drop_last=drop_last)


class GPTModel(nn.Module):
    def __init__(self, cfg: dict[str, Any]) -> None:
        super().__init__()
        width, heads, rate = cfg["emb_dim"], cfg["n_heads"], cfg["drop_rate"]
        self.tok_emb = nn.Embedding(cfg["vocab_size"], width)
        self.pos_emb = nn.Embedding(cfg["context_length"], width)
        self.drop_emb = nn.Dropout(rate)
        self.trf_blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(width, heads, 4 * width, rate, "gelu", batch_first=True, norm_first=True)
            for _ in range(cfg["n_layers"])
        )
        self.final_norm = nn.LayerNorm(width)
        self.out_head = nn.Linear(width, cfg["vocab_size"], bias=False)

    def forward(self, in_idx: Tensor) -> Tensor:
        x: Tensor = self.drop_emb(self.tok_emb(in_idx) + self.pos_emb.weight[: in_idx.shape[1]])
        mask = nn.Transformer.generate_square_subsequent_mask(in_idx.shape[1], device=x.device, dtype=x.dtype)
        for block in self.trf_blocks:
            x = block(x, src_mask=mask, is_causal=True)
        logits: Tensor = self.out_head(self.final_norm(x))
        return logits
