"""The mistakes that people make in `training_loop`."""

from grader.course.mistakes import Misconception

_LOSS = """    return F.cross_entropy(
        logits.flatten(0, 1),  # (batch * tokens, vocab)
        target_batch.flatten(),  # (batch * tokens,)
    )
"""
_LOGITS = "        logits.flatten(0, 1),  # (batch * tokens, vocab)\n"
_ADD = "        total_loss += calc_loss_batch(input_batch, target_batch, model, device).item()\n"
_MEAN = "    return total_loss / num_batches\n"
_COUNT = "num_batches = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))"
_EMPTY = """    if num_batches == 0:
        return float("nan")
"""
_EVALUATE = """    model.eval()
    with torch.no_grad():
"""
_TRAIN_LOSS = "        train_loss = calc_loss_loader(train_loader, model, device, num_batches=eval_iter)\n"
_VAL_LOSS = "        val_loss = calc_loss_loader(val_loader, model, device, num_batches=eval_iter)\n"
_TRAIN_MODE = "        model.train()\n        for input_batch, target_batch in train_loader:\n"
_STEP = """            optimizer.zero_grad()
            loss = calc_loss_batch(input_batch, target_batch, model, device)
            loss.backward()
            optimizer.step()
"""
_TOKENS = "            tokens_seen += input_batch.numel()\n"
_EVALUATION = """            if global_step % eval_freq == 0:
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(train_loss)
                val_losses.append(val_loss)
                track_tokens_seen.append(tokens_seen)
                print(f"Ep {epoch + 1} (step {global_step:06d}): train {train_loss:.3f}, val {val_loss:.3f}")
            global_step += 1
"""
_EPOCHS = "    for epoch in range(num_epochs):\n"

