import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        rng = np.random.default_rng(seed=self.random_state)
        self.w_ = rng.normal(0.0, 0.01, X.shape[1])
        self.b_ = 0.0
        self.losses_ = []
        for _ in range(self.n_iter):
            self.losses_.append(self._loss(X, y))
            self.b_ -= self.eta * self._grad_b(X, y)
            self.w_ -= self.eta * self._grad_w(X, y)
        return self

    def _errors(self, X, y):
        return self.net_input(X) - y

    def _loss(self, X, y):
        return np.mean(self._errors(X, y) ** 2)

    def _grad_w(self, X, y):
        return 2 * X.T @ self._errors(X, y) / X.shape[0]

    def _grad_b(self, X, y):
        return 2 * np.mean(self._errors(X, y))

    def net_input(self, X):
        return X @ self.w_ + self.b_

    def predict(self, X):
        return (self.net_input(X) >= 0.5).astype(np.int64)
