"""The key-value cache: a GPT that remembers the keys and values of earlier tokens, so that each is computed only once.

Not in this exercise: a cache of fixed size, texts that outgrow the context, quantized or shared keys and values.

Book: chapter 4.7
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from .gpt_block import FeedForward
from .layer_norm import LayerNorm


class MultiHeadAttention(nn.Module):
    """Causal attention with several heads, as in the exercise `multi_head_attention`, and a cache.

    Parameters: `W_query.weight`, `W_key.weight`, `W_value.weight` `(d_out, d_in)`, their `.bias` `(d_out,)` with
    `qkv_bias`, and `out_proj.weight` `(d_out, d_out)`, `out_proj.bias` `(d_out,)`.
    """

    def __init__(
        self, d_in: int, d_out: int, context_length: int, dropout: float, num_heads: int, qkv_bias: bool = False
    ) -> None:
        """Prepare everything as without a cache, and an empty cache.

        Raises:
            ValueError: `d_out` isn't divisible by `num_heads`.
        """
        super().__init__()
        ### BEGIN SOLUTION: Start from your `multi_head_attention`, and add what has to be remembered between calls.
        if d_out % num_heads != 0:
            raise ValueError(f"d_out ({d_out}) must be divisible by num_heads ({num_heads})")

        self.d_out = d_out
        self.num_heads = num_heads
        self.head_dim = d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("mask", torch.ones(context_length, context_length, dtype=torch.bool).triu(diagonal=1))
        self.reset_cache()
        ### END SOLUTION

    def forward(self, x: Tensor, use_cache: bool = False) -> Tensor:
        """Let each token of x attend to itself and to all tokens before it.

        Args:
            x: token vectors `(batch, tokens, d_in)`.
            use_cache: if True, the tokens of x come after those of all such calls since the last `reset_cache`, and
                attend to those, too. If False, x is the whole text, and nothing is remembered.

        Returns:
            Context vectors of the tokens of x, `(batch, tokens, d_out)`.
        """
        ### BEGIN SOLUTION: Start with queries, keys and values of the tokens in x only, cut into heads.
        batch, tokens, _ = x.shape

        # Each: (batch, tokens, d_out) -> (batch, tokens, num_heads, head_dim) -> (batch, num_heads, tokens, head_dim)
        queries = self.W_query(x).view(batch, tokens, self.num_heads, self.head_dim).transpose(1, 2)
        keys = self.W_key(x).view(batch, tokens, self.num_heads, self.head_dim).transpose(1, 2)
        values = self.W_value(x).view(batch, tokens, self.num_heads, self.head_dim).transpose(1, 2)

        if use_cache:
            if self.cached_keys is not None:
                keys = torch.cat([self.cached_keys, keys], dim=2)  # (batch, num_heads, all tokens, head_dim)
                values = torch.cat([self.cached_values, values], dim=2)
            self.cached_keys, self.cached_values = keys, values

        all_tokens = keys.shape[2]
        first = all_tokens - tokens  # the position of the first token of x in the whole text
        scores = queries @ keys.transpose(2, 3) / self.head_dim**0.5  # (batch, num_heads, tokens, all tokens)
        scores = scores.masked_fill(self.mask[first:all_tokens, :all_tokens], -torch.inf)

        weights = self.dropout(torch.softmax(scores, dim=-1))
        context = (weights @ values).transpose(1, 2)  # (batch, tokens, num_heads, head_dim)
        return self.out_proj(context.reshape(batch, tokens, self.d_out))
        ### END SOLUTION

    def reset_cache(self) -> None:
        """Forget all tokens, so that the next call with `use_cache=True` begins a new text."""
        ### BEGIN SOLUTION: Empty whatever you remember between calls.
        self.cached_keys: Tensor | None = None
        self.cached_values: Tensor | None = None
        ### END SOLUTION


class TransformerBlock(nn.Module):
    """The block of the exercise `gpt_block`, which hands `use_cache` on to its attention.

    Submodules: `att` (MultiHeadAttention), `ff` (FeedForward), `norm1` and `norm2` (LayerNorm).
    """

    def __init__(self, cfg: Mapping[str, Any]) -> None:
        """Create the block's parts, with the attention of this module."""
        super().__init__()
        self.att = MultiHeadAttention(
            d_in=cfg["emb_dim"],
            d_out=cfg["emb_dim"],
            context_length=cfg["context_length"],
            dropout=cfg["drop_rate"],
            num_heads=cfg["n_heads"],
            qkv_bias=cfg["qkv_bias"],
        )
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(emb_dim=cfg["emb_dim"])
        self.norm2 = LayerNorm(emb_dim=cfg["emb_dim"])
        self.drop_shortcut = nn.Dropout(cfg["drop_rate"])

    def forward(self, x: Tensor, use_cache: bool = False) -> Tensor:
        """Map `(batch, tokens, emb_dim)` to `(batch, tokens, emb_dim)`."""
        x = x + self.drop_shortcut(self.att(self.norm1(x), use_cache=use_cache))
        return x + self.drop_shortcut(self.ff(self.norm2(x)))


