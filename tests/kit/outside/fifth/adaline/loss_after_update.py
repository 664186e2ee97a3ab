import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        np_rng = np.random.default_rng(self.random_state)
        self.w_ = np_rng.normal(scale=0.01, size=(X.shape[1],))
        self.b_ = 0.0
        self.losses_ = []
        for _ in range(self.n_iter):
            self.train_step(X, y)
            self.losses_.append(self.mse(X, y))
        return self

    def train_step(self, X, y):
        out = self.net_input(X)
        grad_out = 2.0 * (out - y) / y.shape[0]
        self.w_ -= self.eta * (grad_out @ X)
        self.b_ -= self.eta * grad_out.sum()

    def mse(self, X, y):
        return ((self.net_input(X) - y) ** 2).mean()

    def net_input(self, X):
        return X @ self.w_ + self.b_

    def predict(self, X):
        return (self.net_input(X) >= 0.5).astype(int)
