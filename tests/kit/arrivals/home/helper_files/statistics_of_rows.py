import torch
from rows import kept


def moments(x, axis):
    variance, mean = torch.var_mean(x, dim=axis, correction=0, keepdim=kept)
    return mean, variance
