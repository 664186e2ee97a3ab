import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        y = y.reshape(-1, 1)
        W = np.random.default_rng(self.random_state).normal(0, 0.01, (X.shape[1], 1))
        b = 0.0
        self.losses_ = []
        for _ in range(self.n_iter):
            dZ = (X @ W + b) - y
            self.losses_.append(float(np.mean(dZ**2)))
            dW = 2 * X.T @ dZ / X.shape[0]
            db = 2 * float(np.mean(dZ))
            W -= self.eta * dW
            b -= self.eta * db
        self.w_ = W[:, 0]
        self.b_ = b
        return self

    def net_input(self, X):
        Z = X @ self.w_.reshape(-1, 1) + self.b_
        return np.squeeze(Z)

    def predict(self, X):
        return (self.net_input(X) >= 0.5).astype(np.int64)
