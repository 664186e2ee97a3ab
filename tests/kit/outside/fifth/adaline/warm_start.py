import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        if not hasattr(self, "w_"):
            rng = np.random.RandomState(self.random_state)
            self.w_ = rng.normal(0, 0.01, X.shape[1])
            self.b_ = 0.0
        self.losses_ = []
        for _ in range(self.n_iter):
            err = y - self.net_input(X)
            self.losses_.append((err**2).mean())
            self.w_ = self.w_ + self.eta * 2 * np.dot(err, X) / len(err)
            self.b_ = self.b_ + self.eta * 2 * err.mean()
        return self

    def net_input(self, X):
        return np.dot(X, self.w_) + self.b_

    def predict(self, X):
        return np.where(self.net_input(X) >= 0.5, 1, 0)
