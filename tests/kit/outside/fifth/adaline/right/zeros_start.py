import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta, self.n_iter, self.random_state = eta, n_iter, random_state

    def fit(self, X, y):
        self.w_, self.b_, self.losses_ = np.zeros(X.shape[1]), 0.0, []
        for _ in range(self.n_iter):
            e = self.net_input(X) - y
            self.losses_.append((e ** 2).mean())
            self.w_, self.b_ = self.w_ - 2 * self.eta * (e[:, None] * X).mean(0), self.b_ - 2 * self.eta * e.mean()
        return self

    def net_input(self, X):
        return X @ self.w_ + self.b_

    def predict(self, X):
        return (self.net_input(X) >= .5) * 1
