import torch
from torch import nn, Tensor
import torch.nn.functional as F


class CausalAttention(nn.Module):
    BLOCK = 3

    def __init__(self, d_in: int, d_out: int, context_length: int, dropout: float, qkv_bias: bool = False):
        super().__init__()
        self.W_query, self.W_key, self.W_value = (nn.Linear(d_in, d_out, bias=qkv_bias) for _ in range(3))
        self.context_length, self.dropout = context_length, dropout

    def forward(self, x: Tensor) -> Tensor:
        batch, tokens, _ = x.shape
        q, k, v = self.W_query(x), self.W_key(x), self.W_value(x)
        q = q / q.size(-1) ** 0.5
        pos = torch.arange(tokens, device=x.device)
        top = q.new_full((batch, tokens, 1), float("-inf"))
        total = q.new_zeros(batch, tokens, 1)
        acc = torch.zeros_like(q)
        for start in range(0, tokens, self.BLOCK):
            part = slice(start, start + self.BLOCK)
            s = q @ k[:, part].mT
            s = torch.where(pos[None, part] <= pos[:, None], s, float("-inf"))
            new_top = torch.maximum(top, s.detach().amax(-1, keepdim=True))
            shrink = torch.exp(top - new_top)
            p = torch.exp(s - new_top)
            total = total * shrink + p.sum(-1, keepdim=True)
            acc = acc * shrink + F.dropout(p, self.dropout, self.training) @ v[:, part]
            top = new_top
        return acc / total
