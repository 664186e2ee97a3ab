import torch.nn.functional as F
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads:
            raise ValueError(f"{num_heads} heads cannot share {d_out} numbers")
        self.num_heads, self.dropout = num_heads, dropout
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out, bias=True)

    def heads(self, y):
        return y.unflatten(2, (self.num_heads, -1)).movedim(2, 1)

    def forward(self, x):
        context = F.scaled_dot_product_attention(
            *(self.heads(layer(x)) for layer in (self.W_query, self.W_key, self.W_value)),
            dropout_p=self.dropout * self.training,
            is_causal=True,
        )
        return self.out_proj(context.movedim(1, 2).flatten(2))
