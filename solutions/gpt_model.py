"""The GPT model: ids become vectors, the blocks work on them, and a last layer turns them into logits.

Not in this exercise: starting values as in GPT-2, a head that shares its weights with `tok_emb`, a loss, cached keys
and values, writing text.

Book: chapter 4.6
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from .gpt_block import TransformerBlock
from .layer_norm import LayerNorm


class GPTModel(nn.Module):
    """A GPT: for each token of a text, it scores every token of the vocabulary as the next one.

    Parameters: `tok_emb.weight` `(vocab_size, emb_dim)`, `pos_emb.weight` `(context_length, emb_dim)`, those of the
    blocks `trf_blocks.0`, `trf_blocks.1`, …, those of `final_norm`, and `out_head.weight` `(vocab_size, emb_dim)`.
    """

    def __init__(self, cfg: Mapping[str, Any]) -> None:
        """Create the parts from `vocab_size`, `context_length`, `emb_dim`, `n_layers` and `drop_rate`.

        The blocks get `cfg` itself. Only read it, never change it.
        """
        super().__init__()
        ### BEGIN SOLUTION: Start with the two embeddings. Which size does each table have?
        self.tok_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])
        self.pos_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])
        self.drop_emb = nn.Dropout(cfg["drop_rate"])
        self.trf_blocks = nn.Sequential(*(TransformerBlock(cfg) for _ in range(cfg["n_layers"])))
        self.final_norm = LayerNorm(cfg["emb_dim"])
        self.out_head = nn.Linear(cfg["emb_dim"], cfg["vocab_size"], bias=False)
        ### END SOLUTION

    def forward(self, in_idx: Tensor) -> Tensor:
        """Map ids to logits.

        Args:
            in_idx: int64 `(batch, tokens)`, with `1 <= tokens <= context_length`.

        Returns:
            `(batch, tokens, vocab_size)`: at each position, a score for every token as the next one.
        """
        ### BEGIN SOLUTION: Look up a vector for each token and one for each position, and add them.
        positions = torch.arange(in_idx.shape[1], device=in_idx.device)  # (tokens,)
        x = self.tok_emb(in_idx) + self.pos_emb(positions)  # (batch, tokens, emb_dim) + (tokens, emb_dim)
        x = self.drop_emb(x)
        x = self.trf_blocks(x)  # (batch, tokens, emb_dim)
        x = self.final_norm(x)
        return self.out_head(x)  # (batch, tokens, vocab_size)
        ### END SOLUTION
