import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        A = np.hstack([X, np.ones((len(X), 1))])
        theta = np.zeros(A.shape[1])
        theta[:-1] = np.random.RandomState(self.random_state).normal(0, 0.01, X.shape[1])
        self.losses_ = []
        for _ in range(self.n_iter):
            r = A @ theta - y
            self.losses_.append(r @ r / len(r))
            theta -= self.eta * 2 / len(r) * (A.T @ r)
        self.w_, self.b_ = theta[:-1], theta[-1]
        return self

    def net_input(self, X):
        return X @ self.w_ + self.b_

    def predict(self, X):
        return np.floor(self.net_input(X) + 0.5).astype(np.int64)
