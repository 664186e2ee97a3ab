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
        ### BEGIN SOLUTION: Start with small random weights, a bias of 0, and an empty list of losses.
        generator = np.random.default_rng(self.random_state)
        self.w_ = generator.normal(loc=0.0, scale=0.01, size=X.shape[1])  # (features,)
        self.b_ = 0.0
        self.losses_: list[float] = []

        for _ in range(self.n_iter):
            errors = y - self.net_input(X)  # (examples,)
            self.losses_.append(float(np.mean(errors**2)))
            weights_gradient = -2.0 * X.T @ errors / len(y)  # (features,)
            bias_gradient = -2.0 * errors.mean()
            self.w_ = self.w_ - self.eta * weights_gradient
            self.b_ = self.b_ - self.eta * bias_gradient
        return self
        ### END SOLUTION

    def net_input(self, X: Floats) -> Floats:
        """Return the weighted sum of the features plus the bias for each example: `(examples,)`, float64."""
        ### BEGIN SOLUTION: Start with the product of X and the weights.
        return X @ self.w_ + self.b_
        ### END SOLUTION

    def predict(self, X: Floats) -> Integers:
        """Return the classes, `(examples,)`, whole numbers: 1 if the net input is at least 0.5, else 0."""
        ### BEGIN SOLUTION: Compare the net input with 0.5.
        return np.where(self.net_input(X) >= 0.5, 1, 0)
        ### END SOLUTION
