import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        # the three projections
        self.W_query = nn.Linear(in_features=d_in, out_features=d_out, bias=qkv_bias)
        self.W_key = nn.Linear(in_features=d_in, out_features=d_out, bias=qkv_bias)
        self.W_value = nn.Linear(in_features=d_in, out_features=d_out, bias=qkv_bias)
        # dropout for the attention weights
        self.dropout_layer = nn.Dropout(dropout)
        self.dimension = d_out
        self.context_length = context_length

    def forward(self, x):
        # step 1: project
        my_queries = self.W_query(x)
        my_keys = self.W_key(x)
        my_values = self.W_value(x)

        # step 2: compare every query with every key
        my_scores = torch.matmul(my_queries, torch.transpose(my_keys, 1, 2))
        my_scores = my_scores / torch.sqrt(torch.tensor(float(self.dimension)))

        # step 3: a True in the mask is a position that may be seen
        number_of_tokens = x.shape[1]
        positions = torch.arange(number_of_tokens, device=x.device)
        allowed = positions.unsqueeze(0) <= positions.unsqueeze(1)
        my_scores = torch.where(allowed, my_scores, torch.tensor(-1e9, dtype=my_scores.dtype))

        # step 4: normalise and regularise
        my_weights = torch.softmax(my_scores, dim=-1)
        self.dropout_layer(my_weights)

        # step 5: mix the values
        my_output = torch.matmul(my_weights, my_values)
        return my_output
