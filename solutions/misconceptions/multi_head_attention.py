"""The mistakes that people make in `multi_head_attention`."""

from grader.course.mistakes import Misconception

UNEVEN = (
    "if d_out % num_heads != 0:\n"
    '            raise ValueError(f"d_out ({d_out}) must be divisible by num_heads ({num_heads})")'
)
QUERY = "self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)"
KEY = "self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)"
VALUE = "self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)"
OUT_PROJ = "self.out_proj = nn.Linear(d_out, d_out)"
TRIANGLE = "future = torch.ones(context_length, context_length, dtype=torch.bool).triu(diagonal=1)"
BUFFER = 'self.register_buffer("mask", future)'
SHAPE = "batch, tokens, _ = x.shape"
SCORES = "scores = queries @ keys.transpose(2, 3)  # (batch, num_heads, tokens, tokens)"
SCALE = "scores = scores / self.head_dim**0.5"
MASK = "scores = scores.masked_fill(self.mask[:tokens, :tokens], -torch.inf)"
SOFTMAX = "weights = torch.softmax(scores, dim=-1)  # (batch, num_heads, tokens, tokens): every row sums to 1"
DROPOUT = "weights = self.dropout(weights)"
MIX = "context = weights @ values  # (batch, num_heads, tokens, head_dim)"
SWAP_BACK = "context = context.transpose(1, 2)"
JOIN = "context = context.reshape(batch, tokens, self.d_out)"
PROJECT = "return self.out_proj(context)  # (batch, tokens, d_out)"

