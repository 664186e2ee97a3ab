"""Every class and function that the book has its readers write is part of an exercise, under the book's own name."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from grader.course import load_course

COURSE = load_course(Path(__file__).resolve().parents[2] / "course.yaml")
NAMES = {
    "simple_tokenizer": ["SimpleTokenizerV1", "SimpleTokenizerV2"],
    "data_loader": ["GPTDatasetV1", "create_dataloader_v1"],
    "self_attention": ["softmax_naive", "SelfAttention_v1", "SelfAttention_v2"],
    "causal_attention": ["CausalAttention"],
    "multi_head_wrapper": ["MultiHeadAttentionWrapper"],
    "multi_head_attention": ["MultiHeadAttention"],
    "layer_norm": ["LayerNorm"],
    "gpt_block": ["GELU", "FeedForward", "TransformerBlock"],
    "shortcuts": ["ExampleDeepNeuralNetwork", "print_gradients"],
    "gpt_model": ["GPTModel"],
    "generation": [
        "generate_text_simple",
        "text_to_token_ids",
        "token_ids_to_text",
        "generate_and_print_sample",
        "softmax_with_temperature",
        "generate",
    ],
    "training_loop": ["calc_loss_batch", "calc_loss_loader", "evaluate_model", "train_model_simple"],
    "gpt2_weights": ["assign", "load_weights_into_gpt"],
    "lr_schedule": ["find_highest_gradient", "train_model"],
    "spam_data": ["create_balanced_dataset", "random_split", "SpamDataset"],
    "classifier": ["calc_accuracy_loader", "train_classifier_simple", "classify_review"],
    "instruction_data": [
        "format_input",
        "InstructionDataset",
        "custom_collate_draft_1",
        "custom_collate_draft_2",
        "custom_collate_fn",
    ],
    "lora": ["LoRALayer", "LinearWithLoRA", "replace_linear_with_lora"],
    "dpo": ["compute_logprobs", "compute_dpo_loss", "compute_dpo_loss_batch", "compute_dpo_loss_loader"],
    "pytorch_basics": ["NeuralNetwork", "ToyDataset", "compute_accuracy"],
}
"""The book's names, by the exercise in which they are first written; chapters write some of them again."""


def test_there_are_52_different_names() -> None:
    """No name is counted twice."""
    names = [name for names in NAMES.values() for name in names]
    assert len(set(names)) == len(names) == 52


@pytest.mark.parametrize("exercise", NAMES)
def test_a_solution_and_its_stub_have_the_books_names(exercise: str) -> None:
    """A learner finds them in the stub, and nobody has to rename what they typed from the book."""
    for folder in (COURSE.solutions, COURSE.stubs):
        tree = ast.parse((folder / f"{exercise}.py").read_text(encoding="utf-8"))
        defined = {node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
        assert set(NAMES[exercise]) <= defined
