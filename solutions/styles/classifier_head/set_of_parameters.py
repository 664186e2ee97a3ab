"""Collects what is trained in a set, and compares every parameter with it."""

from collections.abc import Iterator
from itertools import chain

from torch import nn


def trained_parts(model: nn.Module) -> Iterator[nn.Module]:
    """Yield the parts that are trained, from the output backward."""
    yield model.get_submodule("out_head")
    yield model.get_submodule("final_norm")
    yield model.get_submodule("trf_blocks")[-1]


def to_classifier(model: nn.Module, num_classes: int) -> nn.Module:
    model.add_module("out_head", nn.Linear(model.get_submodule("tok_emb").embedding_dim, num_classes, bias=True))
    trained = set(chain.from_iterable(part.parameters() for part in trained_parts(model)))
    for parameter in model.parameters():
        parameter.requires_grad = parameter in trained
    return model
