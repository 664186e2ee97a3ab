import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        rng = np.random.default_rng(self.random_state or None)
        self.w_ = rng.standard_normal(X.shape[1]) * 1e-2
        self.b_ = 0.0
        self.losses_ = [self._epoch(X, y) for _ in range(self.n_iter)]
        return self

    def _epoch(self, X, y):
        errors = y - self.net_input(X)
        self.w_ += self.eta * 2 * np.mean(X.T * errors, axis=1)
        self.b_ += self.eta * 2 * np.mean(errors)
        return np.mean(errors ** 2)

    def net_input(self, X):
        return X @ self.w_ + self.b_

    def predict(self, X):
        return np.where(self.net_input(X) >= 0.5, 1, 0)
