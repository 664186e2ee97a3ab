from dataclasses import dataclass

import numpy as np


@dataclass
class AdalineGD:
    eta: float = 0.01
    n_iter: int = 50
    random_state: int = 1

    def fit(self, X, y):
        n = X.shape[0]
        self.w_ = np.random.default_rng(self.random_state).normal(size=X.shape[1]) / 100
        self.b_ = 0.0
        self.losses_ = []
        for _ in range(self.n_iter):
            r = self.net_input(X) - y
            self.losses_.append(np.linalg.norm(r) ** 2 / n)
            self.w_ = self.w_ - 2 * self.eta / n * np.tensordot(r, X, axes=1)
            self.b_ = self.b_ - 2 * self.eta / n * np.sum(r)
        return self

    def net_input(self, X):
        return np.tensordot(X, self.w_, axes=1) + self.b_

    def predict(self, X):
        return (self.net_input(X) > 0.5).astype(np.int64)
