"""Names that mean the same thing in readers' code, whatever the exercise; case and underscores don't matter.

Each group begins with the name that this course uses. A name may be in several groups: it is matched only if everything
else leaves one possibility.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Aliases = Mapping[str, frozenset[int]]
"""For each plain name, the groups that it is in."""

_WIDTHS = """
emb_dim embed_dim embedding_dim emb_size embed_size embedding_size n_embd n_embed n_emb num_embed d_model d_emb d_embed
dim hidden_size model_dim features num_features n_features normalized_shape width size embd_dim ndim
"""
_ARGUMENTS = f"""
{_WIDTHS.replace(chr(10), " ")}
d_in in_dim dim_in input_dim d_input in_features din in_size input_size dimin
d_out out_dim dim_out output_dim d_output out_features dout out_size output_size
context_length context_len ctx_len ctx_length ctx block_size max_len max_length seq_len max_seq_len seq_length n_ctx \
n_positions context_size context_window context max_tokens num_tokens sequence_length max_position_embeddings length
dropout drop_rate dropout_rate drop drop_p p_drop dropout_p dropout_prob drop_prob attn_drop attn_dropout attn_pdrop \
resid_pdrop pdrop rate p
num_heads n_heads n_head heads num_head nheads nhead h number_of_heads num_attention_heads n_attn_heads
qkv_bias bias use_bias attn_bias add_bias has_bias with_bias
eps epsilon
cfg config conf configuration gpt_config model_config model_cfg settings hparams params options args c
n_layers n_layer num_layers n_blocks num_blocks layers
vocab_size n_vocab vocabulary_size num_vocab size_of_vocab vocab_len target_vocab_size
eta lr learning_rate alpha step_size
n_iter epochs n_epochs num_epochs num_iter n_iters iterations max_iter num_iterations
random_state seed random_seed rng_seed
merges bpe_merges merge_rules merge_list merge_pairs pairs rules
vocab vocabulary id_to_bytes id_to_token token_bytes
special_tokens specials special special_token special_tokens_list allowed_special
text txt corpus
model net network lm
train_loader train_dataloader train_dl training_loader train_data_loader loader_train
val_loader valid_loader val_dataloader validation_loader val_dl val_data_loader test_loader loader_val eval_loader
data_loader dataloader loader dl
optimizer opt optim
device dev
num_epochs epochs n_epochs num_epoch epoch
eval_freq eval_every eval_interval eval_frequency evaluation_frequency freq log_every
eval_iter eval_iters eval_batches num_eval_batches eval_iterations eval_steps n_eval
start_context context prompt start_text start start_prompt sample_context sample_text
tokenizer tok enc encoder encoding tokeniser
num_batches n_batches max_batches batches limit
input_batch inputs input x
target_batch targets target y
smoothing alpha k smooth pseudocount laplace lam add_k
"""
_PARTS = """
scale weight gamma gain g w alpha
shift bias beta b offset
W_query query q wq q_proj query_proj to_q query_layer q_linear queries weight_query linear_q w_queries fc_q lin_q
W_key key k wk k_proj key_proj to_k key_layer k_linear keys weight_key linear_k w_keys fc_k lin_k
W_value value v wv v_proj value_proj to_v value_layer v_linear values weight_value linear_v w_values fc_v lin_v
out_proj proj o_proj out output_proj c_proj wo w_out output projection out_projection output_projection to_out fc_out \
proj_out linear_out out_linear w_o out_layer
att attn attention self_attn self_attention mha multi_head_attention multihead sa attention_layer attn_layer mhsa \
causal_attention multihead_attention multihead_attn mh_attn
ff ffn feed_forward feedforward mlp fforward ffwd feed_forward_network ffnn
norm1 ln1 layernorm1 layer_norm1 first_norm norm_att att_norm attn_norm norm_attn ln_attn ln_att pre_attn_norm \
attention_norm input_layernorm norm_first norm_one
norm2 ln2 layernorm2 layer_norm2 second_norm norm_ff ff_norm ffn_norm norm_ffn ln_ff ln_ffn mlp_norm norm_mlp ln_mlp \
post_attention_layernorm norm_second norm_two
layers net seq sequential mlp network blocks model stack ffn
"""

_MEMBERS = """
fit train learn train_model
net_input weighted_sum compute_net_input z
predict classify predict_class predict_label
w_ weights weight coef w_vector
b_ bias intercept
losses_ loss losses_per_epoch cost costs errors loss_history history
encode tokenize encode_text text_to_ids
decode detokenize decode_ids ids_to_text
"""


def plain(name: str) -> str:
    """Return a name without what people vary most: case and underscores."""
    return name.replace("_", "").casefold()


def _grouped(text: str) -> Aliases:
    groups: Sequence[str] = text.replace("\\\n", " ").strip().splitlines()
    numbers: dict[str, set[int]] = {}
    for number, group in enumerate(groups):
        for name in group.split():
            numbers.setdefault(plain(name), set()).add(number)
    return {name: frozenset(members) for name, members in numbers.items()}


ARGUMENTS = _grouped(_ARGUMENTS)
"""Arguments of constructors and functions, and keys of settings."""
PARTS = _grouped(_PARTS)
"""Parameters of modules, and the parts that they belong to."""

MEMBERS = _grouped(_MEMBERS)
"""Methods and attributes of objects."""


def alike(name: str, other_name: str, aliases: Aliases) -> bool:
    """Say whether two names mean the same thing, as far as a table knows."""
    first, second = plain(name), plain(other_name)
    return first == second or bool(aliases.get(first, frozenset()) & aliases.get(second, frozenset()))
