import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state
        self.w_ = None
        self.b_ = None
        self.losses_ = []

    def fit(self, X, y):
        n_examples, n_features = X.shape
        self.w_ = np.random.RandomState(self.random_state).uniform(-0.05, 0.05, n_features)
        self.b_ = 0.0
        for _ in range(self.n_iter):
            z = self.net_input(X)
            self.losses_.append(np.sum((y - z) ** 2) / n_examples)
            dz = 2 * (z - y) / n_examples
            self.w_ -= self.eta * np.einsum("nf,n->f", X, dz)
            self.b_ -= self.eta * dz.sum()
        return self

    def net_input(self, X):
        return np.einsum("nf,f->n", X, self.w_) + self.b_

    def predict(self, X):
        return (self.net_input(X) >= 0.5).astype("int64")
