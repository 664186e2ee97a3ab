import numpy as np


class AdalineGD:
    def __init__(self, eta: float = 0.01, n_iter: int = 50, random_state: int = 1) -> None:
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state
        self._rng = np.random.default_rng(random_state)

    def _reset(self, n_features: int) -> None:
        self.w_ = self._rng.normal(0.0, 0.01, n_features)
        self.b_ = 0.0
        self.losses_ = []

    def fit(self, X, y):
        self._reset(X.shape[1])
        for _ in range(self.n_iter):
            delta = self.net_input(X) - y
            self.losses_.append(float(np.mean(delta**2)))
            self._descend(2 * X.T @ delta / len(delta), 2 * delta.mean())
        return self

    def _descend(self, grad_w, grad_b) -> None:
        self.w_ = self.w_ - self.eta * grad_w
        self.b_ = float(self.b_ - self.eta * grad_b)

    def net_input(self, X):
        return X @ self.w_ + self.b_

    def predict(self, X):
        return (self.net_input(X) >= 0.5).astype(np.int64)
