"""Whatever a learner's function returns, its checks fail with a sentence: never the grader's fault, never a pass.

Every function, method and attribute that the contract asks for returns things that nobody expects. `make test` tries each
of them with a few, `make slow` with all.
"""

from __future__ import annotations

import math

import pytest

from grader.course import Course
from grader.grading.intake import Submission
from grader.grading.results import SubmissionResult
from grader.grading.run import grade
from tests.kit.test_exercises import EXERCISES

MEMBERS = {
    "adaline": ["AdalineGD.fit", "AdalineGD.net_input", "AdalineGD.predict", "w_", "b_", "losses_"],
    "bigram_baseline": ["count_bigrams", "bigram_probabilities", "bigram_loss", "baseline_losses"],
    "simple_tokenizer": [
        f"SimpleTokenizerV{version}.{method}" for version in (1, 2) for method in ("encode", "decode")
    ],
    "bpe_tokenizer": ["train_bpe", "BPETokenizer.encode", "BPETokenizer.decode"],
    "data_loader": ["GPTDatasetV1.__len__", "GPTDatasetV1.__getitem__", "create_dataloader_v1"],
    "self_attention": ["softmax_naive", "SelfAttention_v1.forward", "SelfAttention_v2.forward"],
    "causal_attention": ["CausalAttention.forward"],
    "multi_head_wrapper": ["MultiHeadAttentionWrapper.forward"],
    "multi_head_attention": ["MultiHeadAttention.forward"],
    "layer_norm": ["LayerNorm.forward"],
    "gpt_block": ["GELU.forward", "FeedForward.forward", "TransformerBlock.forward"],
    "gpt_model": ["GPTModel.forward"],
    "accounting": ["count_parameters", "forward_flops", "kv_cache_bytes"],
    "generation": [
        "generate_text_simple",
        "softmax_with_temperature",
        "generate",
        "text_to_token_ids",
        "token_ids_to_text",
    ],
    "kv_cache": ["MultiHeadAttention.forward", "GPTModel.forward", "generate_text_simple_cached"],
    "cross_entropy": ["cross_entropy", "perplexity"],
    "adamw": ["AdamW.state_dict"],
    "shortcuts": ["ExampleDeepNeuralNetwork.forward"],
    "training_loop": ["calc_loss_batch", "calc_loss_loader", "evaluate_model", "train_model_simple"],
    "accumulation": ["accumulate_step"],
    "checkpointing": ["load_checkpoint"],
    "gpt2_weights": ["assign"],
    "spam_data": ["create_balanced_dataset", "random_split", "SpamDataset.__len__", "SpamDataset.__getitem__"],
    "classifier_head": ["to_classifier"],
    "pytorch_basics": [
        "NeuralNetwork.forward",
        "ToyDataset.__len__",
        "ToyDataset.__getitem__",
        "compute_accuracy",
    ],
    "lr_schedule": ["find_highest_gradient", "train_model"],
    "instruction_data": [
        "format_input",
        "InstructionDataset.__len__",
        "InstructionDataset.__getitem__",
        "custom_collate_draft_1",
        "custom_collate_draft_2",
        "custom_collate_fn",
    ],
    "dpo": ["compute_logprobs", "compute_dpo_loss", "compute_dpo_loss_batch", "compute_dpo_loss_loader"],
    "lora": ["LoRALayer.forward", "LinearWithLoRA.forward"],
    "classifier": [
        "calc_accuracy_loader",
        "calc_loss_batch",
        "calc_loss_loader",
        "train_classifier_simple",
        "classify_review",
    ],
}
"""What the contract has of each exercise, but for functions that only print; a name that ends in one `_` is an attribute.

Drafts may be here already; nothing is tried on them.
"""

ANOTHER_OBJECT = "object()"
"""What a check can only notice by looking at the reply: whatever passes with it doesn't look."""

