import torch
import torch.nn as nn


class CausalCore(torch.autograd.Function):
    """Attention with a backward pass derived on paper."""

    @staticmethod
    def forward(ctx, q, k, v, noise):
        scale = q.shape[-1] ** -0.5
        s = (q @ k.transpose(-1, -2)) * scale
        n = s.shape[-1]
        s = s.masked_fill(torch.ones(n, n, dtype=torch.bool, device=s.device).triu(1), float("-inf"))
        p = torch.softmax(s, dim=-1)
        ctx.save_for_backward(q, k, v, p, noise)
        ctx.scale = scale
        return (p * noise) @ v

    @staticmethod
    def backward(ctx, grad):
        q, k, v, p, noise = ctx.saved_tensors
        grad_v = (p * noise).transpose(-1, -2) @ grad
        grad_p = (grad @ v.transpose(-1, -2)) * noise
        grad_s = p * (grad_p - (grad_p * p).sum(dim=-1, keepdim=True))
        grad_q = grad_s @ k * ctx.scale
        grad_k = grad_s.transpose(-1, -2) @ q
        return grad_q, grad_k, grad_v, None


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads:
            raise ValueError("d_out must be divisible by num_heads")
        self.num_heads = num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        b, t, _ = x.shape
        q, k, v = (w(x).view(b, t, self.num_heads, -1).transpose(1, 2) for w in (self.W_query, self.W_key, self.W_value))
        noise = self.dropout(torch.ones(b, self.num_heads, t, t, dtype=q.dtype, device=q.device))
        y = CausalCore.apply(q, k, v, noise)
        return self.out_proj(y.transpose(1, 2).reshape(b, t, -1))
