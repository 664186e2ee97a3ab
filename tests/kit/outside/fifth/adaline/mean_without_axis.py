import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        rng = np.random.default_rng(self.random_state)
        self.w_ = rng.normal(0, 0.01, size=X.shape[1])
        self.b_ = 0.0
        self.losses_ = []

        for _ in range(self.n_iter):
            errors = self.net_input(X) - y
            self.losses_.append(np.mean(errors ** 2))

            w_grad = np.mean(2 * errors[:, np.newaxis] * X)
            b_grad = np.mean(2 * errors)

            self.w_ -= self.eta * w_grad
            self.b_ -= self.eta * b_grad

        return self

    def net_input(self, X):
        return np.sum(X * self.w_, axis=1) + self.b_

    def predict(self, X):
        return np.where(self.net_input(X) >= 0.5, 1, 0)
