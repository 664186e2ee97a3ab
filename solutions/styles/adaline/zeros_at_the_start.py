"""Starts from zeros, and works with columns."""

import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta, self.n_iter, self.random_state = eta, n_iter, random_state

    def fit(self, X, y):
        self.w_, self.b_, self.losses_ = np.zeros(X.shape[1]), 0.0, []
        y = y.reshape(-1, 1)
        epoch = 0
        while epoch < self.n_iter:
            errors = y - (X @ self.w_[:, np.newaxis] + self.b_)
            self.losses_.append(np.square(errors).mean())
            self.w_ = self.w_ + 2 * self.eta * np.mean(errors * X, axis=0)
            self.b_ = self.b_ + 2 * self.eta * np.mean(errors)
            epoch += 1
        return self

    def net_input(self, X):
        return X.dot(self.w_) + self.b_

    def predict(self, X):
        return np.heaviside(self.net_input(X) - 0.5, 1).astype(np.int64)
