"""A dataclass stores the settings, and einsum does the sums."""

from dataclasses import dataclass

import numpy as np


@dataclass
class AdalineGD:
    eta: float = 0.01
    n_iter: int = 50
    random_state: int = 1

    def fit(self, X, y):
        source = np.random.default_rng(self.random_state)
        self.w_ = source.standard_normal(X.shape[1]) / 100
        self.b_ = source.standard_normal() / 100
        self.losses_ = []
        for _ in range(self.n_iter):
            errors = self.net_input(X) - y
            self.losses_.append(np.einsum("i,i->", errors, errors) / errors.size)
            gradient = np.einsum("i,ij->j", errors, X) / errors.size
            self.w_, self.b_ = self.w_ - 2 * self.eta * gradient, self.b_ - 2 * self.eta * np.average(errors)
        return self

    def net_input(self, X):
        return np.einsum("ij,j->i", X, self.w_) + self.b_

    def predict(self, X):
        classes = np.zeros(len(X), dtype=int)
        classes[self.net_input(X) >= 0.5] = 1
        return classes
