"""The kinds of bugs, in the words in which somebody describes a bug without naming the line."""

from __future__ import annotations

import ast

KINDS = {
    "sign": "A sign or an arithmetic operator is wrong.",
    "comparison": "A comparison or a condition is wrong.",
    "number": "A number is wrong.",
    "dimension": "A dimension is the wrong one, or gets lost.",
    "argument": "An argument is missing in a call.",
    "order": "Two arguments are in the wrong order.",
    "variable": "The wrong variable or attribute is used.",
    "statement": "A statement is missing.",
    "call": "A value is used as it is, without the function that should be called on it.",
    "operand": "A part of a formula is missing.",
    "slice": "A slice begins or ends in the wrong place.",
    "similar": "Two things with similar names or opposite meanings are mixed up.",
    "graph": "A gradient doesn't get through.",
    "overwriting": "A tensor is overwritten that is still needed.",
    "mode": "Dropout, or training and evaluation mode, is wrong.",
    "gradients": "Gradients are recorded that nobody needs, or never cleared.",
    "dtype": "The dtype is wrong.",
    "inputs": "It works only for some of the inputs that it should take.",
    "state": "A result of an earlier call comes back.",
    "parameters": "A parameter isn't trained, or a constant is.",
}
"""The sentences of all kinds."""

_BY_OPERATOR = {
    "StatementDropped": "statement",
    "OtherAugmentation": "sign",
    "AugmentationDropped": "operand",
    "OperandDropped": "operand",
    "InPlace": "overwriting",
    "BoundDropped": "slice",
    "LikeName": "similar",
    "GraphCut": "graph",
    "ConditionSet": "comparison",
    "ArgumentDropped": "argument",
    "ArgumentsSwapped": "order",
    "CallDropped": "call",
    "OtherName": "variable",
    "OtherKey": "variable",
    "ContextDropped": "statement",
    "OtherOperator": "sign",
    "OtherComparison": "comparison",
    "ConditionReversed": "comparison",
    "OtherNumber": "number",
    "OtherDimension": "dimension",
    "overwrites_input": "overwriting",
    "cuts_graph": "graph",
    "output_in_float32": "dtype",
    "always_float32": "dtype",
    "needs_contiguous": "inputs",
    "squeezes_output": "dimension",
    "three_dimensions_only": "inputs",
    "keepdim_forgotten": "dimension",
    "reduces_everything": "dimension",
    "keeps_state": "state",
    "plain_parameters": "parameters",
    "frozen_parameters": "parameters",
    "buffer_as_parameter": "parameters",
    "dropout_always_on": "mode",
    "dropout_upside_down": "mode",
    "dropout_forgotten": "mode",
    "dropout_of_fixed_rate": "mode",
    "eval_mode_missing": "mode",
    "train_mode_missing": "mode",
    "gradients_on": "gradients",
    "gradients_not_cleared": "gradients",
}
_BY_METHOD = {
    "train": "mode",
    "eval": "mode",
    "zero_grad": "gradients",
    "no_grad": "gradients",
    "inference_mode": "gradients",
    "register_buffer": "parameters",
    "Parameter": "parameters",
    "Dropout": "mode",
    "dropout": "mode",
    "detach": "graph",
    "float": "dtype",
    "double": "dtype",
    "to": "dtype",
}
"""What calling these is about: leaving the call out is a bug of that kind, and not only a missing call."""

ALIKE = tuple(
    frozenset(pair.split())
    for pair in (
        "number dimension", "number slice", "number argument", "number comparison", "dimension argument",
        "dimension similar", "dimension variable", "dimension order", "dimension call", "dimension slice",
        "dimension operand", "call operand", "call statement", "call argument", "call graph", "call mode", "call dtype",
        "call parameters", "call similar", "operand statement", "operand sign", "operand argument", "operand slice",
        "operand number", "statement mode", "statement gradients", "statement parameters", "statement overwriting",
        "statement state", "argument order", "argument variable", "argument dtype", "argument mode",
        "argument parameters", "order variable", "graph overwriting", "graph gradients", "graph parameters",
        "overwriting state", "inputs dimension", "inputs slice", "similar mode", "similar sign", "similar comparison",
        "sign comparison", "variable operand", "variable call", "variable slice", "state variable",
    )
)  # fmt: skip
"""Kinds of which one bug may be both, so that a question never offers the other one as a wrong answer."""


def are_alike(first: str, second: str) -> bool:
    """Say whether one bug may be of both kinds."""
    return frozenset((first, second)) in ALIKE


def kind_of(operator: str, node: ast.AST | None = None) -> str:
    """Return the kind of a bug.

    Args:
        operator: the operator, or the stock mistake, that makes it.
        node: what it changes.
    """
    if operator in ("StatementDropped", "CallDropped", "ContextDropped") and node is not None:
        called = _called(node)
        return next((kind for name, kind in _BY_METHOD.items() if name in called), _BY_OPERATOR[operator])
    if operator == "LikeName" and isinstance(node, ast.Attribute) and node.attr in ("train", "eval"):
        return "mode"
    return _BY_OPERATOR[operator]


def _called(node: ast.AST) -> list[str]:
    """List what a statement or a call calls at its outermost, by the last part of the name."""
    match node:
        case ast.With(items=items):
            calls: list[ast.expr] = [item.context_expr for item in items]
        case ast.Expr(value=value) | ast.Assign(value=value):
            calls = [value]
        case ast.expr():
            calls = [node]
        case _:
            calls = []
    names = []
    for call in calls:
        match call:
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
                names.append(name)
    return names
