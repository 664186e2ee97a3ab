import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        m, n = X.shape
        self.w_ = 0.01 * np.random.RandomState(self.random_state).rand(X.shape[1])
        self.b_ = 0.0
        self.losses_ = []
        for _ in range(self.n_iter):
            y_hat = self.net_input(X)
            self.losses_.append(np.mean((y_hat - y) ** 2))
            dw = (2 / n) * np.dot(X.T, y_hat - y)
            db = (2 / n) * np.sum(y_hat - y)
            self.w_ = self.w_ - self.eta * dw
            self.b_ = self.b_ - self.eta * db
        return self

    def net_input(self, X):
        return np.dot(X, self.w_) + self.b_

    def predict(self, X):
        z = self.net_input(X)
        return np.array([0 if value < 0.5 else 1 for value in z])
