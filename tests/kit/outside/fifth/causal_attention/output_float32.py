import torch
from torch import nn


class CausalAttention(nn.Module):
    def __init__(self, d_in: int, d_out: int, context_length: int, dropout: float, qkv_bias: bool = False) -> None:
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.attention_dropout = nn.Dropout(dropout)
        self.scaling = d_out ** -0.5

    def forward(self, hidden_states: torch.Tensor) -> torch.Tensor:
        query_states = self.W_query(hidden_states).to(torch.float32)
        key_states = self.W_key(hidden_states).to(torch.float32)
        value_states = self.W_value(hidden_states).to(torch.float32)

        q_len = hidden_states.shape[1]
        min_value = torch.finfo(torch.float32).min
        causal_mask = torch.full((q_len, q_len), min_value, device=hidden_states.device).triu(diagonal=1)

        attn_weights = torch.matmul(query_states, key_states.transpose(1, 2)) * self.scaling
        attn_weights = attn_weights + causal_mask
        attn_weights = nn.functional.softmax(attn_weights, dim=-1, dtype=torch.float32)
        attn_weights = self.attention_dropout(attn_weights)
        return torch.matmul(attn_weights, value_states)