MISCONCEPTIONS = (
    Misconception(
        name="out_proj_missing",
        did="You have no output projection.",
        why="Without it number 0 of the output could only come from head 0.",
        hint="What does the class docstring list after the three projections?",
        check="test_parameters_are_three_projections_and_out_proj",
        edits=(
            (
                OUT_PROJ,
                "",
            ),
            (
                PROJECT,
                "return context",
            ),
        ),
    ),
    Misconception(
        name="out_proj_bias_follows_qkv_bias",
        did="You give out_proj a bias only where qkv_bias says so.",
        why="qkv_bias is about queries, keys and values; out_proj always has a bias.",
        hint="Which layers does the argument qkv_bias name?",
        check="test_parameters_are_three_projections_and_out_proj",
        edits=(
            (
                OUT_PROJ,
                "self.out_proj = nn.Linear(d_out, d_out, bias=qkv_bias)",
            ),
        ),
    ),
    Misconception(
        name="uneven_split_accepted",
        did="You let a module be built although num_heads does not divide d_out.",
        why="Some of the numbers would belong to no head.",
        hint="What should happen with d_out=5 and two heads?",
        check="test_an_uneven_split_is_refused",
        edits=(
            (
                UNEVEN,
                "",
            ),
        ),
    ),
    Misconception(
        name="d_in_divided",
        did="You look whether num_heads divides d_in.",
        why="The projections are cut, and they are d_out wide.",
        hint="Which of the two widths is cut into heads?",
        check="test_an_uneven_split_is_refused",
        met="Unseen where d_in equals d_out.",
        edits=(
            (
                UNEVEN,
                (
                    "if d_in % num_heads != 0:\n"
                    '            raise ValueError(f"d_in ({d_in}) must be divisible by num_heads '
                    '({num_heads})")'
                ),
            ),
        ),
    ),
    Misconception(
        name="bias_always",
        did="You give the projections a bias although qkv_bias is False.",
        why=(
            "GPT-2's layers have these biases, later models do not: the argument decides, and its default is no bias."
        ),
        hint="Look at what `nn.Linear` does when it is not told about a bias.",
        check="test_parameters_are_three_projections_and_out_proj",
        met="Very frequent: nn.Linear has a bias by default.",
        edits=(
            (
                QUERY,
                "self.W_query = nn.Linear(d_in, d_out)",
            ),
            (
                KEY,
                "self.W_key = nn.Linear(d_in, d_out)",
            ),
            (
                VALUE,
                "self.W_value = nn.Linear(d_in, d_out)",
            ),
        ),
    ),
    Misconception(
        name="mask_as_parameter",
        did="You made the mask a trainable parameter.",
        why="An optimizer would change it, and the loading of weights would look for it; it is a constant.",
        hint="What keeps a constant in a module, so that it moves with it and is not trained?",
        check="test_parameters_are_three_projections_and_out_proj",
        met="Met where `register_buffer` is not known yet.",
        edits=(
            (
                BUFFER,
                "self.mask = nn.Parameter(future, requires_grad=False)",
            ),
        ),
    ),
    Misconception(
        name="bias_never",
        did="You leave out the biases although qkv_bias is True.",
        why="GPT-2's own weights come with these biases; a module without them cannot load them.",
        hint="Follow the argument qkv_bias from the signature to the layers.",
        check="test_qkv_bias_gives_each_projection_a_bias",
        edits=(
            (
                QUERY,
                "self.W_query = nn.Linear(d_in, d_out, bias=False)",
            ),
            (
                KEY,
                "self.W_key = nn.Linear(d_in, d_out, bias=False)",
            ),
            (
                VALUE,
                "self.W_value = nn.Linear(d_in, d_out, bias=False)",
            ),
        ),
    ),
    Misconception(
        name="mask_not_cut",
        did="You use the mask for context_length tokens with fewer tokens.",
        why="The mask has context_length rows and columns, the scores have as many as there are tokens.",
        hint="Print the shapes of scores and mask for a text shorter than context_length.",
        check="test_every_batch_and_length_is_taken",
        met="Frequent: nothing shows as long as every text is as long as allowed.",
        edits=(
            (
                "self.mask[:tokens, :tokens]",
                "self.mask",
            ),
        ),
    ),
    Misconception(
        name="batch_taken_for_tokens",
        did="You read the number of tokens off the batch dimension.",
        why="The input is (batch, tokens, d_in); its first size says how many texts there are.",
        hint="Print x.shape for two texts of three tokens.",
        check="test_every_batch_and_length_is_taken",
        met="Code for one text, (tokens, d_in), that was extended to batches.",
        edits=(
            (
                "self.mask[:tokens, :tokens]",
                "self.mask[:batch, :batch]",
            ),
        ),
    ),
    Misconception(
        name="mask_of_fixed_size",
        did="You made the mask for a fixed number of tokens, not for context_length.",
        why="Texts may have up to context_length tokens.",
        hint="Which of the constructor's arguments should decide the size of the mask?",
        check="test_longer_texts_equal_the_reference",
        met="The size that the first example had, left standing.",
        edits=(
            (
                TRIANGLE,
                "future = torch.ones(16, 16, dtype=torch.bool).triu(diagonal=1)",
            ),
        ),
    ),
    Misconception(
        name="diagonal_masked",
        did="You hide each token from itself.",
        why="The first token then has nothing to look at and becomes nan; every other one misses its own content.",
        hint="Print your mask for three tokens: what stands on the diagonal?",
        check="test_every_token_sees_itself_and_all_before",
        met="Very frequent: triu without diagonal=1.",
        edits=(
            (
                "triu(diagonal=1)",
                "triu()",
            ),
        ),
    ),
    Misconception(
        name="zero_scores_masked",
        did="You hide the tokens whose score is 0.",
        why="A token that may be seen can have the score 0 by its content; it is then hidden by mistake.",
        hint="What happens to a token whose vector is all zeros?",
        check="test_every_token_sees_itself_and_all_before",
        met="The pattern tril(scores), then masked_fill(scores == 0, -inf).",
        edits=(
            (
                MASK,
                "scores = scores.tril()\n        scores = scores.masked_fill(scores == 0, -torch.inf)",
            ),
        ),
    ),
    Misconception(
        name="window_of_three",
        did="You let a token see only the last three tokens.",
        why="Every earlier token of the text is to be seen, up to context_length.",
        hint="Print the mask for five tokens: which entries of the last row are hidden?",
        check="test_every_token_sees_itself_and_all_before",
        met="A sliding window, as some later models have it.",
        edits=(
            (
                "self.mask[:tokens, :tokens]",
                "(self.mask | self.mask.new_ones(self.mask.shape).tril(-3))[:tokens, :tokens]",
            ),
        ),
    ),
    Misconception(
        name="keys_from_the_query_layer",
        did="You make the keys with W_query.",
        why="W_key is then never used and never trained.",
        hint="Read the three lines that make queries, keys and values side by side.",
        check="test_every_projection_takes_part",
        met="A line copied and only half changed.",
        edits=(
            (
                "keys = self.W_key(x)",
                "keys = self.W_query(x)",
            ),
        ),
    ),
    Misconception(
        name="keys_ask_queries",
        did="You compare keys with queries instead of queries with keys: the table of scores is transposed.",
        why="Row i then holds what the others ask of token i, not what token i asks of them.",
        hint="In which place of the product do the queries stand?",
        check="test_the_query_chooses_among_the_keys",
        met="Unseen while W_query and W_key are alike.",
        edits=(
            (
                SCORES,
                "scores = keys @ queries.transpose(2, 3)",
            ),
        ),
    ),
    Misconception(
        name="minus_sign",
        did="Your scores have the wrong sign.",
        why="The better a key fits, the less the token takes.",
        hint="Follow the sign of one score by hand.",
        check="test_the_query_chooses_among_the_keys",
        edits=(
            (
                SCALE,
                "scores = -scores / self.head_dim**0.5",
            ),
        ),
    ),
    Misconception(
        name="softmax_over_queries",
        did="You take softmax over the queries: the columns sum to 1, not the rows.",
        why="Each token shares out its own attention among the tokens it sees; that is a row.",
        hint="Which dimension of the scores stands for the keys?",
        check="test_each_row_of_weights_sums_to_one",
        met="Frequent, since the shape is the same.",
        edits=(
            (
                SOFTMAX,
                "weights = torch.softmax(scores, dim=2)",
            ),
        ),
    ),
    Misconception(
        name="softmax_over_batch",
        did="You take softmax over the batch.",
        why="The shares then sum to 1 over texts that have nothing to do with one another.",
        hint="Which dimension of the scores stands for the keys?",
        check="test_every_token_sees_itself_and_all_before",
        met="dim=0, kept from code without a batch.",
        edits=(
            (
                SOFTMAX,
                "weights = torch.softmax(scores, dim=0)",
            ),
        ),
    ),
    Misconception(
        name="softmax_missing",
        did="You use the scores themselves as weights.",
        why="Weights are to be positive and to sum to 1.",
        hint="What makes shares out of scores?",
        check="test_every_token_sees_itself_and_all_before",
        edits=(
            (
                SOFTMAX,
                "weights = scores.masked_fill(scores == -torch.inf, 0.0)",
            ),
        ),
    ),
    Misconception(
        name="mask_after_softmax",
        did="You mask after softmax and do not make the rows sum to 1 again.",
        why="Later tokens have already taken their part of the sum.",
        hint="Add up a row of your weights.",
        check="test_each_row_of_weights_sums_to_one",
        met="Very frequent; zeroing is right only when the rows are divided by their new sums.",
        edits=(
            (
                MASK,
                "future = self.mask[:tokens, :tokens]",
            ),
            (
                SOFTMAX,
                "weights = torch.softmax(scores, dim=-1).masked_fill(future, 0.0)",
            ),
        ),
    ),
    Misconception(
        name="scale_after_softmax",
        did="You divide by √head_dim after softmax.",
        why="The rows then no longer sum to 1, and the scores were as steep as before.",
        hint="Add up a row of your weights.",
        check="test_each_row_of_weights_sums_to_one",
        edits=(
            (
                SCALE,
                "",
            ),
            (
                SOFTMAX,
                "weights = torch.softmax(scores, dim=-1) / self.head_dim**0.5",
            ),
        ),
    ),
    Misconception(
        name="no_mask",
        did="You do not mask: every token sees all later ones.",
        why="The model could read the answer that it is to guess.",
        hint="Change the last token: which rows of the output move?",
        check="test_later_tokens_change_nothing",
        edits=(
            (
                MASK,
                "",
            ),
        ),
    ),
    Misconception(
        name="one_token_ahead",
        did="You let every token see the next one.",
        why="That next token is just what the model is to guess.",
        hint="Print your mask for three tokens: what stands right of the diagonal?",
        check="test_later_tokens_change_nothing",
        met="An off-by-one in triu's diagonal.",
        edits=(
            (
                "triu(diagonal=1)",
                "triu(diagonal=2)",
            ),
        ),
    ),
    Misconception(
        name="mask_upside_down",
        did="You hide the earlier tokens and show the later ones.",
        why="Triangles are easily confused: row i is to see the columns up to i.",
        hint="Print your mask for three tokens.",
        check="test_every_token_sees_itself_and_all_before",
        met="tril for triu, or True for False.",
        edits=(
            (
                "triu(diagonal=1)",
                "tril(diagonal=-1)",
            ),
        ),
    ),
    Misconception(
        name="scores_masked_with_zero",
        did="You set the scores of later tokens to 0.",
        why="e to the power of 0 is 1: a score of 0 still gets a share.",
        hint="Which score has the power 0?",
        check="test_later_tokens_change_nothing",
        met="Frequent: multiplying the scores by a table of ones and zeros.",
        edits=(
            (
                "-torch.inf",
                "0.0",
            ),
        ),
    ),
    Misconception(
        name="mask_not_low_enough",
        did="You mask with a number that scores can reach.",
        why="A hidden token gets a small share, and where all scores are low a large one.",
        hint="How low may the score of a token get that is to be seen?",
        check="test_later_tokens_change_nothing",
        met="-10, or 1e-9 in place of -1e9.",
        edits=(
            (
                "-torch.inf",
                "-10.0",
            ),
        ),
    ),
    Misconception(
        name="scale_missing",
        did="You do not divide the scores.",
        why="The wider the queries and keys, the larger the scores, until one token takes everything.",
        hint="How does a sum of products grow with the number of its terms?",
        check="test_scores_are_divided_by_the_root_of_head_dim",
        met="Frequent.",
        edits=(
            (
                SCALE,
                "",
            ),
        ),
    ),
    Misconception(
        name="scale_without_the_root",
        did="You divide the scores by head_dim, not by its root.",
        why="A factor leaves the variance squared, so head_dim is too much, and attention becomes flat.",
        hint="Which factor brings a variance of d back to 1?",
        check="test_scores_are_divided_by_the_root_of_head_dim",
        met="Frequent.",
        edits=(
            (
                "self.head_dim**0.5",
                "self.head_dim",
            ),
        ),
    ),
    Misconception(
        name="scale_multiplied",
        did="You multiply the scores by √head_dim.",
        why="The scores were too large already.",
        hint="Is the scale a factor or a divisor?",
        check="test_scores_are_divided_by_the_root_of_head_dim",
        edits=(
            (
                "scores / self.head_dim**0.5",
                "scores * self.head_dim**0.5",
            ),
        ),
    ),
    Misconception(
        name="scale_by_d_in",
        did="You divide by the root of d_in.",
        why="The dot product has head_dim terms: the width of queries and keys, not of the input.",
        hint="Over how many numbers does the dot product of a query and a key run?",
        check="test_scores_are_divided_by_the_root_of_head_dim",
        met="Unseen where d_in equals head_dim.",
        edits=(
            (
                "self.head_dim**0.5",
                "x.shape[-1] ** 0.5",
            ),
        ),
    ),
    Misconception(
        name="scale_by_tokens",
        did="You divide by the root of the number of tokens.",
        why="The dot product has head_dim terms, however many tokens there are.",
        hint="Which of the sizes in keys.shape is the width of a key?",
        check="test_scores_are_divided_by_the_root_of_head_dim",
        met="`keys.shape[1]` in place of `keys.shape[-1]`.",
        edits=(
            (
                "self.head_dim**0.5",
                "keys.shape[2] ** 0.5",
            ),
        ),
    ),
    Misconception(
        name="dropout_in_evaluation",
        did="You drop weights in evaluation mode too.",
        why="A trained model would answer differently each time.",
        hint="How does the function learn which mode the module is in?",
        check="test_evaluation_mode_drops_nothing",
        met="F.dropout and fused attention drop unless they are told not to.",
        edits=(
            (
                DROPOUT,
                "weights = nn.functional.dropout(weights, self.dropout.p)",
            ),
        ),
    ),
    Misconception(
        name="dropout_upside_down",
        did="You drop in evaluation mode and not in training mode.",
        why="Training needs the noise, use does not.",
        hint="Which mode is `self.training` about?",
        check="test_evaluation_mode_drops_nothing",
        edits=(
            (
                DROPOUT,
                "weights = nn.functional.dropout(weights, self.dropout.p, not self.training)",
            ),
        ),
    ),
    Misconception(
        name="dropout_forgotten",
        did="You never apply dropout.",
        why="Without it the model leans on single tokens, and overfits sooner.",
        hint="Is the layer that you made in __init__ called in forward?",
        check="test_training_mode_drops_weights_at_the_rate_asked",
        met="Frequent: made in __init__, not called.",
        edits=(
            (
                DROPOUT,
                "",
            ),
        ),
    ),
    Misconception(
        name="dropout_of_fixed_rate",
        did="You drop at a fixed rate, not at the one asked for.",
        why="The rate is the constructor's argument.",
        hint="Follow the argument dropout from the signature to the layer.",
        check="test_training_mode_drops_weights_at_the_rate_asked",
        met="The 0.5 or 0.1 of an example.",
        edits=(
            (
                "nn.Dropout(dropout)",
                "nn.Dropout(0.1 if dropout else 0.0)",
            ),
        ),
    ),
    Misconception(
        name="dropout_without_the_division",
        did="You drop weights and do not divide the others by 1 - p.",
        why="The mixtures are then smaller in training than in use.",
        hint="What happens to the mean of a weight that is dropped with probability p?",
        check="test_training_mode_drops_weights_at_the_rate_asked",
        met="Dropout written by hand.",
        edits=(
            (
                DROPOUT,
                "weights = self.dropout(weights) * (1 - self.dropout.p if self.training else 1)",
            ),
        ),
    ),
    Misconception(
        name="dropout_renormalised",
        did="You make the rows sum to 1 again after dropout.",
        why="Dropout already divides by 1 - p, which keeps the mean; a row's sum may vary in training.",
        hint="What is the mean of a weight over many draws?",
        check="test_training_mode_drops_weights_at_the_rate_asked",
        edits=(
            (
                DROPOUT,
                (
                    "weights = self.dropout(weights)\n"
                    "        weights = weights / weights.sum(dim=-1, keepdim=True).clamp_min(1e-9)"
                ),
            ),
        ),
    ),
    Misconception(
        name="dropout_on_the_input",
        did="You drop numbers of the input.",
        why="Dropout acts on the attention weights here; the input loses parts of tokens instead.",
        hint="To which tensor is the dropout applied?",
        check="test_training_mode_drops_weights_at_the_rate_asked",
        edits=(
            (
                SHAPE,
                "x = self.dropout(x)\n        batch, tokens, _ = x.shape",
            ),
            (
                DROPOUT,
                "",
            ),
        ),
    ),
    Misconception(
        name="dropout_on_the_output",
        did="You apply dropout to what comes out of the heads, or of out_proj.",
        why="A dropped weight takes a token out of a mixture; this loses a number of every token.",
        hint="To which tensor is the dropout applied?",
        check="test_dropout_acts_on_the_weights",
        met="Frequent, as other layers do just that.",
        edits=(
            (
                DROPOUT,
                "",
            ),
            (
                PROJECT,
                "return self.dropout(self.out_proj(context))",
            ),
        ),
    ),
    Misconception(
        name="dropout_on_the_values",
        did="You apply dropout to the values.",
        why="Numbers of a token are lost for all who look at it, instead of a look being blocked.",
        hint="To which tensor is the dropout applied?",
        check="test_dropout_acts_on_the_weights",
        edits=(
            (
                DROPOUT,
                "",
            ),
            (
                MIX,
                "context = weights @ self.dropout(values)",
            ),
        ),
    ),
    Misconception(
        name="dropout_keeps_instead",
        did="You keep weights with the probability with which they should go.",
        why="With dropout=0.2 four of five weights are lost.",
        hint="What does the argument of your dropout mean?",
        check="test_dropped_weights_are_as_many_as_asked",
        met="Other libraries ask for the probability of keeping; unseen at 0.5.",
        edits=(
            (
                DROPOUT,
                (
                    "if self.training:\n"
                    "            p = self.dropout.p\n"
                    "            weights = weights * (torch.rand_like(weights) < p) / (1 - p)\n"
                    "            if p == 0:\n"
                    "                weights = torch.softmax(scores, dim=-1)"
                ),
            ),
        ),
    ),
    Misconception(
        name="dropout_shared_by_the_batch",
        did="You draw one pattern of dropout for the whole batch.",
        why="Each weight is dropped on its own, in each text.",
        hint="What is the shape of the random numbers that you draw?",
        check="test_each_weight_is_dropped_on_its_own",
        met="Dropout written by hand.",
        edits=(
            (
                DROPOUT,
                "weights = weights * self.dropout(torch.ones(weights.shape[1:], dtype=x.dtype))",
            ),
        ),
    ),
    Misconception(
        name="weights_detached",
        did="You cut the weights off from their gradients.",
        why="W_query and W_key then learn nothing.",
        hint="Where does the path from the output to W_query break?",
        check="test_gradients_fit_the_output",
        met="detach, .data or no_grad, to silence an error.",
        edits=(
            (
                SOFTMAX,
                "weights = torch.softmax(scores, dim=-1).detach()",
            ),
        ),
    ),
    Misconception(
        name="keys_detached",
        did="You cut the keys off from their gradients.",
        why="W_key then learns nothing.",
        hint="Where does the path from the output to W_key break?",
        check="test_gradients_fit_the_output",
        edits=(
            (
                SCORES,
                "scores = queries @ keys.detach().transpose(2, 3)",
            ),
        ),
    ),
    Misconception(
        name="input_overwritten",
        did="You change the input.",
        why="The caller's tensor is not yours: what uses it next gets other numbers.",
        hint="Which of your lines writes into x?",
        check="test_the_input_stays_as_it_was",
        met="x *= …, an operation that ends in an underscore, or x.data.",
        edits=(
            (
                MIX,
                "context = weights @ values  # (batch, num_heads, tokens, head_dim)\n        x.data.zero_()",
            ),
        ),
    ),
    Misconception(
        name="mask_from_the_first_call",
        did="You make the mask at the first call and keep it.",
        why="The next text can be longer.",
        hint="Call your module with one token, then with four.",
        check="test_calls_do_not_influence_each_other",
        edits=(
            (
                BUFFER,
                "self.mask = None",
            ),
            (
                TRIANGLE,
                "",
            ),
            (
                SHAPE,
                (
                    "batch, tokens, _ = x.shape\n"
                    "        if self.mask is None:\n"
                    "            self.mask = torch.ones(tokens, tokens, dtype=torch.bool).triu(1)\n"
                    "        if len(self.mask) < tokens:\n"
                    "            self.mask = nn.functional.pad(self.mask, (0, tokens - len(self.mask), 0, tokens "
                    "- len(self.mask)))"
                ),
            ),
        ),
    ),
    Misconception(
        name="input_viewed",
        did="You view the input in another shape, which needs it to be contiguous.",
        why="An input that is a transpose or a slice of something has the right shape and other strides.",
        hint="Which of your lines fails on a tensor that is not contiguous?",
        check="test_inputs_need_not_be_contiguous",
        met="view in place of reshape.",
        edits=(
            (
                SHAPE,
                "batch, tokens, _ = x.shape\n        x = x.view(-1).view(x.shape)",
            ),
        ),
    ),
    Misconception(
        name="strides_lost",
        did="You read the input's memory as if it were contiguous.",
        why="A transposed input has its numbers in another order in memory.",
        hint="What does your code do with a tensor that is not contiguous?",
        check="test_inputs_need_not_be_contiguous",
        edits=(
            (
                SHAPE,
                (
                    "batch, tokens, _ = x.shape\n"
                    "        x = x.as_strided(x.shape, (x.shape[1] * x.shape[2], x.shape[2], 1))"
                ),
            ),
        ),
    ),
    Misconception(
        name="heads_by_view_alone",
        did="You view the projections straight into (batch, heads, tokens, head_dim).",
        why="The shape is right, but a view moves no number: tokens and heads get mixed.",
        hint="Write the numbers of three tokens into a table, and follow them through your view.",
        check="test_heads_stay_in_their_order",
        met="Very frequent; a view followed by its own inverse looks harmless.",
        edits=(
            (
                "queries = queries.transpose(1, 2)",
                "queries = queries.view(batch, self.num_heads, tokens, self.head_dim)",
            ),
            (
                "keys = keys.transpose(1, 2)",
                "keys = keys.view(batch, self.num_heads, tokens, self.head_dim)",
            ),
            (
                "values = values.transpose(1, 2)",
                "values = values.view(batch, self.num_heads, tokens, self.head_dim)",
            ),
            (
                SWAP_BACK,
                "",
            ),
        ),
    ),
    Misconception(
        name="heads_joined_without_the_swap",
        did="You join the heads without swapping heads and tokens back.",
        why="A row of the result then holds pieces of several tokens, later ones too.",
        hint="What are the dimensions of the context just before you join the heads?",
        check="test_heads_stay_in_their_order",
        met="Very frequent: reshape accepts it.",
        edits=(
            (
                SWAP_BACK,
                "",
            ),
        ),
    ),
    Misconception(
        name="heads_joined_in_reverse",
        did="You put the heads side by side in another order.",
        why="out_proj's columns belong to the heads in their order.",
        hint="Which head stands in the first columns of your result?",
        check="test_heads_stay_in_their_order",
        edits=(
            (
                SWAP_BACK,
                "context = context.flip(1).transpose(1, 2)",
            ),
        ),
    ),
    Misconception(
        name="head_dim_before_heads_on_the_way_back",
        did="You join the heads with the place in the head as the slow index.",
        why="Column c of the joined heads then no longer comes from row c of the values.",
        hint="Which number stands in column 1 of your result?",
        check="test_heads_stay_in_their_order",
        edits=(
            (
                JOIN,
                "context = context.transpose(2, 3).reshape(batch, tokens, self.d_out)",
            ),
        ),
    ),
    Misconception(
        name="heads_averaged",
        did="You average the heads instead of putting them side by side.",
        why="The heads' results are not alike; out_proj is there to blend them.",
        hint="How wide is the result of one head, and how wide shall the output be?",
        check="test_heads_stay_in_their_order",
        edits=(
            (
                SWAP_BACK,
                "context = context.mean(dim=1, keepdim=True).expand_as(context).transpose(1, 2)",
            ),
        ),
    ),
    Misconception(
        name="heads_interleaved",
        did="You deal the rows out to the heads in turn.",
        why="Head h owns a block of neighbouring rows; weights made elsewhere rely on that.",
        hint="Which rows of W_query does your head 0 use?",
        check="test_a_head_owns_contiguous_rows",
        met="num_heads and head_dim swapped in view.",
        edits=(
            (
                "queries.view(batch, tokens, self.num_heads, self.head_dim)",
                "queries.view(batch, tokens, self.head_dim, self.num_heads).transpose(2, 3)",
            ),
            (
                "keys.view(batch, tokens, self.num_heads, self.head_dim)",
                "keys.view(batch, tokens, self.head_dim, self.num_heads).transpose(2, 3)",
            ),
            (
                "values.view(batch, tokens, self.num_heads, self.head_dim)",
                "values.view(batch, tokens, self.head_dim, self.num_heads).transpose(2, 3)",
            ),
            (
                SWAP_BACK,
                "context = context.permute(0, 2, 3, 1)",
            ),
        ),
    ),
    Misconception(
        name="one_head_for_all",
        did="You compute one table of weights over the whole width, whatever num_heads says.",
        why="Every head has a table of its own; that is what several heads are for.",
        hint="How many tables of weights does your code make for one text?",
        check="test_a_head_owns_contiguous_rows",
        edits=(
            (
                SCALE,
                "scores = scores.sum(dim=1, keepdim=True) / self.head_dim**0.5",
            ),
            (
                MASK,
                (
                    "scores = scores.masked_fill(self.mask[:tokens, :tokens], -torch.inf)\n"
                    "        scores = scores.expand(-1, self.num_heads, -1, -1)"
                ),
            ),
        ),
    ),
    Misconception(
        name="keys_of_the_first_head_for_all",
        did="You let all heads use the keys of the first.",
        why="Each head has its own rows of W_key.",
        hint="Which dimension of the keys is broadcast?",
        check="test_a_head_owns_contiguous_rows",
        met="Multi-query attention, as later models have it.",
        edits=(
            (
                SCORES,
                "scores = queries @ keys[:, :1].transpose(2, 3)",
            ),
        ),
    ),
    Misconception(
        name="out_proj_not_called",
        did="You made out_proj and never call it.",
        why="The heads are then never blended.",
        hint="Is each layer of __init__ used in forward?",
        check="test_every_projection_takes_part",
        edits=(
            (
                PROJECT,
                "return context",
            ),
        ),
    ),
    Misconception(
        name="out_proj_without_its_bias",
        did="You use the weight of out_proj and not its bias.",
        why="The bias is a parameter, and is added.",
        hint="What does calling the layer do that a product with its weight does not?",
        check="test_out_proj_is_applied_last",
        edits=(
            (
                PROJECT,
                "return context @ self.out_proj.weight.T",
            ),
        ),
    ),
    Misconception(
        name="out_proj_transposed",
        did="You multiply with the weight of out_proj from the wrong side.",
        why="nn.Linear keeps its weight as (out, in): row o makes output o.",
        hint="Compare your product with what calling the layer gives.",
        check="test_out_proj_is_applied_last",
        edits=(
            (
                PROJECT,
                "return context @ self.out_proj.weight + self.out_proj.bias",
            ),
        ),
    ),
    Misconception(
        name="out_proj_on_the_values",
        did="You apply out_proj to the values, not to the joined heads.",
        why="Each output has to see what all heads found.",
        hint="What goes into out_proj?",
        check="test_out_proj_is_applied_last",
        edits=(
            (
                "values = self.W_value(x)",
                "values = self.out_proj(self.W_value(x))",
            ),
            (
                PROJECT,
                "return context",
            ),
        ),
    ),
    Misconception(
        name="softmax_over_heads",
        did="You take softmax over the heads.",
        why="Each token shares out its own attention among the tokens it sees.",
        hint="Which dimension of the scores stands for the keys?",
        check="test_every_token_sees_itself_and_all_before",
        met="dim=1, kept from three dimensions.",
        edits=(
            (
                SOFTMAX,
                "weights = torch.softmax(scores, dim=1)",
            ),
        ),
    ),
    Misconception(
        name="scale_by_d_out",
        did="You divide by the root of d_out, not of head_dim.",
        why="A head's dot product has head_dim terms; divided by more, its weights become flat.",
        hint="Over how many numbers does the dot product in one head run?",
        check="test_more_heads_do_not_change_the_scale",
        met="The most frequent of all in this exercise.",
        edits=(
            (
                "self.head_dim**0.5",
                "self.d_out**0.5",
            ),
        ),
    ),
    Misconception(
        name="scale_by_num_heads",
        did="You divide by the root of the number of heads.",
        why="A head's dot product has head_dim terms.",
        hint="Over how many numbers does the dot product in one head run?",
        check="test_scores_are_divided_by_the_root_of_head_dim",
        edits=(
            (
                "self.head_dim**0.5",
                "self.num_heads**0.5",
            ),
        ),
    ),
    Misconception(
        name="dropout_shared_by_the_heads",
        did="You draw one pattern of dropout for all heads.",
        why="Each weight is dropped on its own, in each head.",
        hint="What is the shape of the random numbers that you draw?",
        check="test_each_weight_is_dropped_on_its_own",
        edits=(
            (
                DROPOUT,
                "weights = weights * self.dropout(torch.ones(batch, 1, tokens, tokens, dtype=x.dtype))",
            ),
        ),
    ),
    Misconception(
        name="texts_and_heads_mixed",
        did="You mix up texts and heads where you bring the heads to the front.",
        why="Nothing passes from one text of a batch to another.",
        hint="Follow the second text's first number through your reshape.",
        check="test_heads_stay_in_their_order",
        met="Texts and heads joined into one dimension, and taken apart in the other order.",
        edits=(
            (
                SWAP_BACK,
                (
                    "context = context.reshape(self.num_heads, batch, tokens, self.head_dim).transpose(0, "
                    "1).transpose(1, 2)"
                ),
            ),
        ),
    ),
    Misconception(
        name="mask_hides_present_and_past",
        did="You hide the token itself and those before it, and show those after it.",
        why="masked_fill fills where its mask is True: a lower triangle says what may be seen, not what to hide.",
        hint="Print your mask for three tokens: where is it True, and what happens there?",
        check="test_every_token_sees_itself_and_all_before",
        met="tril handed to masked_fill as it is, or triu to an is-allowed mask.",
        edits=(
            (
                "triu(diagonal=1)",
                "tril()",
            ),
        ),
    ),
    Misconception(
        name="mask_hides_present_and_past_with_a_number",
        did="You hide the token itself and those before it, and show those after it; the last one sees all alike.",
        why="masked_fill fills where its mask is True: a lower triangle says what may be seen, not what to hide.",
        hint="Print your mask for three tokens: where is it True, and what happens there?",
        check="test_every_token_sees_itself_and_all_before",
        edits=(
            (
                "triu(diagonal=1)",
                "tril()",
            ),
            (
                MASK,
                "scores = scores.masked_fill(self.mask[:tokens, :tokens], -1e9)",
            ),
        ),
    ),
    Misconception(
        name="dropout_before_the_mask",
        did="You drop scores, and mask what is left.",
        why="A score of 0 is a score like any other: nothing is dropped, weights are only shuffled.",
        hint="What share does a score of 0 get?",
        check="test_training_mode_drops_weights_at_the_rate_asked",
        edits=(
            (
                MASK,
                "scores = self.dropout(scores).masked_fill(self.mask[:tokens, :tokens], -torch.inf)",
            ),
            (
                DROPOUT,
                "",
            ),
        ),
    ),
    Misconception(
        name="mask_as_float_parameter",
        did="You made the mask a parameter, and keep it from being trained.",
        why="It is still listed, saved and loaded as a weight; a constant belongs into a buffer.",
        hint="What keeps a constant in a module, so that it moves with it and is no parameter?",
        check="test_parameters_are_three_projections_and_out_proj",
        edits=(
            (
                BUFFER,
                "self.mask = nn.Parameter(future.float(), requires_grad=False)",
            ),
            (
                MASK,
                "scores = scores.masked_fill(self.mask[:tokens, :tokens] > 0, -torch.inf)",
            ),
        ),
    ),
    Misconception(
        name="mask_kept_and_too_small",
        did="You make the mask at the first call and use it at every later one.",
        why="The next text can have another length, and the mask no longer fits.",
        hint="Call your module with one token, then with four.",
        check="test_calls_do_not_influence_each_other",
        edits=(
            (
                BUFFER,
                "self.mask = None",
            ),
            (
                TRIANGLE,
                "",
            ),
            (
                SHAPE,
                (
                    SHAPE + "\n"
                    "        if self.mask is None:\n"
                    "            self.mask = torch.ones(tokens, tokens, dtype=torch.bool).triu(1)"
                ),
            ),
            (
                MASK,
                "scores = scores.masked_fill(self.mask, -torch.inf)",
            ),
        ),
    ),
    Misconception(
        name="biases_not_added",
        did="You take the weights of the projections by themselves, and leave out their biases.",
        why="With qkv_bias=True the biases are part of queries, keys and values.",
        hint="What does a call of the layer do beyond the matrix product?",
        check="test_biases_are_added",
        met="Comes with F.linear and with weights that are cut into heads.",
        edits=(
            (
                "queries = self.W_query(x)  # (batch, tokens, d_out)",
                "queries = x @ self.W_query.weight.T",
            ),
            (
                "keys = self.W_key(x)  # (batch, tokens, d_out)",
                "keys = x @ self.W_key.weight.T",
            ),
            (
                "values = self.W_value(x)  # (batch, tokens, d_out)",
                "values = x @ self.W_value.weight.T",
            ),
        ),
    ),
    Misconception(
        name="heads_by_view_there_only",
        did="You view the projections straight into (batch, heads, tokens, head_dim), and swap on the way back only.",
        why="The shape is right, but a view moves no number: tokens and heads get mixed.",
        hint="Write the numbers of three tokens into a table, and follow them through your view.",
        check="test_heads_stay_in_their_order",
        edits=(
            (
                "queries = queries.view(batch, tokens, self.num_heads, self.head_dim)",
                "queries = queries.view(batch, self.num_heads, tokens, self.head_dim)",
            ),
            (
                "keys = keys.view(batch, tokens, self.num_heads, self.head_dim)",
                "keys = keys.view(batch, self.num_heads, tokens, self.head_dim)",
            ),
            (
                "values = values.view(batch, tokens, self.num_heads, self.head_dim)",
                "values = values.view(batch, self.num_heads, tokens, self.head_dim)",
            ),
            (
                "queries = queries.transpose(1, 2)",
                "",
            ),
            (
                "keys = keys.transpose(1, 2)",
                "",
            ),
            (
                "values = values.transpose(1, 2)",
                "",
            ),
        ),
    ),
    Misconception(
        name="heads_joined_to_d_in",
        did="You put the heads together to d_in numbers a token.",
        why="The heads have d_out numbers together; d_in is the width of what came in.",
        hint="Try d_in=3 and d_out=4.",
        check="test_every_batch_and_length_is_taken",
        edits=(
            (
                JOIN,
                "context = context.reshape(batch, tokens, x.shape[-1])",
            ),
        ),
    ),
    Misconception(
        name="viewed_after_the_swap",
        did="You call view on a tensor that was transposed.",
        why="A view needs numbers that lie in order; after transpose they do not, and torch raises.",
        hint="What does the error message suggest in the place of view?",
        check="test_every_batch_and_length_is_taken",
        met="Very frequent, and quickly mended.",
        edits=(
            (
                JOIN,
                "context = context.view(batch, tokens, self.d_out)",
            ),
        ),
    ),
)
