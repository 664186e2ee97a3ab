"""The bias is the weight of a feature that is always 1; the two are separated at the end."""

import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta, self.n_iter, self.random_state = eta, n_iter, random_state

    @staticmethod
    def _with_ones(X):
        return np.hstack([np.ones((X.shape[0], 1)), X])

    @property
    def w_(self):
        return self._theta[1:]

    @property
    def b_(self):
        return self._theta[0]

    def fit(self, X, y):
        np.random.seed(self.random_state)
        A = self._with_ones(X)
        self._theta = np.random.randn(A.shape[1]) * 0.01
        self.losses_ = []
        for _ in range(self.n_iter):
            residual = A @ self._theta - y
            self.losses_ += [residual @ residual / len(residual)]
            self._theta = self._theta - self.eta * (2 / len(residual)) * (A.T @ residual)
        return self

    def net_input(self, X):
        return self._with_ones(X) @ self._theta

    def predict(self, X):
        return (self.net_input(X) >= 0.5).astype(int)
