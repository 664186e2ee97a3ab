import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        w = np.random.RandomState(self.random_state).normal(0.0, 0.01, X.shape[1])
        b = 0.0
        tol = 1e-4
        losses = []
        for _ in range(self.n_iter):
            errors = X @ w + b - y
            losses.append(float((errors**2).mean()))
            w = w - self.eta * 2 * X.T @ errors / len(X)
            b = b - self.eta * 2 * errors.mean()
            if len(losses) > 1 and abs(losses[-2] - losses[-1]) < tol:
                break
        self.w_ = w
        self.b_ = b
        self.losses_ = losses
        return self

    def net_input(self, X):
        return X @ self.w_ + self.b_

    def predict(self, X):
        return (self.net_input(X) >= 0.5).astype(int)
