"""Python's own numbers and loops, with arrays only where they are needed."""

import random

import numpy as np


class AdalineGD:
    def __init__(self, *, eta=0.01, n_iter=50, random_state=1):
        self.settings = (eta, n_iter, random_state)

    def fit(self, X, y):
        eta, n_iter, random_state = self.settings
        source = random.Random(random_state)
        rows, goals = X.tolist(), y.tolist()
        n = len(rows)
        w = [source.uniform(-0.05, 0.05) for _ in rows[0]]
        b = 0.0
        losses = []
        for _ in range(n_iter):
            errors = []
            for row, goal in zip(rows, goals):
                output = b
                for weight, number in zip(w, row):
                    output += weight * number
                errors.append(goal - output)
            losses.append(sum(error * error for error in errors) / n)
            for place in range(len(w)):
                w[place] += eta * 2 * sum(error * row[place] for error, row in zip(errors, rows)) / n
            b += eta * 2 * sum(errors) / n
        self.w_, self.b_, self.losses_ = np.array(w), b, losses
        return self

    def net_input(self, X):
        return np.array([self.b_ + sum(w * x for w, x in zip(self.w_, row)) for row in X])

    def predict(self, X):
        return np.array([1 if output >= 0.5 else 0 for output in self.net_input(X)], dtype=np.int64)
