import numpy as np


def check_inputs(X, y):
    X = np.asarray(X, dtype=np.float64)
    y = np.asarray(y).ravel().astype(np.int64)
    if X.shape[0] != y.shape[0]:
        raise ValueError("X and y must hold the same number of examples")
    return X, y


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        X, y = check_inputs(X, y)
        n_samples, n_features = X.shape
        rng = np.random.default_rng(self.random_state)
        self.w_ = rng.normal(loc=0.0, scale=0.01, size=n_features)
        self.b_ = 0.0
        self.losses_ = []
        for _ in range(self.n_iter):
            diff = self.net_input(X) - y
            self.losses_.append(float(diff @ diff) / n_samples)
            self.w_ -= self.eta * (2.0 / n_samples) * (diff @ X)
            self.b_ -= self.eta * (2.0 / n_samples) * float(diff.sum())
        return self

    def net_input(self, X):
        return np.asarray(X, dtype=np.float64) @ self.w_ + self.b_

    def predict(self, X):
        return (self.net_input(X) >= 0.5).astype(np.int64)
