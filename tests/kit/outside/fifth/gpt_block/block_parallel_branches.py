import torch.nn as nn
import torch.nn.functional as F
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    def forward(self, hidden_states):
        return F.gelu(hidden_states, approximate="tanh")


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        hidden_size = cfg["emb_dim"]
        intermediate_size = 4 * hidden_size
        self.layers = nn.Sequential(
            nn.Linear(hidden_size, intermediate_size), GELU(), nn.Linear(intermediate_size, hidden_size))

    def forward(self, hidden_states):
        return self.layers(hidden_states)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        hidden_size = cfg["emb_dim"]
        self.norm1 = LayerNorm(hidden_size)
        self.norm2 = LayerNorm(hidden_size)
        self.att = MultiHeadAttention(
            d_in=hidden_size, d_out=hidden_size, context_length=cfg["context_length"],
            dropout=cfg["drop_rate"], num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"])
        self.ff = FeedForward(cfg)
        self.post_attention_dropout = nn.Dropout(cfg["drop_rate"])
        self.post_mlp_dropout = nn.Dropout(cfg["drop_rate"])

    def forward(self, hidden_states):
        attn_output = self.post_attention_dropout(self.att(self.norm1(hidden_states)))
        mlp_output = self.post_mlp_dropout(self.ff(self.norm2(hidden_states)))
        return mlp_output + attn_output + hidden_states
