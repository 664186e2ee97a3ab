import torch
import torch.nn as nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads != 0:
            raise ValueError("d_out must be divisible by num_heads")
        self.num_heads = num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)

    def attend(self, sentence):
        """sentence: (tokens, d_in)"""
        tokens = sentence.shape[0]
        q = self.W_query(sentence).view(tokens, self.num_heads, -1).transpose(0, 1)
        k = self.W_key(sentence).view(tokens, self.num_heads, -1).transpose(0, 1)
        v = self.W_value(sentence).view(tokens, self.num_heads, -1).transpose(0, 1)
        scores = q @ k.transpose(1, 2) / k.shape[-1] ** 0.5
        above = torch.ones(tokens, tokens, device=sentence.device).triu(diagonal=1).bool()
        weights = torch.softmax(scores.masked_fill(above, -torch.inf), dim=-1)
        context = self.dropout(weights) @ v
        return context.transpose(0, 1).reshape(tokens, -1)

    def forward(self, x):
        contexts = [self.attend(sentence) for sentence in x]
        return self.out_proj(torch.stack(contexts).squeeze(0))
