"""The mistakes that people make in `causal_attention`."""

from grader.course.mistakes import Misconception

QUERY = "self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)"
KEY = "self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)"
VALUE = "self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)"
TRIANGLE = "future = torch.ones(context_length, context_length, dtype=torch.bool).triu(diagonal=1)"
BUFFER = 'self.register_buffer("mask", future)'
SHAPE = "_, tokens, _ = x.shape"
SCORES = "scores = queries @ keys.transpose(1, 2)  # (batch, tokens, tokens): row = query, column = key"
SCALE = "scores = scores / self.d_out**0.5"
MASK = "scores = scores.masked_fill(self.mask[:tokens, :tokens], -torch.inf)"
SOFTMAX = "weights = torch.softmax(scores, dim=-1)  # (batch, tokens, tokens): every row sums to 1"
DROPOUT = "weights = self.dropout(weights)"
MIX = "return weights @ values  # (batch, tokens, d_out)"

MISCONCEPTIONS = (
    Misconception(
        name="bias_always",
        did="You give the projections a bias although qkv_bias is False.",
        why=(
            "GPT-2's layers have these biases, later models do not: the argument decides, and its default is no bias."
        ),
        hint="Look at what `nn.Linear` does when it is not told about a bias.",
        check="test_parameters_are_the_three_projections",
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
        check="test_parameters_are_the_three_projections",
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
        name="bias_of_value_forgotten",
        did="You give queries and keys a bias, and the values none.",
        why="qkv_bias is about all three projections.",
        hint="Compare the three lines.",
        check="test_qkv_bias_gives_each_projection_a_bias",
        edits=(
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
                SHAPE,
                "tokens, _, _ = x.shape",
            ),
        ),
    ),
    Misconception(
        name="output_with_weights",
        did="You return the attention weights beside the output.",
        why="The next layer expects a tensor.",
        hint="What does the docstring of forward say under Returns?",
        check="test_every_batch_and_length_is_taken",
        met="nn.MultiheadAttention returns such a pair.",
        edits=(
            (
                MIX,
                "return weights @ values, weights",
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
        name="values_not_projected",
        did="You mix the keys instead of the values.",
        why="Keys say who is worth looking at, values what is handed over.",
        hint="What is multiplied with the weights at the end?",
        check="test_every_projection_takes_part",
        edits=(
            (
                MIX,
                "return weights @ keys",
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
                "scores = keys @ queries.transpose(1, 2)",
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
                "scores = -scores / self.d_out**0.5",
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
                "weights = torch.softmax(scores, dim=1)",
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
        did="You divide by √d_out after softmax.",
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
                "weights = torch.softmax(scores, dim=-1) / self.d_out**0.5",
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
        name="mask_a_little_too_high",
        did="You mask with a number that unusual scores can reach.",
        why="With ordinary scores nothing shows; where all scores are low, hidden tokens come through.",
        hint="How low may the score of a token get that is to be seen?",
        check="test_later_tokens_stay_hidden_whatever_the_scores",
        edits=(
            (
                "-torch.inf",
                "-30.0",
            ),
        ),
    ),
    Misconception(
        name="scale_missing",
        did="You do not divide the scores.",
        why="The wider the queries and keys, the larger the scores, until one token takes everything.",
        hint="How does a sum of products grow with the number of its terms?",
        check="test_scores_are_divided_by_the_root_of_d_out",
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
        did="You divide the scores by d_out, not by its root.",
        why="A factor leaves the variance squared, so d_out is too much, and attention becomes flat.",
        hint="Which factor brings a variance of d back to 1?",
        check="test_scores_are_divided_by_the_root_of_d_out",
        met="Frequent.",
        edits=(
            (
                "self.d_out**0.5",
                "self.d_out",
            ),
        ),
    ),
    Misconception(
        name="scale_multiplied",
        did="You multiply the scores by √d_out.",
        why="The scores were too large already.",
        hint="Is the scale a factor or a divisor?",
        check="test_scores_are_divided_by_the_root_of_d_out",
        edits=(
            (
                "scores / self.d_out**0.5",
                "scores * self.d_out**0.5",
            ),
        ),
    ),
    Misconception(
        name="scale_by_d_in",
        did="You divide by the root of d_in.",
        why="The dot product has d_out terms: the width of queries and keys, not of the input.",
        hint="Over how many numbers does the dot product of a query and a key run?",
        check="test_scores_are_divided_by_the_root_of_d_out",
        met="Unseen while d_in equals d_out.",
        edits=(
            (
                "self.d_out**0.5",
                "x.shape[-1] ** 0.5",
            ),
        ),
    ),
    Misconception(
        name="scale_by_tokens",
        did="You divide by the root of the number of tokens.",
        why="The dot product has d_out terms, however many tokens there are.",
        hint="Which of the sizes in keys.shape is the width of a key?",
        check="test_scores_are_divided_by_the_root_of_d_out",
        met="`keys.shape[1]` in place of `keys.shape[-1]`.",
        edits=(
            (
                "self.d_out**0.5",
                "keys.shape[1] ** 0.5",
            ),
        ),
    ),
    Misconception(
        name="batch_averaged",
        did="You let the texts of a batch share their scores.",
        why="Nothing passes from one text of a batch to another.",
        hint="Give the same text twice in different company.",
        check="test_texts_of_a_batch_are_separate",
        edits=(
            (
                SCALE,
                "scores = scores.mean(dim=0, keepdim=True) / self.d_out**0.5",
            ),
        ),
    ),
    Misconception(
        name="scores_normalised_by_context_length",
        did="You let context_length take part in the scores.",
        why="context_length is the longest text allowed, and says nothing about this one.",
        hint="Which of the numbers in your scale stays the same for a longer context_length?",
        check="test_context_length_is_only_a_limit",
        edits=(
            (
                SCALE,
                "scores = scores / self.d_out**0.5 * (tokens / self.mask.shape[0])",
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
        name="dropout_on_scores",
        did="You drop scores before softmax.",
        why="A score of 0 is a score like any other: nothing is dropped, weights are only shuffled.",
        hint="What share does a score of 0 get?",
        check="test_training_mode_drops_weights_at_the_rate_asked",
        edits=(
            (
                SOFTMAX,
                "weights = torch.softmax(self.dropout(scores.masked_fill(scores == -torch.inf, -1e9)), dim=-1)",
            ),
            (
                DROPOUT,
                "",
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
                "x = self.dropout(x)\n        _, tokens, _ = x.shape",
            ),
            (
                DROPOUT,
                "",
            ),
        ),
    ),
    Misconception(
        name="dropout_on_the_output",
        did="You apply dropout to the output.",
        why="A dropped weight takes a token out of a mixture; a dropped output loses a number of every token.",
        hint="To which tensor is the dropout applied?",
        check="test_dropout_acts_on_the_weights",
        met="Frequent, as other layers do just that.",
        edits=(
            (
                DROPOUT,
                "",
            ),
            (
                MIX,
                "return self.dropout(weights @ values)",
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
                "return weights @ self.dropout(values)",
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
                "weights = weights * self.dropout(torch.ones(tokens, tokens, dtype=x.dtype))",
            ),
        ),
    ),
    Misconception(
        name="dropout_of_whole_tokens",
        did="You drop whole columns: a token is lost for all who look at it.",
        why="Each weight is dropped on its own, in each row.",
        hint="What is the shape of the random numbers that you draw?",
        check="test_each_weight_is_dropped_on_its_own",
        edits=(
            (
                DROPOUT,
                "weights = weights * self.dropout(torch.ones(x.shape[0], 1, tokens, dtype=x.dtype))",
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
                "scores = queries @ keys.detach().transpose(1, 2)",
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
                "mixed = weights @ values\n        x.data.zero_()\n        return mixed",
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
                    "_, tokens, _ = x.shape\n"
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
                "_, tokens, _ = x.shape\n        x = x.view(-1).view(x.shape)",
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
                ("_, tokens, _ = x.shape\n        x = x.as_strided(x.shape, (x.shape[1] * x.shape[2], x.shape[2], 1))"),
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
        check="test_parameters_are_the_three_projections",
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
        name="output_squeezed",
        did="You squeeze the output: a batch of one, or a single token, loses its dimension.",
        why="(batch, tokens, d_out) comes out whatever the sizes are; the next module counts on three dimensions.",
        hint="Give your module one text, and one token.",
        check="test_every_batch_and_length_is_taken",
        edits=(
            (
                MIX,
                "return (weights @ values).squeeze()",
            ),
        ),
    ),
    Misconception(
        name="output_in_float32",
        did="You collect the output in float32, whatever the input is.",
        why="After module.double() everything is float64; half of the digits get lost on the way.",
        hint="What dtype does torch.zeros give if it is not told?",
        check="test_every_batch_and_length_is_taken",
        edits=(
            (
                MIX,
                "return (weights @ values).float()",
            ),
        ),
    ),
)
