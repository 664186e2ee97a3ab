# MISTAKE: The list of losses is made in the constructor, and grows with every fit; right is to begin it in fit.
import numpy as np


class AdalineGD:
    def __init__(self, *, eta=0.01, n_iter=50, random_state=1):
        self.eta, self.n_iter, self.random_state = eta, n_iter, random_state
        self.losses_ = []

    def _start(self, features):
        self.w_ = np.random.default_rng(self.random_state).uniform(-0.02, 0.02, features)
        self.b_ = 0.0

    def _step(self, X, y):
        residual = self.net_input(X) - y
        n = residual.shape[0]
        self.losses_.append(residual @ residual / n)
        slope_w, slope_b = 2 / n * residual @ X, 2 / n * residual.sum()
        self.w_ = self.w_ - self.eta * slope_w
        self.b_ = self.b_ - self.eta * slope_b

    def fit(self, X, y):
        self._start(X.shape[1])
        for _ in range(self.n_iter):
            self._step(X, y)
        return self

    def net_input(self, X):
        return X @ self.w_ + self.b_

    def predict(self, X):
        return (self.net_input(X) >= 0.5).astype(int)
