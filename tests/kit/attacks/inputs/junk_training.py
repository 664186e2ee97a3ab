"""Returns another wrong type from each function of the training loop, and leaves model and optimizer as they are."""
# exercise: training_loop
import itertools

import torch

JUNK = itertools.cycle(
    [None, 3, "text", [None], {"a": 1}, [1.0, "b"], float("nan"), [float("inf")], torch.zeros(0), (1, 2, 3), True, ()]
)


def junk(*args, **kwargs):
    return next(JUNK)


calc_loss_batch = calc_loss_loader = evaluate_model = train_model = train_model_simple = generate = junk
generate_text_simple = compute_loss = train = evaluate = junk