MISCONCEPTIONS = (
    Misconception(
        name="loss_not_averaged",
        did="You return a loss for each token instead of their mean.",
        why="Going backwards starts from one number: the mean over all tokens of the batch.",
        hint="What does the argument `reduction` do?",
        check="test_the_batch_loss_is_a_scalar_tensor",
        edits=((_LOSS, _LOSS.replace("    )\n", '        reduction="none",\n    )\n')),),
    ),
    Misconception(
        name="loss_detached",
        did="The batch loss that you return has lost its graph.",
        why="Without the graph nothing can be learned from it: `backward` has nowhere to go.",
        hint="Which operations give a number or a new tensor that knows nothing of the model?",
        check="test_the_batch_loss_keeps_its_graph",
        met="Comes from adding `.item()` or `.detach()` wherever a loss is printed.",
        edits=((_LOSS, _LOSS.replace("    return F", "    loss = F") + "    return loss.detach().requires_grad_()\n"),),
    ),
    Misconception(
        name="loss_summed",
        did="You add the losses of all tokens instead of taking their mean.",
        why="The step would grow with the size of the batch, and losses of different batches could not be compared.",
        hint="Which loss do you expect of a model that knows nothing, whatever the size of the batch?",
        check="test_knowing_nothing_costs_the_logarithm_of_the_vocabulary",
        edits=((_LOSS, _LOSS.replace("    )\n", '        reduction="sum",\n    )\n')),),
    ),
    Misconception(
        name="loss_in_bits",
        did="You give the loss in bits instead of nats.",
        why="Cross-entropy is meant with the natural logarithm here: perplexity is e to the power of the loss.",
        hint="Which loss do you expect of a model that knows nothing?",
        check="test_knowing_nothing_costs_the_logarithm_of_the_vocabulary",
        edits=((_LOSS, _LOSS.replace("    )\n", "    ) / torch.log(torch.tensor(2.0))\n")),),
    ),
    Misconception(
        name="softmax_before_cross_entropy",
        did="You apply softmax before the cross-entropy, which applies it again.",
        why="Probabilities lie between 0 and 1, so that as logits they are never sure of anything: training crawls.",
        hint="What does `F.cross_entropy` want, logits or probabilities?",
        check="test_a_sure_and_right_model_costs_nothing",
        met="Very common, since it trains all the same, only badly.",
        edits=((_LOGITS, "        logits.flatten(0, 1).softmax(dim=-1),\n"),),
    ),
    Misconception(
        name="targets_shifted_again",
        did="You shift the targets once more.",
        why="The loader has done so already: target_batch holds the token after each input token.",
        hint="Which token should the logits at place 0 be held against: target 0 or target 1?",
        check="test_targets_are_held_against_the_logits_of_their_own_place",
        met="Libraries that take labels equal to the inputs shift inside; this loader does it outside.",
        edits=(
            (_LOGITS, "        logits[:, :-1].flatten(0, 1) if logits.shape[1] > 1 else logits.flatten(0, 1),\n"),
            (
                "        target_batch.flatten(),  # (batch * tokens,)\n",
                "        (target_batch[:, 1:] if logits.shape[1] > 1 else target_batch).flatten(),\n",
            ),
        ),
    ),
    Misconception(
        name="tokens_and_texts_mixed",
        did="You join batch and tokens in another order for the logits than for the targets.",
        why="Each target has to meet the logits of its own place; otherwise the model learns noise.",
        hint="In which order do `flatten` and `reshape` read the dimensions, and did you transpose before?",
        check="test_targets_are_held_against_the_logits_of_their_own_place",
        met="Invisible with a batch of one text.",
        edits=((_LOGITS, "        logits.transpose(0, 1).flatten(0, 1),\n"),),
    ),
    Misconception(
        name="last_token_only",
        did="You hold only the last token of each text against its target.",
        why="Every place makes a prediction, and every one of them counts.",
        hint="How many predictions does a batch of 2 texts with 4 tokens make?",
        check="test_every_token_of_every_text_counts",
        met="From chapter 6, where a text is classified by its last token.",
        edits=(
            (_LOGITS, "        logits[:, -1],\n"),
            ("        target_batch.flatten(),  # (batch * tokens,)\n", "        target_batch[:, -1],\n"),
        ),
    ),
    Misconception(
        name="first_text_only",
        did="You look at the first text of the batch only.",
        why="All texts of a batch count.",
        hint="What does an index [0] leave of a batch?",
        check="test_every_token_of_every_text_counts",
        met="Passes every trial with a batch of one.",
        edits=(
            (_LOGITS, "        logits[0],\n"),
            ("        target_batch.flatten(),  # (batch * tokens,)\n", "        target_batch[0],\n"),
        ),
    ),
    Misconception(
        name="padding_id_ignored",
        did="You leave out the targets with the id 0.",
        why="Here 0 is a token like any other.",
        hint="Which targets does `ignore_index` leave out?",
        check="test_every_token_of_every_text_counts",
        met="From models in which 0 is the padding.",
        edits=((_LOSS, _LOSS.replace("    )\n", "        ignore_index=0,\n    )\n")),),
    ),
    Misconception(
        name="loader_loss_is_a_tensor",
        did="You add up loss tensors and return a tensor.",
        why="Each holds on to the graph of its batch, and the memory fills up.",
        hint="What makes a Python number of a tensor with one element?",
        check="test_the_loader_loss_is_a_float",
        edits=((_ADD, _ADD.replace(".item()", "")),),
    ),
    Misconception(
        name="losses_not_divided",
        did="You return the sum of the batch losses.",
        why="A mean can be compared between loaders of different lengths, a sum can not.",
        hint="What should three batches with equal losses give?",
        check="test_the_loader_loss_is_the_mean_of_the_batch_losses",
        edits=((_MEAN, "    return total_loss\n"),),
    ),
    Misconception(
        name="mean_over_tokens",
        did="You weigh each batch with its number of tokens.",
        why="The mean over batches is asked for, in which a small batch counts as much as a large one.",
        hint="Take a batch of 4 tokens with loss 1 and one of 1 token with loss 3: 2 is due.",
        check="test_the_loader_loss_is_the_mean_of_the_batch_losses",
        met="Good practice elsewhere; visible only where the last batch is smaller.",
        edits=(
            ("    total_loss = 0.0\n", "    total_loss, total_tokens = 0.0, 0\n"),
            (
                _ADD,
                _ADD.replace(".item()", ".item() * input_batch.numel()")
                + "        total_tokens += input_batch.numel()\n",
            ),
            (_MEAN, "    return total_loss / total_tokens\n"),
        ),
    ),
    Misconception(
        name="last_batch_loss",
        did="You return the loss of the last batch.",
        why="One batch is a chance result; the mean is asked for.",
        hint="Is it = or += ?",
        check="test_the_loader_loss_is_the_mean_of_the_batch_losses",
        edits=((_ADD, _ADD.replace("+=", "=")), (_MEAN, "    return total_loss\n")),
    ),
    Misconception(
        name="num_batches_ignored",
        did="You go through the whole loader, whatever `num_batches` says.",
        why="An evaluation with few batches takes seconds, one with all of them perhaps an hour.",
        hint="What ends your loop?",
        check="test_num_batches_takes_the_first_ones",
        edits=((_COUNT, "num_batches = len(data_loader)"),),
    ),
    Misconception(
        name="one_batch_too_many",
        did="You take one batch more than asked for.",
        why="The book's loop breaks at the batch with the number num_batches, before using it.",
        hint="Is it i < num_batches or i <= num_batches, when counting from 0?",
        check="test_num_batches_takes_the_first_ones",
        edits=(("islice(data_loader, num_batches)", "islice(data_loader, num_batches + 1)"),),
    ),
    Misconception(
        name="divided_by_the_number_asked_for",
        did="You divide by `num_batches` also where the loader has fewer.",
        why="The mean is over the batches that there are.",
        hint="With 2 batches and num_batches=5, by what do you divide?",
        check="test_num_batches_may_be_more_than_there_are",
        edits=(
            (_COUNT, "num_batches = len(data_loader) if num_batches is None else num_batches"),
            (_EMPTY, _EMPTY.replace("num_batches == 0", "len(data_loader) == 0")),
        ),
    ),
    Misconception(
        name="empty_loader_divides_by_zero",
        did="An empty loader ends in a division by zero.",
        why="It has no mean; `nan` says so without ending the training.",
        hint="What should happen when there is no batch at all?",
        check="test_an_empty_loader_gives_nan",
        edits=((_EMPTY, ""),),
    ),
    Misconception(
        name="empty_loader_gives_zero",
        did="An empty loader gives a loss of 0.",
        why="Zero is a perfect loss, and would look like one; `nan` says that there is none.",
        hint="What is the mean of no numbers?",
        check="test_an_empty_loader_gives_nan",
        edits=((_EMPTY, _EMPTY.replace('float("nan")', "0.0")),),
    ),
    Misconception(
        name="empty_loader_with_a_number",
        did="You notice an empty loader only where `num_batches` is None.",
        why="An empty loader has no mean, however many batches are asked for.",
        hint="Follow your code with an empty loader and num_batches=2.",
        check="test_an_empty_loader_gives_nan_for_any_num_batches",
        edits=(
            (
                _EMPTY,
                "    if num_batches is None and not len(data_loader):\n        return float('nan')\n",
            ),
            (
                "    num_batches = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))\n",
                "",
            ),
            (
                "    total_loss = 0.0\n",
                "    num_batches = min(num_batches or len(data_loader), len(data_loader))\n    total_loss = 0.0\n",
            ),
        ),
    ),
    Misconception(
        name="whole_loader_run",
        did="You run the model on the whole loader and then use the first losses only.",
        why="The result is right, but an evaluation is to be quick: that is what `num_batches` is for.",
        hint="How often is your model called with num_batches=1?",
        check="test_no_more_batches_are_run_than_asked_for",
        edits=(
            (
                "islice(data_loader, num_batches)",
                "list((x, y) for x, y in data_loader if model(x) is not None)[:num_batches]",
            ),
        ),
    ),
    Misconception(
        name="evaluation_in_training_mode",
        did="You evaluate in training mode.",
        why="Dropout is at work then, and the same model gets another loss each time.",
        hint="Which two modes does a module have, and what do they change?",
        check="test_evaluation_is_in_eval_mode",
        met="`torch.no_grad()` does not switch dropout off.",
        edits=(("    model.eval()\n", ""),),
    ),
    Misconception(
        name="validation_in_training_mode",
        did="You switch back to training mode before the validation loss.",
        why="Both losses are to be measured in eval mode, or they cannot be compared.",
        hint="In which order do you measure and switch?",
        check="test_evaluation_is_in_eval_mode",
        edits=((_VAL_LOSS + "    model.train()\n", "        model.train()\n" + _VAL_LOSS),),
    ),
    Misconception(
        name="evaluation_with_gradients",
        did="You evaluate with gradients switched on.",
        why="Each forward pass then keeps its graph, which costs time and memory for nothing.",
        hint="`model.eval()` does not switch gradients off. What does?",
        check="test_evaluation_is_without_gradients",
        met="Common: the numbers are right all the same.",
        edits=((_EVALUATE, "    model.eval()\n    if True:\n"),),
    ),
    Misconception(
        name="eval_mode_left_on",
        did="You do not switch back to training mode after the evaluation.",
        why="From the first evaluation on, dropout is off, and nothing complains.",
        hint="Which mode is the model in when your function returns?",
        check="test_evaluation_leaves_the_model_in_training_mode",
        edits=(("    model.train()\n    return train_loss, val_loss\n", "    return train_loss, val_loss\n"),),
    ),
    Misconception(
        name="former_mode_restored",
        did="After the evaluation you restore the mode that the model came in.",
        why="That is polite, but the promise is another: training mode afterwards, always.",
        hint="In which mode is the model afterwards, if it came in eval mode?",
        check="test_evaluation_leaves_the_model_in_training_mode",
        edits=(
            (_EVALUATE, "    was_training = model.training\n" + _EVALUATE),
            ("    model.train()\n    return train_loss", "    model.train(was_training)\n    return train_loss"),
        ),
    ),
    Misconception(
        name="evaluation_trains",
        did="Your evaluation changes the weights.",
        why="What is measured must not be changed by measuring; validation texts above all must never be learned.",
        hint="Is there a backward pass or a change of parameters in your evaluation?",
        check="test_evaluation_leaves_the_weights_alone",
        edits=(
            (
                _VAL_LOSS,
                _VAL_LOSS + "        for parameter in model.parameters():\n            parameter.mul_(0.99)\n",
            ),
        ),
    ),
    Misconception(
        name="evaluation_gives_tensors",
        did="Your evaluation returns tensors.",
        why="They cannot be plotted or saved as they are.",
        hint="What makes a Python number of a tensor?",
        check="test_evaluation_returns_two_floats",
        edits=(
            (
                "    model.train()\n    return train_loss, val_loss\n",
                "    model.train()\n    return torch.tensor(train_loss), torch.tensor(val_loss)\n",
            ),
        ),
    ),
    Misconception(
        name="losses_swapped",
        did="You return the validation loss first.",
        why="The order is training loss, validation loss.",
        hint="Compare the last line of your function with the contract.",
        check="test_evaluation_gives_the_training_loss_first",
        edits=(("    return train_loss, val_loss\n", "    return val_loss, train_loss\n"),),
    ),
    Misconception(
        name="training_loader_twice",
        did="Both losses come from the training loader.",
        why="The validation loss is about texts that the model was not trained on.",
        hint="Compare the two lines.",
        check="test_evaluation_gives_the_training_loss_first",
        met="Copy and paste.",
        edits=((_VAL_LOSS, _VAL_LOSS.replace("val_loader", "train_loader")),),
    ),
    Misconception(
        name="eval_iter_for_one_loader_only",
        did="You evaluate over the whole validation loader.",
        why="`eval_iter` says how many batches of each loader are looked at.",
        hint="Compare the two lines.",
        check="test_evaluation_is_over_eval_iter_batches",
        edits=((_VAL_LOSS, _VAL_LOSS.replace(", num_batches=eval_iter", "")),),
    ),
    Misconception(
        name="batch_losses_noted_as_tensors",
        did="Your lists hold tensors.",
        why="They cannot be plotted or saved as they are, and keep what they were made from in memory.",
        hint="What makes a Python number of a tensor?",
        check="test_training_returns_three_lists",
        edits=(("train_losses.append(train_loss)", "train_losses.append(torch.tensor(train_loss))"),),
    ),
    Misconception(
        name="two_steps_a_batch",
        did="The optimizer steps twice for a batch.",
        why="One step a batch: the second goes on in the direction that was right before the first.",
        hint="How often is `step` called in your loop?",
        check="test_there_is_one_step_a_batch",
        edits=((_STEP, _STEP + "            optimizer.step()\n"),),
    ),
    Misconception(
        name="one_step_an_epoch",
        did="The optimizer steps once an epoch.",
        why="One step a batch is asked for; collecting gradients over an epoch is another algorithm.",
        hint="How far is the line with `step` indented?",
        check="test_there_is_one_step_a_batch",
        edits=(
            (_STEP, _STEP.replace("            optimizer.step()\n", "")),
            ("            global_step += 1\n", "            global_step += 1\n        optimizer.step()\n"),
        ),
    ),
    Misconception(
        name="last_batch_dropped",
        did="You leave out the last batch of an epoch.",
        why="All batches of the loader are trained on, the last and perhaps smaller one too.",
        hint="How many steps does an epoch of three batches have?",
        check="test_there_is_one_step_a_batch",
        edits=(
            (
                _TRAIN_MODE,
                _TRAIN_MODE.replace("in train_loader", "in islice(train_loader, max(1, len(train_loader) - 1))"),
            ),
        ),
    ),
    Misconception(
        name="training_mode_not_set",
        did="You never switch to training mode yourself.",
        why="A model that comes in eval mode, from a test for example, would make its first step without dropout.",
        hint="In which mode is a model that was evaluated just before?",
        check="test_the_first_step_is_in_training_mode",
        met="Unseen as long as every model comes fresh from its constructor.",
        edits=((_TRAIN_MODE, "        for input_batch, target_batch in train_loader:\n"),),
    ),
    Misconception(
        name="eval_mode_before_the_step",
        did="Within an epoch your model stays in eval mode after an evaluation.",
        why="The steps after it are made without dropout.",
        hint="Where in the loops do you switch to training mode, and what does the evaluation leave behind?",
        check="test_steps_after_an_evaluation_are_in_training_mode",
        edits=(
            (
                "                train_losses.append(train_loss)\n",
                "                model.eval()  # for a sample text\n                train_losses.append(train_loss)\n",
            ),
        ),
    ),
    Misconception(
        name="gradients_cleared_before_the_step",
        did="You clear the gradients between `backward` and `step`.",
        why="The step then has nothing to go by, and no weight changes.",
        hint="In which order do clearing, backward and step follow each other?",
        check="test_each_step_has_the_gradients_of_its_batch",
        edits=(
            (
                _STEP,
                _STEP.replace("            optimizer.zero_grad()\n", "").replace(
                    "            optimizer.step()", "            optimizer.zero_grad()\n            optimizer.step()"
                ),
            ),
        ),
    ),
    Misconception(
        name="gradients_clipped",
        did="You clip the gradients.",
        why="Clipping is a good idea for large models, but here the gradients are to be those of the loss.",
        hint="Is anything done to the gradients between `backward` and `step`?",
        check="test_each_step_has_the_gradients_of_its_batch",
        met="From appendix D of the book.",
        edits=(
            (
                "            loss.backward()\n",
                "            loss.backward()\n            nn.utils.clip_grad_norm_(model.parameters(), 0.1)\n",
            ),
        ),
    ),
    Misconception(
        name="gradients_not_cleared",
        did="You never clear the gradients.",
        why="PyTorch adds each new gradient to the old ones, so that every step follows all batches ever seen.",
        hint="What is in `.grad` before the second `backward`?",
        check="test_gradients_are_fresh_at_each_step",
        met="The classic. The first step shows nothing.",
        edits=(("            optimizer.zero_grad()\n", ""),),
    ),
    Misconception(
        name="gradients_cleared_once_an_epoch",
        did="You clear the gradients once an epoch.",
        why="Within the epoch they pile up.",
        hint="How far is the line indented that clears them?",
        check="test_gradients_are_fresh_at_each_step",
        edits=(
            ("            optimizer.zero_grad()\n", ""),
            (_TRAIN_MODE, "        optimizer.zero_grad()\n" + _TRAIN_MODE),
        ),
    ),
    Misconception(
        name="steps_counted_from_one",
        did="You count the steps from 1.",
        why="The first step is number 0, so that there is an evaluation right after it.",
        hint="After which steps does your loop evaluate with eval_freq=3?",
        check="test_evaluations_come_every_eval_freq_steps",
        edits=(("    global_step = 0\n", "    global_step = 1\n"),),
    ),
    Misconception(
        name="steps_counted_within_an_epoch",
        did="You count the steps anew in each epoch.",
        why="The count goes on through all epochs.",
        hint="Where is the counter set to 0?",
        check="test_evaluations_come_every_eval_freq_steps",
        edits=((_EPOCHS, _EPOCHS + "        global_step = 0\n"),),
    ),
    Misconception(
        name="evaluation_once_an_epoch",
        did="You evaluate at the end of each epoch.",
        why="`eval_freq` counts steps.",
        hint="What does `eval_freq` count?",
        check="test_evaluations_come_every_eval_freq_steps",
        met="How most other loops do it.",
        edits=(
            (
                "            if global_step % eval_freq == 0:",
                "            if (global_step + 1) % len(train_loader) == 0:",
            ),
        ),
    ),
    Misconception(
        name="texts_counted_as_tokens",
        did="You count texts instead of tokens.",
        why="Tokens seen is the measure by which trainings of different batch sizes can be compared.",
        hint="What are the dimensions of `input_batch`?",
        check="test_tokens_seen_count_the_input_tokens_of_all_steps",
        edits=((_TOKENS, "            tokens_seen += len(input_batch)\n"),),
    ),
    Misconception(
        name="tokens_of_one_text",
        did="You count the tokens of one text of each batch.",
        why="All texts of a batch are seen.",
        hint="What are the dimensions of `input_batch`?",
        check="test_tokens_seen_count_the_input_tokens_of_all_steps",
        edits=((_TOKENS, "            tokens_seen += input_batch.shape[1]\n"),),
    ),
    Misconception(
        name="first_batch_size_for_all",
        did="You multiply the number of steps by the size of one batch.",
        why="Batches can be of different sizes, the last one above all.",
        hint="What if the last batch is smaller?",
        check="test_tokens_seen_count_the_input_tokens_of_all_steps",
        edits=((_TOKENS, "            tokens_seen = (global_step + 1) * input_batch.numel()\n"),),
    ),
    Misconception(
        name="tokens_counted_anew_in_each_epoch",
        did="You count the tokens anew in each epoch.",
        why="The count goes on through all epochs.",
        hint="Where is the counter set to 0?",
        check="test_tokens_seen_count_the_input_tokens_of_all_steps",
        edits=((_EPOCHS, _EPOCHS + "        tokens_seen = 0\n"),),
    ),
    Misconception(
        name="tokens_counted_after_the_evaluation",
        did="You count a batch's tokens after the evaluation that follows its step.",
        why="The step was made on them: they have been seen.",
        hint="Which number is noted after the very first step?",
        check="test_tokens_seen_count_the_input_tokens_of_all_steps",
        edits=((_TOKENS, ""), ("            global_step += 1\n", "            global_step += 1\n" + _TOKENS)),
    ),
    Misconception(
        name="evaluation_before_the_step",
        did="You evaluate before the step.",
        why="The first entry is to show the model after its first step.",
        hint="In which order do step and evaluation follow each other?",
        check="test_the_losses_are_taken_after_the_step",
        edits=((_STEP + _TOKENS + "\n" + _EVALUATION, _TOKENS + _EVALUATION + _STEP),),
    ),
    Misconception(
        name="batch_loss_noted",
        did="You note the loss of the batch on which the step was made as the training loss.",
        why="It was taken before the step, in training mode and on one batch; the two curves could not be compared.",
        hint="Where does the training loss come from that you append?",
        check="test_the_losses_are_taken_after_the_step",
        met="What most progress bars show.",
        edits=(("train_losses.append(train_loss)", "train_losses.append(loss.item())"),),
    ),
    Misconception(
        name="lists_in_another_order",
        did="You append the validation loss to the first list.",
        why="The first list is that of the training losses.",
        hint="Compare the lines that append with the line that returns.",
        check="test_the_losses_are_taken_after_the_step",
        edits=(
            ("train_losses.append(train_loss)", "train_losses.append(val_loss)"),
            ("val_losses.append(val_loss)", "val_losses.append(train_loss)"),
        ),
    ),
    Misconception(
        name="lists_kept_between_trainings",
        did="Your lists outlive the training.",
        why="A second training would begin with the first one's losses.",
        hint="Where are the lists made: in the function, or outside of it?",
        check="test_a_second_training_repeats_the_first",
        met="In notebooks, where lists and counters easily end up in a cell of their own.",
        edits=(
            ("    tokens_seen = 0\n", "    track_tokens_seen = _LISTS\n    tokens_seen = len(_LISTS) and _LISTS[-1]\n"),
            ("Device = torch.device | str\n", "Device = torch.device | str\n_LISTS: list[int] = []\n"),
        ),
    ),
    Misconception(
        name="divided_by_the_whole_loader",
        did="You divide by the length of the loader, also where you looked at fewer batches.",
        why="The mean is over the batches that were looked at.",
        hint="With 4 batches and num_batches=2, by what do you divide?",
        check="test_num_batches_takes_the_first_ones",
        edits=((_MEAN, "    return total_loss / len(data_loader)\n"),),
    ),
    Misconception(
        name="one_iterator_for_all_epochs",
        did="You begin to go through the loader once, before the epochs.",
        why="An iterator is empty after one pass: from the second epoch on nothing is learned.",
        hint="How many batches does your second epoch see?",
        check="test_there_is_one_step_a_batch",
        edits=(
            (_EPOCHS, "    batches = iter(train_loader)\n" + _EPOCHS),
            (_TRAIN_MODE, _TRAIN_MODE.replace("in train_loader", "in batches")),
        ),
    ),
    Misconception(
        name="shifted_within_the_batch",
        did="You hold the logits of all tokens but the last against the targets of all but the first.",
        why="The loader has shifted the targets already: the target at place i belongs to the logits at place i.",
        hint="Which token is the target of the first input token?",
        check="test_knowing_nothing_costs_the_logarithm_of_the_vocabulary",
        met="Models of other libraries shift by themselves, and are given the inputs as labels.",
        edits=(
            (
                _LOSS,
                _LOSS.replace("logits.flatten", "logits[:, :-1].flatten").replace(
                    "target_batch.flatten", "target_batch[:, 1:].flatten"
                ),
            ),
        ),
    ),
)
