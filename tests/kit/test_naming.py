"""Names that differ from the exercise's: what is matched, what is left alone, and what a renaming can't do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.checks.under_test import SubmissionUnderTest
from grader.course import Course
from grader.diagnosis.cases import load
from grader.naming import contract_of
from grader.naming.matching import (
    Argument,
    ArgumentMatch,
    match_arguments,
    match_members,
    match_objects,
    match_parameters,
    renamed_parts,
)
from grader.naming.sentences import about_arguments, about_parameters
from grader.port import InProcess, OtherProcess, Port, Transport, Workspace
from grader.wire.renaming import Renaming, passed

ATTENTION = {"W_query.weight": (4, 3), "W_key.weight": (4, 3), "W_value.weight": (4, 3), "out_proj.weight": (4, 4)}


def arguments(*names: str, optional: tuple[str, ...] = (), kind: str = "POSITIONAL_OR_KEYWORD") -> list[Argument]:
    """Make the arguments of a signature; the optional ones come last."""
    required = [Argument(name, kind, True) for name in names]
    return required + [Argument(name, kind, False) for name in optional]


@pytest.mark.parametrize("name", ["embed_dim", "Emb_Dim", "n_embd", "normalized_shape", "d_model"])
def test_a_known_name_is_matched(name: str) -> None:
    """An argument under a known name, or in other letters, is matched, whether or not it has a default."""
    assert match_arguments(["emb_dim"], arguments(name)).names == {"emb_dim": name}
    assert match_arguments(["emb_dim"], arguments(optional=(name, "eps"))).names == {"emb_dim": name}


def test_the_last_one_is_matched_whatever_it_is_called() -> None:
    """If one argument is left on both sides, they belong together."""
    match = match_arguments(["d_in", "num_heads"], arguments("d_in", "quantity"))
    assert match.names == {"num_heads": "quantity"}
    assert not match.unmatched


def test_two_unknown_arguments_are_not_guessed() -> None:
    """If two arguments are left on both sides, neither is matched."""
    match = match_arguments(["d_in", "d_out", "dropout"], arguments("d_in", "one", "two"))
    assert not match.names
    assert match.unmatched == ("d_out", "dropout")
    assert match.required == ("one", "two")


def test_two_names_for_one_argument_are_not_guessed() -> None:
    """If two of the learner's arguments may be the same one, neither is taken for it."""
    assert not match_arguments(["emb_dim", "eps"], arguments("dim", "width", "eps")).names


def test_an_argument_that_is_not_taken_is_dropped() -> None:
    """An argument that nothing in the signature can stand for isn't passed."""
    assert match_arguments(["start_context", "tokenizer"], arguments("start_context")).names == {"tokenizer": ""}


def test_an_argument_of_the_learners_own_is_told() -> None:
    """A required argument that nobody asked for is neither filled nor matched."""
    match = match_arguments(["emb_dim"], arguments("emb_dim", "batch"))
    assert (match.names, match.required) == ({}, ("batch",))


def test_arguments_that_come_first_are_not_renamed() -> None:
    """What checks pass by position may have any name."""
    taken = arguments("net", "batches", "count")
    assert match_arguments(["num_batches"], taken, by_position=2).names == {"num_batches": "count"}


def test_a_signature_that_takes_anything_needs_nothing() -> None:
    """Nothing is renamed for `**kwargs`, which may look up any name."""
    taken = [*arguments("d_in"), Argument("others", "VAR_KEYWORD", True)]
    assert not match_arguments(["d_in", "num_heads"], taken).names


def test_position_only_arguments_are_passed_by_position() -> None:
    """Arguments before a `/` are passed in the learner's order, and the others by their names."""
    taken = [*arguments("out_dim", "d_in", kind="POSITIONAL_ONLY"), *arguments("p")]
    match = match_arguments(["d_in", "d_out", "dropout"], taken)
    assert match.by_position == ("d_out", "d_in")
    renaming = Renaming(arguments={"C": dict(match.names)}, by_position={"C": list(match.by_position)})
    assert passed(renaming, "C", (), {"d_in": 3, "d_out": 4, "dropout": 0.5}) == ((4, 3), {"p": 0.5})


