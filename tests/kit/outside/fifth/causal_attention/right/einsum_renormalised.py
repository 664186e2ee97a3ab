import torch
import torch.nn as nn


def causal_softmax(scores):
    t = scores.shape[-1]
    e = torch.exp(scores - scores.detach().amax(dim=-1, keepdim=True).clamp(min=0))
    e = e * torch.ones(t, t, dtype=e.dtype, device=e.device).tril()
    return e / e.sum(dim=-1, keepdim=True)


def random_drop(w, p):
    if p >= 1:
        return torch.zeros_like(w)
    kept = (torch.rand_like(w) >= p).to(w.dtype)
    return w * kept / (1 - p)


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout=0.0, qkv_bias=False):
        super().__init__()
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.p = dropout

    def forward(self, x):
        q = torch.einsum("bti,oi->bto", x, self.W_query.weight)
        k = torch.einsum("bti,oi->bto", x, self.W_key.weight)
        v = torch.einsum("bti,oi->bto", x, self.W_value.weight)
        if self.W_query.bias is not None:
            q, k, v = q + self.W_query.bias, k + self.W_key.bias, v + self.W_value.bias
        w = causal_softmax(torch.einsum("bqd,bkd->bqk", q, k) * q.shape[-1] ** -0.5)
        if self.training and self.p > 0:
            w = random_drop(w, self.p)
        return torch.einsum("bqk,bkd->bqd", w, v)
