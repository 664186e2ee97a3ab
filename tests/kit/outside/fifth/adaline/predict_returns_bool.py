import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta, self.n_iter, self.random_state = eta, n_iter, random_state

    def fit(self, X, y):
        m = len(y)
        self.w_ = np.random.default_rng(self.random_state).normal(scale=0.01, size=X.shape[1])
        self.b_ = 0.0
        self.losses_ = []
        for _ in range(self.n_iter):
            e = y - self.net_input(X)
            self.losses_ += [e @ e / m]
            self.w_ = self.w_ + 2 * self.eta / m * (e @ X)
            self.b_ = self.b_ + 2 * self.eta / m * e.sum()
        return self

    def net_input(self, X):
        return X @ self.w_ + self.b_

    def predict(self, X):
        return self.net_input(X) >= 0.5
