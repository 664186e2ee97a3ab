"""Written by a reader of the books: net input, activation and prediction are three methods.

The activation changes nothing. The weights start from NumPy's old random generator, and change in place.
"""

import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.random_state = random_state
        self.n_iter = n_iter
        self.eta = eta

    def predict(self, X):
        return np.where(self.activation(self.net_input(X)) < 0.5, 0, 1)

    def activation(self, z):
        return z

    def net_input(self, X):
        return self.b_ + np.dot(X, self.w_)

    def _epoch(self, X, y):
        missing = y - self.activation(self.net_input(X))
        pace = 2.0 * self.eta / len(missing)
        self.w_ += pace * missing.dot(X)
        self.b_ += pace * missing.sum()
        return np.square(missing).mean()

    def fit(self, X, y):
        old_generator = np.random.RandomState(self.random_state)
        self.b_ = np.float64(0)
        self.w_ = old_generator.normal(scale=0.01, size=X.shape[1])
        self.losses_ = [self._epoch(X, y) for _ in range(self.n_iter)]
        return self
