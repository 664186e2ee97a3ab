import numpy as np
import torch


def assign(left, right):
    if tuple(left.shape) != tuple(right.shape):
        raise ValueError("Shape mismatch: " + str(tuple(left.shape)) + " and " + str(tuple(right.shape)))
    return torch.nn.Parameter(torch.empty_like(left).data.copy_(torch.as_tensor(right)))


class Loader:
    """Walks through OpenAI's tree and our modules side by side."""

    def linear(self, ours, theirs):
        ours.weight = assign(ours.weight, np.transpose(theirs["w"]))
        ours.bias = assign(ours.bias, theirs["b"])

    def norm(self, ours, theirs):
        ours.scale = assign(ours.scale, theirs["g"])
        ours.shift = assign(ours.shift, theirs["b"])

    def attention(self, ours, theirs):
        weights = np.hsplit(theirs["c_attn"]["w"], 3)
        targets = [ours.W_query, ours.W_key, ours.W_value]
        for i in range(3):
            targets[i].weight = assign(targets[i].weight, weights[i].T)
        self.linear(ours.out_proj, theirs["c_proj"])

    def block(self, ours, theirs):
        self.norm(ours.norm1, theirs["ln_1"])
        self.attention(ours.att, theirs["attn"])
        self.norm(ours.norm2, theirs["ln_2"])
        self.linear(ours.ff.layers[0], theirs["mlp"]["c_fc"])
        self.linear(ours.ff.layers[2], theirs["mlp"]["c_proj"])

    def model(self, ours, theirs):
        ours.tok_emb.weight = assign(ours.tok_emb.weight, theirs["wte"])
        ours.pos_emb.weight = assign(ours.pos_emb.weight, theirs["wpe"])
        for i, block in enumerate(theirs["blocks"]):
            self.block(ours.trf_blocks[i], block)
        self.norm(ours.final_norm, theirs)
        ours.out_head.weight = assign(ours.out_head.weight, theirs["wte"])


def load_weights_into_gpt(gpt, params):
    Loader().model(gpt, params)