def test_classes_are_matched_up_to_their_letters() -> None:
    """`Layernorm` is `LayerNorm`, but two such names, or one that means something else, are left alone."""
    assert match_objects(["LayerNorm"], ["Layernorm", "helper"]) == {"LayerNorm": "Layernorm"}
    assert match_objects(["LayerNorm"], ["Layernorm", "Layer_Norm"]) == {}
    assert match_objects(["LayerNorm"], ["LayerNorm", "Layernorm"]) == {}
    assert match_objects(["LayerNorm"], ["RMSNorm"]) == {}


def test_members_are_matched_unless_two_could_be_meant() -> None:
    """A method or an attribute under a known name is matched, but never one of two."""
    assert match_members(["w_", "net_input"], ["weights", "netInput"]) == {"w_": "weights", "net_input": "netInput"}
    assert match_members(["w_"], ["weights", "coef_"]) == {}
    assert match_members(["fit"], ["fit", "train"]) == {}


def test_parameters_are_matched_by_known_names_and_shapes() -> None:
    """Projections under known names are matched in any order, and only with the right shape."""
    theirs = {"v_proj.weight": (4, 3), "k_proj.weight": (4, 3), "q_proj.weight": (4, 3), "proj.weight": (4, 4)}
    assert match_parameters(ATTENTION, theirs) == {
        "W_query.weight": "q_proj.weight",
        "W_key.weight": "k_proj.weight",
        "W_value.weight": "v_proj.weight",
        "out_proj.weight": "proj.weight",
    }
    turned = theirs | {"q_proj.weight": (3, 4)}
    assert "W_query.weight" not in match_parameters(ATTENTION | {"more": (1,)}, turned)


def test_parameters_of_one_shape_are_not_guessed() -> None:
    """Parameters with unknown names and the same shape are left alone, and the rest is matched."""
    theirs = {"lin1.weight": (4, 3), "lin2.weight": (4, 3), "lin3.weight": (4, 3), "lin4.weight": (4, 4)}
    assert match_parameters(ATTENTION, theirs) == {"out_proj.weight": "lin4.weight"}
    assert match_parameters({"scale": (3,), "shift": (3,)}, {"p1": (3,), "p2": (3,)}) == {}


def test_a_parameter_too_few_or_too_many_is_not_hidden() -> None:
    """Shapes are no evidence if the number of parameters differs: something may be missing, not renamed."""
    assert match_parameters({"a.weight": (2, 3), "a.bias": (2,)}, {"b.weight": (2, 3)}) == {}
    assert match_parameters({"a.weight": (2, 3)}, {"b.weight": (2, 3), "c.weight": (9, 9)}) == {}


def test_names_that_exist_stay() -> None:
    """A parameter that has its name is never replaced by another, and two never become the same."""
    theirs = ATTENTION | {"proj.weight": (4, 4)}
    assert match_parameters(ATTENTION, theirs) == {}
    both = {"q.weight": (4, 3), "query.weight": (4, 3), "W_key.weight": (4, 3), "W_value.weight": (4, 3)}
    assert "W_query.weight" not in match_parameters(ATTENTION, both)


def test_a_part_is_matched_by_what_is_in_it() -> None:
    """A part with an unknown name is the one with the same parameters inside, if there is only one such part."""
    wanted = {"ff.layers.0.weight": (8, 2), "ff.layers.0.bias": (8,), "norm.scale": (2,)}
    theirs = {"think.layers.0.weight": (8, 2), "think.layers.0.bias": (8,), "norm.scale": (2,)}
    matched = match_parameters(wanted, theirs)
    assert renamed_parts(matched) == [("think", "ff")]
    norms = {"norm1.scale": (2,), "norm2.scale": (2,)}
    assert match_parameters(norms, {"before.scale": (2,), "after.scale": (2,)}) == {}


@pytest.mark.parametrize("names", [["head_0", "head_1"], ["attn1", "attn2"], ["parts.9", "parts.10"]])
def test_numbered_parts_are_matched_in_their_order(names: list[str]) -> None:
    """Heads under numbered names stand for those in a list of modules, if each has the same parameters inside."""
    wanted = {"heads.0.W.weight": (4, 3), "heads.1.W.weight": (4, 3)}
    theirs = {f"{name}.W.weight": (4, 3) for name in reversed(names)}
    assert match_parameters(wanted, theirs) == dict(zip(wanted, reversed(theirs), strict=True))
    assert match_parameters(wanted, dict(zip(theirs, [(4, 3), (5, 3)], strict=True))) == {}
    assert match_parameters(wanted, {"left.W.weight": (4, 3), "right.W.weight": (4, 3)}) == {}


