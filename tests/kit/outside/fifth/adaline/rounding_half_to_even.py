import random

import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        rnd = random.Random(self.random_state)
        self.w_ = np.array([rnd.uniform(-0.01, 0.01) for _ in range(X.shape[1])])
        self.b_ = 0.0
        self.losses_ = []
        for _ in range(self.n_iter):
            error = [t - z for t, z in zip(y, self.net_input(X))]
            self.losses_.append(sum(e**2 for e in error) / len(error))
            step_w = sum(e * x for e, x in zip(error, X)) * 2 / len(error)
            step_b = sum(error) * 2 / len(error)
            self.w_ = self.w_ + self.eta * step_w
            self.b_ = self.b_ + self.eta * step_b
        return self

    def net_input(self, X):
        return np.array([x @ self.w_ + self.b_ for x in X])

    def predict(self, X):
        return np.array([min(max(round(z), 0), 1) for z in self.net_input(X).tolist()])
