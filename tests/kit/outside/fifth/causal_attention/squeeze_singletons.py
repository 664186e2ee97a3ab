import torch
import torch.nn as nn
import torch.nn.functional as F


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.attn_pdrop = dropout

    def forward(self, x):
        # (batch, 1 head, tokens, d_out)
        heads = [proj(x)[:, None] for proj in (self.W_query, self.W_key, self.W_value)]
        y = F.scaled_dot_product_attention(*heads, dropout_p=self.attn_pdrop * self.training, is_causal=True)
        return y.squeeze()
