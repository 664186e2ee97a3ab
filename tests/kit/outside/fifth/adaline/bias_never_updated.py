import numpy as np


def mse(y_true, y_pred):
    return float(((y_true - y_pred) ** 2).mean())


def mse_gradient(X, y_true, y_pred):
    return -2 / len(X) * np.matmul(X.T, y_true - y_pred)


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        self.b_ = 0.0
        self.w_ = np.random.default_rng(self.random_state).uniform(-0.01, 0.01, X.shape[1])
        self.losses_ = []
        for _ in range(self.n_iter):
            y_pred = self.net_input(X)
            self.losses_.append(mse(y, y_pred))
            self.w_ -= self.eta * mse_gradient(X, y, y_pred)
        return self

    def net_input(self, X):
        return np.matmul(X, self.w_) + self.b_

    def predict(self, X):
        return np.array([int(z >= 0.5) for z in self.net_input(X)])
