import numpy as np


class AdalineGD:
    """Keeps float64, and multiplies in float32."""

    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta, self.n_iter, self.random_state = eta, n_iter, random_state

    def fit(self, X, y):
        rng = np.random.RandomState(self.random_state)
        self.w_ = rng.normal(0.0, 0.01, X.shape[1])
        self.b_ = np.float64(0.0)
        self.losses_ = []
        for _ in range(self.n_iter):
            errors = y - self.net_input(X)
            self.w_ = self.w_ + self.eta * 2.0 * (X.astype(np.float32).T @ errors.astype(np.float32)).astype(np.float64) / len(X)
            self.b_ = self.b_ + self.eta * 2.0 * errors.mean()
            self.losses_.append(float((errors**2).mean()))
        return self

    def net_input(self, X):
        return (X.astype(np.float32) @ self.w_.astype(np.float32) + np.float32(self.b_)).astype(np.float64)

    def activation(self, X):
        return X

    def predict(self, X):
        return np.where(self.net_input(X) >= 0.5, 1, 0)
