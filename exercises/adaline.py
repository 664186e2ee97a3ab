"""Adaline, the adaptive linear neuron: a weighted sum that learns two classes by gradient descent.

Not in this exercise: shuffling, mini-batches, early stopping, scaling the features, more than two classes.

Book: none; this is a warm-up
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


class AdalineGD:
    """A linear neuron for two classes, trained on the mean squared error of all examples at once.

    After `fit` it has these attributes:
        w_: `(features,)`, float64, the weights.
        b_: one number, the bias.
        losses_: a list with the mean squared error of each epoch, computed before the epoch's update.
    """

    def __init__(self, eta: float = 0.01, n_iter: int = 50, random_state: int = 1) -> None:
        """Store the settings; this part is already written for you.

        Args:
            eta: The learning rate.
            n_iter: Number of epochs, each with one update. With 0, the neuron keeps its starting values.
            random_state: Seed for the small random numbers that the weights start from.
        """
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X: Floats, y: Floats) -> "AdalineGD":
        """Learn from examples, starting over in each call, and return the object itself.

        Args:
            X: `(examples, features)`, float64.
            y: `(examples,)`, the targets: 0 and 1 for two classes, but the rule works for any numbers.
        """
        raise NotImplementedError("Start with small random weights, a bias of 0, and an empty list of losses.")

    def net_input(self, X: Floats) -> Floats:
        """Return the weighted sum of the features plus the bias for each example: `(examples,)`, float64."""
        raise NotImplementedError("Start with the product of X and the weights.")

    def predict(self, X: Floats) -> Integers:
        """Return the classes, `(examples,)`, whole numbers: 1 if the net input is at least 0.5, else 0."""
        raise NotImplementedError("Compare the net input with 0.5.")
