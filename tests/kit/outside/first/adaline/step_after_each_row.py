# MISTAKE: Weights and bias move after each example; right is one step an epoch from all examples.
import random

import numpy as np


class AdalineGD:
    def __init__(self, eta=0.01, n_iter=50, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        random.seed(self.random_state)
        weights = [random.gauss(0, 0.01) for _ in range(X.shape[1])]
        bias = 0.0
        self.losses_ = []
        for epoch in range(self.n_iter):
            total = 0.0
            for row, target in zip(X, y):
                error = target - (sum(w * x for w, x in zip(weights, row)) + bias)
                total += error**2
                weights = [w + 2 * self.eta * error * x for w, x in zip(weights, row)]
                bias = bias + 2 * self.eta * error
            self.losses_.append(float(total / len(X)))
        self.w_ = np.array(weights, dtype=float)
        self.b_ = float(bias)
        return self

    def net_input(self, X):
        return X.dot(self.w_) + self.b_

    def predict(self, X):
        return np.array([1 if z >= 0.5 else 0 for z in self.net_input(X)])
