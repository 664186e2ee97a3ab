import math
import torch
import torch.nn as nn
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def forward(self, x):
        # the formula in steps
        x_cubed = x * x * x
        scaled = 0.044715 * x_cubed
        summed = x + scaled
        times_root = math.sqrt(2 / math.pi) * summed
        squashed = torch.tanh(times_root)
        plus_one = 1 + squashed
        result = x * plus_one
        return result


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        emb_dim = cfg["emb_dim"]
        first_linear = nn.Linear(emb_dim, emb_dim * 4)
        activation = GELU()
        second_linear = nn.Linear(emb_dim * 4, emb_dim)
        self.layers = nn.Sequential(first_linear, activation, second_linear)

    def forward(self, x):
        result = self.layers(x)
        return result


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        emb_dim = cfg["emb_dim"]
        context_length = cfg["context_length"]
        n_heads = cfg["n_heads"]
        drop_rate = cfg["drop_rate"]
        qkv_bias = cfg["qkv_bias"]
        self.norm1 = LayerNorm(emb_dim)
        self.norm2 = LayerNorm(emb_dim)
        self.att = MultiHeadAttention(d_in=emb_dim, d_out=emb_dim, context_length=context_length,
                                      dropout=drop_rate, num_heads=n_heads, qkv_bias=qkv_bias)
        self.ff = FeedForward(cfg)
        self.dropout_after_attention = nn.Dropout(drop_rate)
        self.dropout_after_feed_forward = nn.Dropout(drop_rate)

    def forward(self, x):
        # first half: attention
        normalized_input = self.norm1(x)
        attention_output = self.att(normalized_input)
        attention_output = self.dropout_after_attention(attention_output)
        x_after_attention = x + attention_output
        # second half: feed forward
        normalized_middle = self.norm2(x_after_attention)
        feed_forward_output = self.ff(normalized_middle)
        feed_forward_output = self.dropout_after_feed_forward(feed_forward_output)
        x_after_feed_forward = x_after_attention + feed_forward_output
        return x_after_feed_forward