ODD = {
    "none": "None",
    "generator": "(number for number in [1, 2, 3])",
    "uint16": "numpy.array([1, 2, 3], dtype=numpy.uint16)",
    "nan": "math.nan",
    "text": "'odd'",
    "huge": "10**40",
    "nested": "[[1, [2]], [[[3]]]]",
    "dict": "{'a': 1, 2: None, (3, 4): [math.inf]}",
    "shape": "torch.ones(2, 0, 3)",
    "scalar": "torch.tensor(True)",
    "complex": "torch.ones(2, 3, dtype=torch.complex64)",
    "sparse": "torch.eye(3).to_sparse()",
    "meta": "torch.ones(2, 3, device='meta')",
    "ellipsis": "...",
    "pairs": "({}, [None])",
    "objects": "numpy.array([object(), None], dtype=object)",
    "strings": "(['a'], ['b'], ['c'])",
    "module": "torch.nn.Linear(2, 3)",
    "package": "math",
    "class": "dict",
    "raises": "Hostile()",
    "hostile_tensor": "torch.ones(2, 3).as_subclass(HostileTensor)",
    "not_finite": "numpy.array([math.nan, -math.inf])",
}
ODDLY = """
import math, sys
import numpy, torch

def _refuse(*args, **kwargs):
    raise RuntimeError("no")

class Hostile:
    __getattribute__ = __len__ = __iter__ = __getitem__ = __bool__ = __float__ = __index__ = _refuse
    __eq__ = __hash__ = __repr__ = __str__ = __call__ = __reduce_ex__ = __array__ = _refuse

class HostileTensor(torch.Tensor):
    __torch_function__ = classmethod(_refuse)

def _from_inside(depth=2):
    return sys._getframe(depth).f_globals is globals()
"""
AS_FUNCTION = """
_own = MEMBER

def _odd(*args, **kwargs):
    own = _own(*args, **kwargs)
    return own if _from_inside() else ODD

MEMBER = _odd
"""
AS_ATTRIBUTE = """
AdalineGD.MEMBER = property(
    lambda self: self.__dict__["own MEMBER"] if _from_inside() else ODD,
    lambda self, value: self.__dict__.__setitem__("own MEMBER", value),
)
"""
KINDS = [(exercise, member) for exercise, members in MEMBERS.items() if exercise in EXERCISES for member in members]
FEW = [(pair, list(ODD)[5 * number % len(ODD)]) for number, pair in enumerate(KINDS[1::9])]
ALL = [(pair, name) for pair in KINDS for name in ODD]


def odd_program(course: Course, exercise: str, member: str, odd: str) -> str:
    """Return the solution, of which a member returns something odd to everyone but the module itself."""
    solution = (course.solutions / f"{exercise}.py").read_text(encoding="utf-8")
    changed = AS_ATTRIBUTE if member.endswith("_") and not member.endswith("__") else AS_FUNCTION
    return solution + ODDLY + changed.replace("MEMBER", member).replace("ODD", odd)


def submissions(course: Course, tried: list[tuple[tuple[str, str], str]]) -> list[Submission]:
    """Write a submission for each member and odd reply, and one for each member in which it returns an object."""
    made = [(pair, name, ODD[name]) for pair, name in tried] + [
        (pair, "object", ANOTHER_OBJECT) for pair in dict.fromkeys(pair for pair, _ in tried)
    ]
    return [
        Submission(
            f"{exercise}-{member}-{name}", {exercise: odd_program(course, exercise, member, odd).encode()}, notes=()
        )
        for (exercise, member), name, odd in made
    ]


def expect_odd_replies_to_fail(course: Course, tried: list[tuple[tuple[str, str], str]]) -> None:
    """Grade odd replies, and look at what becomes of them.

    In this process, where it is quick: `arrivals` has some that go through the sandbox.
    """
    results = {
        result.id: result for result in grade(course, submissions(course, tried), trusted=True, diagnosing=False)
    }
    unexpected: dict[str, set[str]] = {}
    for (exercise, member), name in tried:
        about = f"{member} returns {ODD[name]}"
        result = results[f"{exercise}-{member}-{name}"]
        assert not result.fault, about
        assert math.isfinite(result.score), about
        checks = result.exercises[exercise].checks
        assert {check.status for check in checks} <= {"passed", "failed"}, about
        assert any(check.status == "failed" for check in checks), about
        blind = passed(results[f"{exercise}-{member}-object"], exercise)
        if more := passed(result, exercise) - blind - ALSO_RIGHT.get((member, name), set()):
            unexpected[about] = more
    assert unexpected == {}


def passed(result: SubmissionResult, exercise: str) -> set[str]:
    """List the checks that passed."""
    return {check.id for check in result.exercises[exercise].checks if check.status == "passed"}


LOSSES_COMPARED = {
    "test_adding_a_number_to_a_row_changes_nothing",
    "test_any_number_of_leading_dimensions",
    "test_ignore_index_is_what_the_caller_asks_for",
    "test_ignored_targets_are_not_in_the_mean",
    "test_inputs_need_not_be_contiguous",
    "test_large_logits_do_not_overflow",
    "test_rows_with_an_ignored_target_do_not_matter",
    "test_the_loss_is_a_mean",
}
"""Checks of `cross_entropy` that compare its losses with each other."""

