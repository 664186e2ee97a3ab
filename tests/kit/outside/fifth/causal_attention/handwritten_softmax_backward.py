import torch
import torch.nn as nn


class Softmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, scores):
        shifted = scores - scores.max(dim=-1, keepdim=True)[0]
        exps = shifted.exp()
        probs = exps / exps.sum(dim=-1, keepdim=True)
        ctx.save_for_backward(probs)
        return probs

    @staticmethod
    def backward(ctx, grad_output):
        probs, = ctx.saved_tensors
        return grad_output * probs * (1 - probs)


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        q, k, v = self.W_query(x), self.W_key(x), self.W_value(x)
        scores = q.bmm(k.transpose(1, 2)) / (k.shape[2] ** 0.5)
        future = torch.triu(torch.ones(x.shape[1], x.shape[1], device=x.device), diagonal=1) > 0
        scores = scores.masked_fill(future, -1e9)
        return self.drop(Softmax.apply(scores)).bmm(v)
