import numpy as np


def with_ones(X):
    return np.column_stack([np.ones(X.shape[0]), X])


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta, self.n_iter, self.random_state = eta, n_iter, random_state

    def fit(self, X, y):
        A = with_ones(X)
        n, k = A.shape
        theta = np.concatenate(([0.0], np.random.default_rng(self.random_state).normal(0, 0.01, k - 1)))
        history = np.empty(self.n_iter)
        for t in range(self.n_iter):
            residual = np.einsum("ij,j->i", A, theta) - y
            history[t] = np.einsum("i,i->", residual, residual) / n
            theta = theta - (2 * self.eta / n) * np.einsum("ij,i->j", A, residual)
        self.w_ = theta[1:].copy()
        self.b_ = float(theta[0])
        self.losses_ = history.tolist()
        return self

    def net_input(self, X):
        return np.einsum("ij,j->i", with_ones(X), np.append(self.b_, self.w_))

    def predict(self, X):
        return np.heaviside(self.net_input(X) - 0.5, 1.0).astype(int)
