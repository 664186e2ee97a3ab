# MISTAKE: F.scaled_dot_product_attention is called without a mask (is_causal defaults to False), so every position sees the future; right is is_causal=True.
import torch.nn as nn
import torch.nn.functional as F


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert d_out % num_heads == 0, "embed dim must be divisible by the number of heads"
        self.num_heads = num_heads
        self.head_dim = d_out // num_heads
        self.dropout = dropout
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)

    def forward(self, x):
        hidden_shape = (*x.shape[:-1], self.num_heads, self.head_dim)
        query_states = self.W_query(x).view(hidden_shape).transpose(1, 2)
        key_states = self.W_key(x).view(hidden_shape).transpose(1, 2)
        value_states = self.W_value(x).view(hidden_shape).transpose(1, 2)
        attn_output = F.scaled_dot_product_attention(
            query_states, key_states, value_states,
            dropout_p=self.dropout if self.training else 0.0)
        return self.out_proj(attn_output.transpose(1, 2).flatten(2))