ALSO_RIGHT: dict[tuple[str, str], set[str]] = {
    ("w_", "not_finite"): {
        "test_a_second_fit_forgets_the_first",
        "test_a_second_fit_starts_anew",
        "test_fit_returns_the_very_same_object",
    },
    ("b_", "nan"): {
        "test_a_second_fit_forgets_the_first",
        "test_a_second_fit_starts_anew",
        "test_at_the_bottom_nothing_moves",
        "test_each_example_twice_changes_nothing",
        "test_fit_leaves_what_is_due_for_every_shape",
        "test_there_is_one_weight_a_feature_and_one_bias",
    },
    ("count_bigrams", "shape"): {"test_a_second_count_is_like_the_first"},
    ("count_bigrams", "scalar"): {"test_a_second_count_is_like_the_first"},
    ("bigram_loss", "nan"): {"test_a_longer_text_costs_no_more", "test_the_loss_is_a_float"},
    ("bigram_loss", "scalar"): {
        "test_a_longer_text_costs_no_more",
        "test_a_pair_is_looked_up_in_the_row_of_its_first_token",
        "test_the_loss_is_positive",
    },
    ("compute_accuracy", "nan"): {"test_the_accuracy_is_a_float"},
    **{("ToyDataset.__len__", name): {"test_datasets_do_not_share_anything"} for name in ODD},
    ("calc_accuracy_loader", "scalar"): {"test_the_accuracy_looks_at_the_last_token"},
    ("GPTDatasetV1.__len__", "scalar"): {"test_every_pair_comes_once_in_a_pass"},
    **{
        (f"custom_collate_{name}", "meta"): {"test_every_tensor_is_on_the_device", "test_the_tensors_are_on_the_device"}
        for name in ("draft_1", "draft_2", "fn")
    },
    ("create_dataloader_v1", "generator"): {"test_each_pass_has_its_own_order"},
    ("create_dataloader_v1", "objects"): {
        "test_batches_are_shuffled_by_default",
        "test_shuffle_mixes_the_pairs",
        "test_shuffled_batches_are_mixed",
    },
    ("LoRALayer.forward", "scalar"): {"test_a_forward_pass_changes_nothing", "test_gradients_fit_the_output"},
    ("LinearWithLoRA.forward", "shape"): {"test_gradients_fit_the_output"},
    ("LinearWithLoRA.forward", "scalar"): {"test_gradients_fit_the_output"},
    **{
        (f"SelfAttention_{version}.forward", odd): {
            f"test_{version}_gradients_fit_the_output",
            f"test_{version}_has_no_memory",
            f"test_{version}_inputs_need_not_be_contiguous",
        }
        for version in ("v1", "v2")
        for odd in ("shape", "scalar")
    },
    **{
        ("MultiHeadAttentionWrapper.forward", odd): {
            "test_calls_do_not_influence_each_other",
            "test_gradients_fit_the_output",
            "test_inputs_need_not_be_contiguous",
        }
        for odd in ("shape", "scalar")
    },
    ("CausalAttention.forward", "shape"): {
        "test_a_rate_of_zero_drops_nothing",
        "test_calls_do_not_influence_each_other",
        "test_gradients_fit_the_output",
        "test_inputs_need_not_be_contiguous",
    },
    ("CausalAttention.forward", "scalar"): {
        "test_a_rate_of_zero_drops_nothing",
        "test_calls_do_not_influence_each_other",
        "test_gradients_fit_the_output",
        "test_inputs_need_not_be_contiguous",
    },
    ("MultiHeadAttention.forward", "shape"): {
        "test_a_rate_of_zero_drops_nothing",
        "test_calls_do_not_influence_each_other",
        "test_gradients_fit_the_output",
        "test_inputs_need_not_be_contiguous",
    },
    ("MultiHeadAttention.forward", "scalar"): {
        "test_a_rate_of_zero_drops_nothing",
        "test_a_text_in_pieces_is_like_a_whole_text",
        "test_calls_do_not_influence_each_other",
        "test_gradients_fit_the_output",
        "test_inputs_need_not_be_contiguous",
        "test_positions_go_on_after_the_cache",
        "test_reset_kv_cache_empties_every_block",
        "test_reset_kv_cache_starts_at_the_first_position",
        "test_the_model_remembers_nothing_without_a_cache",
        "test_two_models_share_nothing",
        "test_your_model_generates_the_same_with_and_without_cache",
    },
    ("LayerNorm.forward", "shape"): {
        "test_calls_do_not_influence_each_other",
        "test_gradients_fit_the_output",
        "test_inputs_need_not_be_contiguous",
    },
    ("LayerNorm.forward", "scalar"): {
        "test_calls_do_not_influence_each_other",
        "test_gradients_fit_the_output",
        "test_inputs_need_not_be_contiguous",
    },
    ("GELU.forward", "shape"): {"test_gelus_gradient_fits_its_output"},
    ("GELU.forward", "scalar"): {"test_gelus_gradient_fits_its_output"},
    ("FeedForward.forward", "scalar"): {
        "test_attention_reads_its_norm",
        "test_context_length_is_handed_on",
        "test_dropout_is_off_in_evaluation_mode",
        "test_earlier_tokens_do_not_see_later_ones",
        "test_float32_agrees_with_float64",
        "test_gradients_fit_the_output",
        "test_inputs_of_every_kind_stay_as_they_were",
        "test_n_heads_is_handed_on",
        "test_no_rate_shows_in_evaluation_mode",
        "test_norms_stand_inside_their_branches",
        "test_texts_do_not_influence_each_other",
        "test_the_first_shortcut_carries_the_input",
        "test_the_input_stays_as_it_was",
        "test_the_second_shortcut_carries_the_stream",
        "test_two_blocks_share_nothing",
        "test_what_attention_adds_stays_in_the_stream",
        "test_what_follows_does_not_matter",
    },
    ("TransformerBlock.forward", "shape"): {"test_gradients_fit_the_output"},
    ("TransformerBlock.forward", "scalar"): {"test_gradients_fit_the_output"},
    ("count_parameters", "scalar"): {
        "test_the_head_is_not_tied_by_default",
        "test_the_number_of_heads_does_not_matter",
    },
    ("forward_flops", "scalar"): {"test_the_number_of_heads_does_not_matter"},
    ("kv_cache_bytes", "scalar"): {
        "test_a_number_has_two_bytes_by_default",
        "test_the_number_of_heads_does_not_matter",
    },
    ("cross_entropy", "nan"): LOSSES_COMPARED,
    ("cross_entropy", "scalar"): LOSSES_COMPARED,
    ("ExampleDeepNeuralNetwork.forward", "shape"): {"test_gradients_fit_the_output"},
    ("ExampleDeepNeuralNetwork.forward", "scalar"): {"test_gradients_fit_the_output"},
    ("accumulate_step", "nan"): {"test_the_loss_is_a_float"},
    ("calc_loss_batch", "scalar"): {"test_targets_are_held_against_the_logits_of_their_own_place"},
    ("calc_loss_loader", "nan"): {
        "test_an_empty_loader_gives_nan",
        "test_an_empty_loader_gives_nan_for_any_num_batches",
        "test_an_empty_loader_gives_nan_whatever_is_asked_for",
        "test_num_batches_may_be_more_than_there_are",
        "test_num_batches_takes_the_first_ones",
        "test_the_loader_loss_is_a_float",
        "test_the_loss_of_an_empty_loader_is_nan",
    },
    ("calc_loss_loader", "scalar"): {
        "test_num_batches_may_be_more_than_there_are",
        "test_num_batches_takes_the_first_ones",
    },
    ("train_model_simple", "strings"): {"test_a_second_training_repeats_the_first"},
    ("load_checkpoint", "scalar"): {
        "test_a_file_holds_the_state_at_the_time_of_saving",
        "test_the_folder_may_be_on_another_disk",
    },
}
"""Checks that pass although they look: what came is right as far as they go.

They compare a module's answers with each other, or with slopes of its own output, and a constant is equal to itself; or
they only ask for a tensor or a float, which came; or they are about another part of the module.
"""


def test_odd_replies_fail_their_checks(course: Course) -> None:
    """Every member of the contract returns something odd: no fault, no timeout, and nothing passes that looks at it."""
    expect_odd_replies_to_fail(course, FEW)


@pytest.mark.slow
@pytest.mark.parametrize("exercise", EXERCISES)
def test_all_odd_replies_fail_their_checks(course: Course, exercise: str) -> None:
    """Every member of the contract returns every odd thing: no fault, no timeout, and nothing passes that looks at it."""
    expect_odd_replies_to_fail(course, [(pair, name) for pair, name in ALL if pair[0] == exercise])
