import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def _gradients(self, X, errors):
        n = len(errors)
        return X.T @ errors / n, errors.sum() / n

    def fit(self, X, y):
        rng = np.random.default_rng(self.random_state)
        self.w_ = 0.01 * rng.standard_normal(X.shape[1])
        self.b_ = 0.0
        self.losses_ = []
        for _ in range(self.n_iter):
            errors = self.net_input(X) - y
            self.losses_.append(float(np.mean(errors**2)))
            dw, db = self._gradients(X, errors)
            self.w_ = self.w_ - self.eta * dw
            self.b_ = self.b_ - self.eta * db
        return self

    def net_input(self, X):
        return X @ self.w_ + self.b_

    def predict(self, X):
        return (self.net_input(X) >= 0.5).astype(int)
