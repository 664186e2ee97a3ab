"""A stand-in for `adamw`: torch's own."""

from torch.optim import AdamW

__all__ = ["AdamW"]
