import torch, torch.nn as nn
class CausalAttention(nn.Module):
    def __init__(s, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        s.W_query, s.W_key, s.W_value = [nn.Linear(d_in, d_out, bias=qkv_bias) for _ in 'qkv']
        s.drop = nn.Dropout(dropout)
    def forward(s, x):
        T = x.shape[1]
        q, k, v = s.W_query(x), s.W_key(x), s.W_value(x)
        m = torch.triu(torch.full((T, T), float('-inf'), device=x.device), diagonal=0)
        return s.drop(((q @ k.mT) / q.shape[-1]**.5 + m).softmax(-1)) @ v
