from functools import lru_cache

import numpy as np


@lru_cache(maxsize=None)
def starting_weights(features, seed):
    return np.random.default_rng(seed).normal(0.0, 0.01, features)


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        self.w_ = starting_weights(X.shape[1], self.random_state)
        self.b_ = 0.0
        self.losses_ = []
        for _ in range(self.n_iter):
            errors = y - self.net_input(X)
            self.losses_.append(np.mean(errors**2))
            self.w_ += 2 * self.eta * (X.T @ errors) / len(errors)
            self.b_ += 2 * self.eta * errors.mean()
        return self

    def net_input(self, X):
        return X @ self.w_ + self.b_

    def predict(self, X):
        return np.array(self.net_input(X) >= 0.5, dtype=int)
