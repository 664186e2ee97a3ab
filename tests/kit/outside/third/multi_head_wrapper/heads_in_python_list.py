import torch
from torch import nn
from .causal_attention import CausalAttention


class Concatenate(nn.Module):
    def forward(self, left, right):
        return torch.cat((left, right), dim=2)


class MultiHeadAttentionWrapper(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super(MultiHeadAttentionWrapper, self).__init__()
        self.num_heads = num_heads
        self.concatenate = Concatenate()
        head_list = []
        for i in range(num_heads):
            head = CausalAttention(
                d_in=d_in,
                d_out=d_out,
                context_length=context_length,
                dropout=dropout,
                qkv_bias=qkv_bias,
            )
            head_list.append(head)
        self.heads = head_list

    def forward(self, x):
        result = self.heads[0](x)
        for i in range(1, self.num_heads):
            context = self.heads[i](x)
            result = self.concatenate(result, context)
        return result
