# MISTAKE: The threshold is 0, as for classes -1 and 1; right is 0.5.
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
            step, bias_step, total = [0.0] * len(weights), 0.0, 0.0
            for row, target in zip(X, y):
                error = target - (sum(w * x for w, x in zip(weights, row)) + bias)
                total += error**2
                for place, x in enumerate(row):
                    step[place] += error * x
                bias_step += error
            self.losses_.append(float(total / len(X)))
            weights = [w + 2 * self.eta * s / len(X) for w, s in zip(weights, step)]
            bias = bias + 2 * self.eta * bias_step / len(X)
        self.w_ = np.array(weights, dtype=float)
        self.b_ = float(bias)
        return self

    def net_input(self, X):
        return X.dot(self.w_) + self.b_

    def predict(self, X):
        return np.array([1 if z >= 0 else 0 for z in self.net_input(X)])