def test_how_to_keep_numbered_parts_is_told() -> None:
    """No attribute can be called `heads.0`, so the sentence says what numbers its modules in this way."""
    pairs = [("head_0", "heads.0"), ("head_1", "heads.1")]
    assert about_parameters("MultiHeadAttentionWrapper", pairs)[1:] == [
        "Rename `head_0` to `heads.0` and `head_1` to `heads.1`.",
        "Keep them in an `nn.ModuleList` called `heads`: it numbers what is in it.",
    ]
    assert len(about_parameters("FeedForward", [("net.2", "layers.2")])) == len(["intro", "rename"])


def test_what_to_rename_is_told_by_parts() -> None:
    """Weight and bias of one part are renamed once, even if the part is deeper in one of the names."""
    assert renamed_parts({"W_q.weight": "wq.weight", "W_q.bias": "wq.bias"}) == [("wq", "W_q")]
    assert renamed_parts({"ff.layers.0.weight": "ff.fc1.weight"}) == [("fc1", "layers.0")]


def test_the_names_of_an_exercise_come_from_its_cases(course: Course) -> None:
    """Every class that checks build is known with its arguments, and every module with its parameters."""
    cases = [case for kind in ("visible", "hidden") for case in load(course.cases(kind) / "gpt_block.json").cases]
    contract = contract_of("gpt_block", cases)
    assert contract.arguments["TransformerBlock"] == ("cfg",)
    parameters = contract.samples["TransformerBlock"].parameters
    assert {"att.W_query.bias", "ff.layers.2.weight", "norm2.shift"} <= parameters.keys()
    assert parameters["ff.layers.0.weight"] == (parameters["ff.layers.0.bias"][0], parameters["norm1.scale"][0])


NORM = """
import torch
from torch import nn

class LayerNorm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(size))
        self.beta = nn.Parameter(torch.zeros(size))

    def forward(self, x):
        return self.gamma * x + self.beta
"""
RENAMED = Renaming(
    arguments={"LayerNorm": {"emb_dim": "size"}}, parameters={"LayerNorm": {"scale": "gamma", "shift": "beta"}}
)


@pytest.mark.parametrize("kind", [InProcess, OtherProcess])
def test_a_renamed_module_answers_under_the_names_of_the_exercise(
    kind: Callable[[Workspace], Transport], tmp_path: Path
) -> None:
    """Building, listing, setting and gradients all use the exercise's names, in this process and in another."""
    import torch

    path = tmp_path / "layer_norm.py"
    path.write_text(NORM, encoding="utf-8")
    transport = kind(Workspace({"layer_norm": path}))
    try:
        transport.rename({"layer_norm": RENAMED})
        norm = Port(transport, "layer_norm").build("LayerNorm", emb_dim=2)
        assert list(norm.parameters()) == ["scale", "shift"]
        norm.set_parameters({"scale": torch.tensor([2.0, 3.0]), "shift": torch.ones(2)})
        assert torch.equal(norm(torch.ones(2)), torch.tensor([3.0, 4.0]))
        assert list(norm.gradients(torch.ones(2)).parameters) == ["scale", "shift"]
    finally:
        transport.close()


def test_a_right_module_is_asked_nothing_more(course: Course, tmp_path: Path) -> None:
    """Names are looked into only after a check has failed; a module with the right names keeps them."""
    under_test = SubmissionUnderTest(course)
    under_test.load({"layer_norm": course.solutions / "layer_norm.py"})
    try:
        assert not under_test.learn_names("layer_norm", over_standins=False)
        assert not under_test.names("layer_norm", over_standins=False).sentences
    finally:
        under_test.close()


def test_a_sentence_about_arguments_keeps_their_order() -> None:
    """Arguments whose names agree are left out where they belong, not all at the beginning."""
    wanted = ["d_in", "d_out", "context_length", "dropout", "qkv_bias"]
    learners = ["dim_in", "d_out", "context_length", "dropout", "bias"]
    taken = [Argument(name, "POSITIONAL_OR_KEYWORD", True) for name in learners]
    match = ArgumentMatch(names={"d_in": "dim_in", "qkv_bias": "bias"})
    first, *_ = about_arguments("CausalAttention", wanted, taken, match)
    assert first.startswith("`CausalAttention` is built as `CausalAttention(d_in=…, …, qkv_bias=…)`;")
