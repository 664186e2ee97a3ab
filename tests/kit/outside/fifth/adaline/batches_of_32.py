import numpy as np

BATCH = 32


class AdalineGD:
    def __init__(self, eta: float = 0.01, n_iter: int = 50, random_state: int = 1) -> None:
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        n, d = X.shape
        self.w_ = np.random.RandomState(self.random_state).randn(d) / 100
        self.b_ = 0.0
        self.losses_ = []
        for _ in range(self.n_iter):
            self.losses_.append(np.square(self.net_input(X) - y).mean())
            for lo in range(0, n, BATCH):
                self._step(X[lo:lo + BATCH], y[lo:lo + BATCH])
        return self

    def _step(self, X, y):
        delta = self.net_input(X) - y
        self.w_ = self.w_ - self.eta * 2 * delta.dot(X) / len(X)
        self.b_ = self.b_ - self.eta * 2 * delta.mean()

    def net_input(self, X):
        return X.dot(self.w_) + self.b_

    def predict(self, X):
        return np.where(self.net_input(X) < 0.5, 0, 1)
