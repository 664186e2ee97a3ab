from torch import nn
from torch.nn.functional import scaled_dot_product_attention


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        for name in ("W_query", "W_key", "W_value"):
            setattr(self, name, nn.Linear(d_in, d_out, bias=qkv_bias))
        self.p = dropout

    def forward(self, x):
        return scaled_dot_product_attention(
            self.W_query(x), self.W_key(x), self.W_value(x),
            dropout_p=self.p if self.training else 0.0,
            is_causal=True,
        )