class GPTModel(nn.Module):
    """The model of the exercise `gpt_model`, with a cache in each block.

    Parameters: those of `tok_emb`, `pos_emb`, `trf_blocks.0` and so on, `final_norm`, and `out_head.weight`.
    """

    def __init__(self, cfg: Mapping[str, Any]) -> None:
        """Create embeddings, `cfg["n_layers"]` blocks, the last norm and the head; only read the dict."""
        super().__init__()
        ### BEGIN SOLUTION: Start from your `gpt_model`, with the blocks of this module.
        self.tok_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])
        self.pos_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])
        self.drop_emb = nn.Dropout(cfg["drop_rate"])
        self.trf_blocks = nn.ModuleList([TransformerBlock(cfg) for _ in range(cfg["n_layers"])])
        self.final_norm = LayerNorm(emb_dim=cfg["emb_dim"])
        self.out_head = nn.Linear(cfg["emb_dim"], cfg["vocab_size"], bias=False)
        self.current_pos = 0
        ### END SOLUTION

    def forward(self, in_idx: Tensor, use_cache: bool = False) -> Tensor:
        """Map ids to logits.

        Args:
            in_idx: int64 `(batch, tokens)`.
            use_cache: if True, the ids come after those of all such calls since the last `reset_kv_cache`. If False,
                they are the whole text, and nothing is remembered.

        Returns:
            Logits of these tokens, `(batch, tokens, vocab_size)`: those of the whole text in one call without a cache.
        """
        ### BEGIN SOLUTION: Start with the positions of these tokens in the whole text.
        first = self.current_pos if use_cache else 0
        positions = torch.arange(first, first + in_idx.shape[1], device=in_idx.device)  # (tokens,)
        if use_cache:
            self.current_pos += in_idx.shape[1]

        x = self.drop_emb(self.tok_emb(in_idx) + self.pos_emb(positions))  # (batch, tokens, emb_dim)
        for block in self.trf_blocks:
            x = block(x, use_cache=use_cache)
        return self.out_head(self.final_norm(x))
        ### END SOLUTION

    def reset_kv_cache(self) -> None:
        """Forget all tokens, so that the next call with `use_cache=True` begins a new text."""
        ### BEGIN SOLUTION: Empty the cache of each block, and start over at the first position.
        for block in self.trf_blocks:
            block.att.reset_cache()
        self.current_pos = 0
        ### END SOLUTION


def generate_text_simple_cached(
    model: Any, idx: Tensor, max_new_tokens: int, context_size: int | None = None, use_cache: bool = True
) -> Tensor:
    """Generate what `generate_text_simple` generates: greedy text, without gradients.

    Args:
        model: a `GPTModel` of this module, or one that is called in the same way.
        idx: the prompt, int64 `(batch, tokens)`.
        max_new_tokens: how many tokens to append, at least 1.
        context_size: the number of ids that the model can see; by default, the number of rows of its `pos_emb`. The
            text doesn't outgrow it.
        use_cache: if True, begin with an empty cache, feed the prompt once, and then only one new token a step. If
            False, feed the whole text at each step, without the cache.

    Returns:
        `(batch, tokens + max_new_tokens)`, starting with `idx`.
    """
    ### BEGIN SOLUTION: Start with an empty cache, and feed the prompt.
    if context_size is None:
        context_size = model.pos_emb.num_embeddings
    new_ids = idx[:, -context_size:]  # what the model hasn't read yet
    if use_cache:
        model.reset_kv_cache()

    for _ in range(max_new_tokens):
        with torch.no_grad():
            logits = model(new_ids, use_cache=use_cache)[:, -1]  # (batch, vocab)
        next_ids = logits.argmax(dim=-1, keepdim=True)  # (batch, 1)
        idx = torch.cat([idx, next_ids], dim=1)
        new_ids = next_ids if use_cache else idx[:, -context_size:]
    return idx
    ### END SOLUTION
