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
        raise NotImplementedError("Start from your `multi_head_attention`, and add what has to be remembered between calls.")

    def forward(self, x: Tensor, use_cache: bool = False) -> Tensor:
        """Let each token of x attend to itself and to all tokens before it.

        Args:
            x: token vectors `(batch, tokens, d_in)`.
            use_cache: if True, the tokens of x come after those of all such calls since the last `reset_cache`, and
                attend to those, too. If False, x is the whole text, and nothing is remembered.

        Returns:
            Context vectors of the tokens of x, `(batch, tokens, d_out)`.
        """
        raise NotImplementedError("Start with queries, keys and values of the tokens in x only, cut into heads.")

    def reset_cache(self) -> None:
        """Forget all tokens, so that the next call with `use_cache=True` begins a new text."""
        raise NotImplementedError("Empty whatever you remember between calls.")


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
        raise NotImplementedError("Start from your `gpt_model`, with the blocks of this module.")

    def forward(self, in_idx: Tensor, use_cache: bool = False) -> Tensor:
        """Map ids to logits.

        Args:
            in_idx: int64 `(batch, tokens)`.
            use_cache: if True, the ids come after those of all such calls since the last `reset_kv_cache`. If False,
                they are the whole text, and nothing is remembered.

        Returns:
            Logits of these tokens, `(batch, tokens, vocab_size)`: those of the whole text in one call without a cache.
        """
        raise NotImplementedError("Start with the positions of these tokens in the whole text.")

    def reset_kv_cache(self) -> None:
        """Forget all tokens, so that the next call with `use_cache=True` begins a new text."""
        raise NotImplementedError("Empty the cache of each block, and start over at the first position.")


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
    raise NotImplementedError("Start with an empty cache, and feed the prompt.")
